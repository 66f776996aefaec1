//! Tables of comma-separated values, for spreadsheets and course systems.

/// A table with these lines, of which the first is the heading.
///
/// # Errors
///
/// If the lines have different lengths.
pub(crate) fn table(lines: impl IntoIterator<Item = Vec<String>>) -> Result<String, String> {
    let fail = |error: &dyn std::fmt::Display| format!("cannot write the table: {error}");
    let mut table = csv::Writer::from_writer(Vec::new());
    for line in lines {
        table.write_record(line).map_err(|error| fail(&error))?;
    }
    let bytes = table.into_inner().map_err(|error| fail(&error))?;
    let text = String::from_utf8(bytes).map_err(|error| fail(&error))?;
    // Without this mark, Excel does not take the letters for UTF-8.
    Ok(if text.is_ascii() { text } else { format!("\u{feff}{text}") })
}
