//! The rows of a roster.

use csv::{ReaderBuilder, StringRecord, Trim};

use super::person::Person;
use crate::counted::counted;
use crate::foreign::Foreign;

/// The columns that mean something.
const COLUMNS: [&str; 5] = ["student", "name", "id", "email", "group"];

/// Columns that the gradebooks of Canvas have, and rosters have not.
const OF_CANVAS: [&str; 2] = ["SIS User ID", "SIS Login ID"];

/// What Canvas calls the student that it makes for tests.
const TEST_STUDENT: &str = "Student, Test";

/// The longest cell, in bytes.
const CELL_LENGTH: usize = 200;

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
pub(super) fn read(text: &str, note: &mut impl FnMut(u64, &str)) -> Result<Vec<Row>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader =
        ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(text.as_bytes());
    let unreadable = |error: csv::Error| format!(": {error}");
    let head = reader.headers().map_err(unreadable)?.clone();
    let places = places(&head)?;
    let is_of_canvas = head.iter().any(|column| OF_CANVAS.contains(&column));
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unreadable)?;
        let line = record.position().map_or(0, csv::Position::line);
        match check(&record, head.len()) {
            Err(problem) => note(line, &problem),
            Ok(()) => {
                let person = person(&record, &places);
                // A gradebook has rows of nobody, such as that of the points that are possible.
                let is_nobody = person.id.is_none() || person.student == TEST_STUDENT;
                if !(is_of_canvas && is_nobody) {
                    rows.push(Row { line, person });
                }
            }
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
        return Err(format!(
            "it has {}, and the header {columns}: add or remove commas, and close quotation marks",
            counted(record.len(), "cell")
        ));
    }
    if record.iter().any(|cell| cell.len() > CELL_LENGTH) {
        return Err(format!("a cell is longer than {CELL_LENGTH} bytes: shorten it"));
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
