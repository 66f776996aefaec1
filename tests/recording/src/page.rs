//! The page that shows a recording.

mod extract;
mod script;
#[cfg(test)]
mod style;
mod text;

use std::fmt::Write;

use serde::Serialize;

use self::extract::{Extract, Gap, Most, extract};
use self::text::escape;
use crate::event::{Event, Happening};
use crate::recording::Recording;

const TEMPLATE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");

/// The largest page of calls within a page, in bytes.
const LARGEST_TIMELINE: usize = 1 << 20;

/// How many events a page shows. A browser scrolls through so many without a stutter.
const MOST_EVENTS: usize = 100_000;

/// How many bytes of texts a page holds before all long texts are cut shorter.
const MOST_TEXT: usize = 48 << 20;

/// Makes one HTML file that shows the recording and needs nothing else: time runs down, each server has a
/// lane, each message is an arrow, and it opens at the failure.
///
/// Of a longer recording it shows 100,000 events, the first and those up to the failure, and of a text the first
/// 10,000 characters; each time it says what is left out. Texts are shown as they are, whatever markup is
/// in them, and signs that cannot be seen are written as `\u{202e}`.
pub fn page(recording: &Recording) -> String {
    page_of(recording, Most { events: MOST_EVENTS, texts: MOST_TEXT })
}

/// Like [`page`], but not larger than `size` bytes: texts are cut shorter, and then fewer events are shown. Only if the
/// last event alone takes more, so does the page.
pub fn page_within(recording: &Recording, size: usize) -> String {
    let mut most = Most { events: MOST_EVENTS, texts: size / 2 };
    loop {
        let page = page_of(recording, most);
        if page.len() <= size || most.events == 1 {
            return page;
        }
        let shown = most.events.min(recording.events.len());
        most.events = (shown / 4 * 3).max(1);
    }
}

fn page_of(recording: &Recording, most: Most) -> String {
    let extract = extract(recording, most);
    fill(TEMPLATE, |name| match name {
        "style" => STYLE.to_owned(),
        "script" => script::SCRIPT.to_owned(),
        "title" => escape(&title(&extract.events)),
        "heading" => heading(&extract),
        "recording" => json(&extract),
        _ => String::new(),
    })
}

/// Puts texts into the places that the template marks as `{{name}}`.
fn fill(template: &str, text_of: impl Fn(&str) -> String) -> String {
    let mut pieces = template.split("{{");
    let mut page = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once("}}").unwrap_or((piece, ""));
        page.push_str(&text_of(name));
        page.push_str(rest);
    }
    page
}

/// What the script reads.
#[derive(Serialize)]
struct Data<'a> {
    events: &'a [Event],
    gap: Option<Gap>,
}

/// The events as JSON that can stand in a `<script>`: nothing in it can be markup.
fn json(extract: &Extract) -> String {
    let data = Data { events: &extract.events, gap: extract.gap };
    let json = serde_json::to_string(&data).expect("events have only texts for keys");
    // Only texts have this sign in JSON, so it can be written otherwise everywhere.
    json.replace('<', "\\u003c")
}

fn title(events: &[Event]) -> String {
    let test = events.iter().find_map(|event| match &event.what {
        Happening::Run { test, .. } => Some(test.as_str()),
        _ => None,
    });
    format!("{} - what happened", test.unwrap_or("A run"))
}

/// The test, the seed, and the failure in large type.
fn heading(extract: &Extract) -> String {
    let (mut html, mut causes) = (String::new(), String::new());
    for event in &extract.events {
        match &event.what {
            Happening::Run { test, title, seed, clock } => {
                let clock = if clock == "sim" { "virtual time" } else { clock };
                let _ = write!(
                    html,
                    "<h1><span>{}</span> <small>seed <code>{}</code>, {}</small></h1>\n\
                     <p class=\"claim\">{}</p>\n",
                    escape(test),
                    escape(seed),
                    escape(clock),
                    escape(title),
                );
            }
            Happening::Cause { sentences } => causes.push_str(&cause(sentences)),
            Happening::Failure { .. } if html.contains("class=\"failure\"") => {}
            Happening::Failure { .. } => html.push_str(&failure(event)),
            _ => {}
        }
    }
    if !html.contains("class=\"failure\"") {
        html.push_str("<p class=\"passed\">This recording holds no failure.</p>\n");
    }
    html.push_str(&causes);
    html.push_str(&timeline(extract));
    html.push_str(&left_out(extract));
    html
}

fn failure(event: &Event) -> String {
    let Happening::Failure { class, expected, seen, server, details } = &event.what else {
        return String::new();
    };
    let place = match server {
        Some(server) => format!(" on {}", server.replacen('-', " ", 1)),
        None => String::new(),
    };
    let mut html = format!(
        "<section class=\"failure\" aria-label=\"The failure\">\n\
         <p class=\"when\"><b>Failure</b> at {:.4} s{}: {}</p>\n\
         <dl><dt>expected</dt><dd>{}</dd><dt>seen</dt><dd>{}</dd></dl>\n",
        event.at as f64 / 1e9,
        escape(&place),
        escape(class),
        escape(expected),
        escape(seen),
    );
    if !details.is_empty() {
        let details = escape(details);
        let _ = writeln!(
            html,
            "<details><summary>The state of the servers then</summary>\n\
             <pre tabindex=\"0\">{details}</pre></details>"
        );
    }
    html.push_str("</section>\n");
    html
}

