//! Tables of comma-separated values that are changed in a few cells, and stay what they were in all others.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};

use crate::files::read_text;

/// The largest table, in bytes.
const SIZE: u64 = 16 << 20;

/// A table, with the place of each cell in its text.
pub(super) struct Table {
    text: String,
    /// The name of its file, for sentences.
    pub(super) file: String,
    /// The header and the rows below it; all have as many cells.
    pub(super) rows: Vec<Row>,
}

/// A row of a table.
pub(super) struct Row {
    /// The number of its line, from 1.
    pub(super) line: usize,
    cells: Vec<Cell>,
}

struct Cell {
    text: String,
    /// Its bytes, with the quotes around it.
    place: Range<usize>,
}

/// New texts by row and column.
pub(super) type Changes = BTreeMap<(usize, usize), String>;

impl Table {
    /// Reads a table whose columns are separated by commas or semicolons.
    ///
    /// # Errors
    ///
    /// If it cannot be read, is larger than 16 MiB, is not UTF-8, has no header, or if a row has more or fewer
    /// cells than the header; the message says where.
    pub(super) fn load(path: &Path) -> Result<Table, String> {
        let text = read_text(path, SIZE).map_err(|problem| {
            let is_text = !problem.ends_with("is not UTF-8 text");
            if is_text { problem } else { format!("{problem}: save it as \"CSV UTF-8\"") }
        })?;
        let rows = rows(&text);
        let table = Table { text, file: path.display().to_string(), rows };
        table.check()?;
        Ok(table)
    }

    fn check(&self) -> Result<(), String> {
        let file = &self.file;
        let [header, rows @ ..] = self.rows.as_slice() else {
            return Err(format!("{file} is empty: export it again"));
        };
        let columns = header.cells.len();
        match rows.iter().find(|row| row.cells.len() != columns) {
            Some(Row { line, cells }) => Err(format!(
                "{file}, line {line}: it has {} cells, and the header {columns}: export the file again",
                cells.len()
            )),
            None => Ok(()),
        }
    }

    /// The first row.
    pub(super) fn header(&self) -> impl Iterator<Item = &str> {
        self.rows.first().into_iter().flat_map(Row::iter)
    }

    /// The number of the first column with this heading, whatever the case of its letters.
    pub(super) fn column(&self, heading: &str) -> Option<usize> {
        self.header().position(|text| text.eq_ignore_ascii_case(heading))
    }

    /// The table's text with these changes. All else is as it was, byte for byte.
    pub(super) fn with(&self, changes: &Changes) -> String {
        let mut text = String::with_capacity(self.text.len());
        let mut end = 0;
        for ((row, column), new) in changes {
            let place = &self.rows[*row].cells[*column].place;
            text.push_str(&self.text[end..place.start]);
            text.push_str(&quoted(new));
            end = place.end;
        }
        text + &self.text[end..]
    }
}

impl Row {
    /// The text of a cell; empty if there is no such column.
    pub(super) fn get(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", |cell| cell.text.as_str())
    }

    /// The texts of all cells.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.cells.iter().map(|cell| cell.text.as_str())
    }
}

