//! The evidence as a picture: an HTML page that needs nothing else.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

use crate::evidence::Evidence;
use crate::explain::{explain, span};
use crate::model::Model;

/// How many calls the picture shows before the one that cannot be placed.
const BEFORE: usize = 40;

/// How many calls it shows after that one.
const AFTER: usize = 8;

/// Scrolls the picture to the call that cannot be placed.
const SHOW_STUCK: &str = "<script>document.querySelector('.grid .stuck')\
    .scrollIntoView({ inline: 'center', block: 'nearest' })</script>\n";

/// Something else that happened during the history, such as a crash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// When it happened, on the clock of the history.
    pub at: u64,
    /// What happened.
    pub text: String,
}

/// Draws the calls around the one that cannot be placed, each as a bar in the row of its client. Numbers
/// and marks show the longest legal order; notes stand above. Time runs to the right, but not to scale:
/// a column is as wide as its text.
pub fn page<M: Model>(evidence: &Evidence<'_, M>, notes: &[Note]) -> String {
    let window = Window::around(evidence, notes);
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n<h1>{title}</h1>\n<pre>{words}</pre>\n",
        title = escape(&format!("Key {:?} is not linearizable", evidence.key)),
        words = escape(&explain(evidence)),
        STYLE = include_str!("page.css"),
    );
    window.draw(&mut html);
    window.list_order(&mut html);
    window.list_notes(&mut html);
    html
}

/// The part of the history that is drawn.
struct Window<'a, M: Model> {
    evidence: &'a Evidence<'a, M>,
    /// The calls that are shown, as indexes into the evidence's.
    shown: Vec<usize>,
    notes: Vec<&'a Note>,
    /// The column of each begin and each end of a call.
    columns: BTreeMap<(u64, Edge), usize>,
    /// The row of each client.
    rows: BTreeMap<usize, usize>,
    /// The place of each call in the legal order, from 1.
    ranks: HashMap<usize, usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Edge {
    Begin,
    End,
}

impl<'a, M: Model> Window<'a, M> {
    fn around(evidence: &'a Evidence<'a, M>, notes: &'a [Note]) -> Self {
        let calls = &evidence.calls;
        let until = calls[evidence.stuck].returned.unwrap_or(u64::MAX);
        // Calls that began later cannot have caused the trouble: a few are shown to look ahead.
        let (before, after): (Vec<usize>, Vec<usize>) =
            (0..calls.len()).partition(|call| calls[*call].called <= until);
        let needed = |call: &usize| *call == evidence.stuck || evidence.in_flight.contains(call);
        let (mut shown, mut others): (Vec<usize>, Vec<usize>) =
            before.into_iter().partition(needed);
        others.sort_by_key(|call| calls[*call].returned);
        shown.extend(others.iter().rev().take(BEFORE));
        shown.extend(after.iter().take(AFTER));
        shown.sort_unstable();

        let from = shown.iter().map(|call| calls[*call].called).min().unwrap_or(0);
        let to = shown.iter().filter_map(|call| calls[*call].returned).max().unwrap_or(u64::MAX);
        let notes: Vec<&Note> =
            notes.iter().filter(|note| (from..=to).contains(&note.at)).collect();

        let mut columns = BTreeMap::new();
        for call in shown.iter().map(|call| calls[*call]) {
            columns.insert((call.called, Edge::Begin), 0);
            columns.extend(call.returned.map(|returned| ((returned, Edge::End), 0)));
        }
        columns.extend(notes.iter().map(|note| ((note.at, Edge::Begin), 0)));
        columns.values_mut().zip(2..).for_each(|(column, number)| *column = number);
        let mut rows: BTreeMap<usize, usize> =
            shown.iter().map(|call| (calls[*call].client, 0)).collect();
        rows.values_mut().zip(2..).for_each(|(row, number)| *row = number);
        let ranks = evidence.order.iter().zip(1..).map(|(call, rank)| (*call, rank)).collect();
        Window { evidence, shown, notes, columns, rows, ranks }
    }