/// The page of the calls of clients, to open within this one.
fn timeline(extract: &Extract) -> String {
    let page = extract.timeline.as_deref().filter(|page| page.len() <= LARGEST_TIMELINE);
    page.map_or_else(String::new, |page| {
        let page = escape(page);
        format!(
            "<details id=\"timeline\"><summary>The calls of the clients, and why no order explains the answers</summary>\n\
             <iframe sandbox=\"allow-scripts\" title=\"The calls of the clients\" data-page=\"{page}\"></iframe>\n\
             </details>\n"
        )
    })
}

/// What the failure depends on.
fn cause(sentences: &[String]) -> String {
    let mut html =
        "<section class=\"cause\" tabindex=\"0\" aria-label=\"What the failure depends on\">\n\
                    <p class=\"when\"><b>What it depends on</b></p>\n"
            .to_owned();
    for sentence in sentences {
        let _ = writeln!(html, "<p>{}</p>", escape(sentence));
    }
    html.push_str("</section>\n");
    html
}

/// Sentences on what the page does not show.
fn left_out(extract: &Extract) -> String {
    let mut html = String::new();
    let end = if extract.fails { "the failure" } else { "its end" };
    if let Some(Gap { place, count }) = extract.gap {
        let _ = writeln!(
            html,
            "<p class=\"cut\">The recording is long. This page shows its beginning, and the last {} events around \
             {end}; {count} between them are left out.</p>",
            extract.events.len() - place,
        );
    }
    if extract.after > 0 {
        let after = extract.after;
        let _ = writeln!(html, "<p class=\"cut\">{after} events after {end} are left out.</p>");
    }
    if extract.skipped > 0 {
        let s = if extract.skipped == 1 { "" } else { "s" };
        let _ = writeln!(
            html,
            "<p class=\"cut\">{} line{s} of the recording could not be read.</p>",
            extract.skipped
        );
    }
    html
}

#[cfg(test)]
mod tests {
    use super::{fill, page};
    use crate::recording::Recording;

    const RUN: &str = r#"{"at":0,"event":"run","test":"2B::backup","title":"a claim","seed":"0x11","clock":"sim"}"#;

    fn page_of(lines: &[&str]) -> String {
        page(&Recording::read(lines.join("\n").as_bytes()))
    }

    /// Each place of the template is filled, and what fills it is not searched for places again.
    #[test]
    fn places_are_filled_once() {
        assert_eq!(
            fill("a {{x}} b {{y}} c", |name| format!("<{name} {{{{x}}}}>")),
            "a <x {{x}}> b <y {{x}}> c"
        );
    }

    /// The heading says the test, the claim, the seed and the failure.
    #[test]
    fn heading_says_what_failed() {
        let failure = r#"{"at":1500000000,"event":"failure","class":"invariant","expected":"a leader","seen":"none","server":"server-2","details":"table"}"#;
        let html = page_of(&[RUN, failure]);
        for part in
            ["2B::backup", "a claim", "<code>0x11</code>", "virtual time", "1.5000 s on server 2"]
        {
            assert!(html.contains(part), "{part}");
        }
        assert!(html.contains("<dt>expected</dt><dd>a leader</dd><dt>seen</dt><dd>none</dd>"));
        assert!(page_of(&[RUN]).contains("holds no failure"));
        assert!(page_of(&[]).contains("holds no failure"));
    }

    /// Neither the heading nor the data can leave their places, whatever the texts are.
    #[test]
    fn markup_in_texts_stays_text() {
        let evil = "</script><script>alert(1)</script><img src=x onerror='alert(2)'>\\u0022\\u202e {{style}}";
        let failure = format!(
            r#"{{"at":1,"event":"failure","class":"{evil}","expected":"{evil}","seen":"{evil}","server":"{evil}","details":"{evil}"}}"#
        );
        let crash = format!(r#"{{"at":1,"event":"crash","server":"{evil}"}}"#);
        let html = page_of(&[RUN, &failure, &crash]);
        let plain = page_of(&[RUN]);
        for tag in ["<script", "</script", "<img"] {
            assert_eq!(html.matches(tag).count(), plain.matches(tag).count(), "{tag}");
        }
        assert!(!html.contains('\u{202e}'));
    }

    /// The page of the calls stands once, escaped, and is no event of the picture.
    #[test]
    fn the_calls_of_clients_open_within_the_page() {
        let timeline = r#"{"at":1,"event":"timeline","html":"<p>calls \"x\"</p>"}"#;
        let html = page_of(&[RUN, timeline]);
        assert_eq!(html.matches("data-page=\"&lt;p&gt;calls &quot;x&quot;").count(), 1);
        assert!(!html.contains("\"event\":\"timeline\""));
        assert!(!page_of(&[RUN]).contains("<details id=\"timeline\""));
    }

    /// The page asks for nothing from elsewhere.
    #[test]
    fn page_needs_nothing_else() {
        let html = page_of(&[RUN]);
        for sign in ["http:", "https:", "src=", "@import", "url(", "fetch(", "XMLHttpRequest"] {
            assert!(!html.contains(sign), "{sign}");
        }
    }
}