/// A text as a cell.
fn quoted(text: &str) -> String {
    if text.contains([',', ';', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// The rows of a text. Lines without any text are none.
fn rows(text: &str) -> Vec<Row> {
    let mut reader = reader(text);
    let mut cells = Vec::new();
    let mut rows = Vec::new();
    let mut buffer = vec![0; text.len() + 1];
    let mut start = 0;
    loop {
        let (cell, ends_row, next) = match read_cell(&mut reader, text, start, &mut buffer) {
            Some(read) => read,
            None => return rows,
        };
        cells.push(cell);
        start = next;
        if ends_row {
            let cells: Vec<Cell> = std::mem::take(&mut cells);
            let first = cells.first().map_or(0, |cell| cell.place.start);
            let line = 1 + text[..first].matches('\n').count();
            rows.push(Row { line, cells });
        }
    }
}

/// A reader for the character that separates the columns of a text.
fn reader(text: &str) -> Reader {
    let header = text.lines().next().unwrap_or_default();
    let count = |separator| header.matches(separator).count();
    let separator = if count(';') > count(',') { b';' } else { b',' };
    ReaderBuilder::new().delimiter(separator).build()
}

/// The cell that starts at a byte, whether it is the last one of its row, and where the next one starts. `None`
/// at the end of the text.
fn read_cell(
    reader: &mut Reader,
    text: &str,
    start: usize,
    buffer: &mut [u8],
) -> Option<(Cell, bool, usize)> {
    let mut next = start;
    let mut length = 0;
    loop {
        let (result, read, written) =
            reader.read_field(&text.as_bytes()[next..], &mut buffer[length..]);
        next += read;
        length += written;
        match result {
            ReadFieldResult::InputEmpty => {}
            ReadFieldResult::OutputFull | ReadFieldResult::End => return None,
            ReadFieldResult::Field { record_end } => {
                // At the end of the text nothing else ends a cell; otherwise one byte does.
                let end = if read == 0 { next } else { next - 1 };
                let place = place(text, start, end);
                let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
                return Some((Cell { text, place }, record_end, next));
            }
        }
    }
}

/// The bytes of a cell, without the ends of lines before it.
fn place(text: &str, start: usize, end: usize) -> Range<usize> {
    let all = &text[start..end];
    end - all.trim_start_matches(['\u{feff}', '\r', '\n']).len()..end
}

#[cfg(test)]
mod tests {
    use super::{Changes, Table};

    fn load(text: &str) -> Result<Table, String> {
        let folder = tempfile::tempdir().expect("the disk is writable");
        let path = folder.path().join("t.csv");
        std::fs::write(&path, text).expect("the disk is writable");
        Table::load(&path).map_err(|problem| problem.replace(&path.display().to_string(), "t.csv"))
    }

    const TEXTS: &[&str] = &[
        "a,b,c\n1,2,3\n",
        "a,b,c\r\n1,2,3\r\n",
        "a,b,c\n1,2,3",
        "\u{feff}a;b;c\n\n\n\"x;\"\"y\";\"2\";3\r\n\r\n",
        "a,b,c\n\"two\nlines, \u{fc}\",\"2\",\"\"\n,,\n",
        "a,b,c\n1,,\n1,,",
        "a,b,c\n1,,x;",
    ];

    #[test]
    fn without_changes_all_bytes_stay() {
        for text in TEXTS {
            let table = load(text).expect("it is a table");
            assert_eq!(table.with(&Changes::new()), *text);
        }
    }

    #[test]
    fn a_change_concerns_one_cell() {
        for text in TEXTS {
            let table = load(text).expect("it is a table");
            for row in 0..table.rows.len() {
                for column in 0..3 {
                    let changes = Changes::from([((row, column), "n,\"w\"".to_owned())]);
                    let changed = load(&table.with(&changes)).expect("it is still a table");
                    let cells = |table: &Table| -> Vec<Vec<String>> {
                        let rows = table.rows.iter();
                        rows.map(|row| row.iter().map(str::to_owned).collect()).collect()
                    };
                    let mut expected = cells(&table);
                    expected[row][column] = "n,\"w\"".to_owned();
                    assert_eq!(cells(&changed), expected, "{text:?}");
                    assert_eq!(
                        changed.with(&Changes::from([((row, column), String::new())])).len()
                            + table.rows[row].cells[column].place.len(),
                        text.len(),
                        "{text:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn rows_know_their_lines() {
        let table = load("a,b\n\n\"1\n2\",3\r\n4,5\n").expect("it is a table");
        assert_eq!(table.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [1, 3, 5]);
    }

    #[test]
    fn what_is_no_table_is_named_with_its_line() {
        let problem = |text| load(text).map(|_| ()).expect_err("it is no table");
        assert_eq!(problem(""), "t.csv is empty: export it again");
        let expected = "t.csv, line 3: it has 3 cells, and the header 2: export the file again";
        assert_eq!(problem("a,b\n1,2\n1,2,3\n"), expected);
    }
}