    fn draw(&self, html: &mut String) {
        let last = self.columns.len() + 2;
        let _ = write!(
            html,
            "<h2>The calls</h2>\n<p>{} of {} calls of the key. <b class=\"placed\">Numbered</b>: a legal \
             order; the marks show when. <b class=\"stuck\">Red</b>: cannot come next. \
             <b class=\"open\">Grey</b>: not placed yet. ▼: another event, listed below. \
             Time runs to the right, not to scale.\n\
             <div class=\"scroll\"><div class=\"grid\">\n",
            self.shown.len(),
            self.evidence.calls.len()
        );
        for note in &self.notes {
            let column = self.columns[&(note.at, Edge::Begin)];
            let text = escape(&note.text);
            let _ = writeln!(html, "<i style=\"grid-area:1/{column}\" title=\"{text}\">▼</i>");
        }
        for (client, row) in &self.rows {
            let _ = writeln!(html, "<b style=\"grid-area:{row}/1\">client {client}</b>");
        }
        for call in &self.shown {
            self.draw_call(html, *call, last);
        }
        self.draw_marks(html);
        html.push_str("</div></div>\n");
        html.push_str(SHOW_STUCK);
    }

    fn draw_call(&self, html: &mut String, index: usize, last: usize) {
        let call = self.evidence.calls[index];
        let from = self.columns[&(call.called, Edge::Begin)];
        let to = call.returned.map_or(last, |returned| self.columns[&(returned, Edge::End)] + 1);
        let (class, rank) = match self.ranks.get(&index) {
            _ if index == self.evidence.stuck => ("stuck", String::new()),
            Some(rank) => ("placed", format!("<sup>{rank}</sup> ")),
            None => ("open", String::new()),
        };
        let _ = writeln!(
            html,
            "<div class=\"{class}\" style=\"grid-area:{}/{from}/auto/{to}\" title=\"{}\"><span>{rank}{}</span></div>",
            self.rows[&call.client],
            escape(&format!("client {}, {}", call.client, span(call))),
            escape(&call.operation.describe()),
        );
    }

    /// Marks when each call of the order can have happened: as early as the calls before it allow.
    fn draw_marks(&self, html: &mut String) {
        let mut column = 0;
        for index in &self.evidence.order {
            let call = self.evidence.calls[*index];
            let Some(begin) = self.columns.get(&(call.called, Edge::Begin)) else {
                continue;
            };
            column = column.max(*begin);
            if self.shown.contains(index) {
                let row = self.rows[&call.client];
                let _ = writeln!(html, "<u style=\"grid-area:{row}/{column}\"></u>");
            }
        }
    }

    fn list_order(&self, html: &mut String) {
        html.push_str("<h2>The order</h2>\n");
        let calls = &self.evidence.calls;
        let order = &self.evidence.order;
        let skipped = order.len().saturating_sub(BEFORE);
        let mut value = M::Value::default();
        for call in &order[..skipped] {
            calls[*call].operation.apply(&mut value);
        }
        html.push_str("<table><tr><th><th>client<th>time<th>call<th>value then\n");
        if skipped > 0 {
            let text = escape(&M::describe_value(&value));
            let _ = writeln!(html, "<tr><td>1-{skipped}<td><td><td>not shown<td>{text}");
        }
        for (rank, index) in order.iter().enumerate().skip(skipped) {
            let call = calls[*index];
            call.operation.apply(&mut value);
            let _ = writeln!(
                html,
                "<tr><td>{}<td>{}<td>{}<td>{}<td>{}",
                rank + 1,
                call.client,
                span(call),
                escape(&call.operation.describe()),
                escape(&M::describe_value(&value))
            );
        }
        let call = calls[self.evidence.stuck];
        let _ = writeln!(
            html,
            "<tr class=\"stuck\"><td>?<td>{}<td>{}<td>{}<td>\n</table>",
            call.client,
            span(call),
            escape(&call.operation.describe()),
        );
    }

    fn list_notes(&self, html: &mut String) {
        if self.notes.is_empty() {
            return;
        }
        html.push_str("<h2>Other events</h2>\n<table>\n");
        for note in &self.notes {
            let seconds = note.at as f64 / 1e9;
            let _ = writeln!(html, "<tr><td>{seconds:.4}s<td>{}", escape(&note.text));
        }
        html.push_str("</table>\n");
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            _ => escaped.push(char),
        }
    }
    escaped
}
