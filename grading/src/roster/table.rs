//! The rows of a roster.

use csv::{ReaderBuilder, StringRecord, Trim};

use super::person::Person;
use super::problems::Problems;
use crate::foreign::Foreign;

/// The columns that mean something.
const COLUMNS: [&str; 5] = ["student", "name", "id", "email", "group"];

/// A student, and where the file says so.
pub(super) struct Row {
    /// The line of the file, from 1.
    pub(super) line: u64,
    pub(super) person: Person,
}

/// Reads the rows, and notes those that cannot be read.
///
/// # Errors
///
/// If the first line does not name the columns; the message is to follow the name of the file.
pub(super) fn read(text: &str, problems: &mut Problems) -> Result<Vec<Row>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader =
        ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(text.as_bytes());
    let unreadable = |error: csv::Error| format!(": {error}");
    let head = reader.headers().map_err(unreadable)?.clone();
    let places = places(&head)?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(0, csv::Position::line);
        match check(&record, head.len()) {
            Err(problem) => problems.add(line, &problem),
            Ok(()) => rows.push(Row { line, person: person(&record, &places) }),
        }
    }
    Ok(rows)
}

/// The place of each column that means something.
fn places(head: &StringRecord) -> Result<[Option<usize>; 5], String> {
    let first = head.get(0).unwrap_or_default();
    for (separator, name) in [(';', "semicolons"), ('\t', "tabs")] {
        if head.len() == 1 && first.contains(separator) {
            return Err(format!(
                ": its columns are separated by {name}: save it with commas between them"
            ));
        }
    }
    let mut places = [None; 5];
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        let is_it = |(_, name): &(usize, &str)| name.eq_ignore_ascii_case(column);
        let mut found = head.iter().enumerate().filter(is_it);
        *place = found.next().map(|(index, _)| index);
        if found.next().is_some() {
            return Err(format!(": its first line names the column {column} twice: leave one"));
        }
    }
    match places[0] {
        Some(_) => Ok(places),
        None => Err(": its first line names no column student: add it".to_owned()),
    }
}

fn check(record: &StringRecord, columns: usize) -> Result<(), String> {
    if record.iter().any(|cell| cell.contains(['\n', '\r'])) {
        return Err("a quoted cell does not end on its line: close the quotation mark".to_owned());
    }
    if record.len() != columns {
        let cells = record.len();
        return Err(format!(
            "it has {cells} cells, and the header {columns}: add or remove commas"
        ));
    }
    let shown = |cell: &&str| Foreign::new(*cell).line() != **cell;
    match record.iter().find(shown) {
        None => Ok(()),
        Some(cell) => Err(format!(
            "\"{}\" has a character that is not shown: remove it",
            Foreign::new(cell).line()
        )),
    }
}

fn person(record: &StringRecord, places: &[Option<usize>; 5]) -> Person {
    let cell = |place: usize| {
        let text = record.get(places[place]?)?;
        (!text.is_empty()).then(|| text.to_owned())
    };
    Person {
        student: cell(0).unwrap_or_default(),
        name: cell(1),
        id: cell(2),
        email: cell(3),
        group: cell(4),
    }
}
