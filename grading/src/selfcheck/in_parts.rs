//! A class that is graded in parts ends like one that is graded at once.

use std::path::Path;
use std::process::Stdio;

use super::findings::Findings;
use crate::own_program;

/// How many parts.
const PARTS: u32 = 2;

/// Grades a class in parts, which must lead to the same reports as `whole`. Then damages a part, which must be noticed.
pub(super) fn check(
    submissions: &Path,
    whole: &Path,
    options: &[String],
    findings: &mut Findings,
) -> Result<(), String> {
    let results = whole.with_file_name("in-parts");
    std::fs::create_dir_all(&results).map_err(|error| error.to_string())?;
    std::fs::copy(whole.join("secret"), results.join("secret"))
        .map_err(|error| error.to_string())?;
    let out = results.display().to_string();
    let mut split = vec!["split".to_owned(), submissions.display().to_string()];
    split.extend(["--out".to_owned(), out.clone(), format!("--parts={PARTS}")]);
    split.extend(options.iter().cloned());
    expect_code(&split, 0, "the class is split", findings)?;
    let run =
        |part: u32| ["run", "--out", &out, &format!("--part={part}/{PARTS}")].map(str::to_owned);
    let merge = ["merge", &out].map(str::to_owned);
    expect_code(&run(1), 0, "the first part is graded", findings)?;
    expect_code(&merge, 75, "a merge says that a part is missing", findings)?;
    expect_code(&run(2), 0, "the second part is graded", findings)?;
    expect_code(&merge, 0, "all parts are merged", findings)?;
    for report in ["summary.json", "gradebook.csv", "students/reference/feedback.html"] {
        let [one, other] = [whole, &results].map(|folder| std::fs::read(folder.join(report)).ok());
        findings.note(
            &format!("{report} is the same from {PARTS} parts"),
            one.is_some() && one == other,
            "it differs",
        );
    }
    let log = results.join("parts/1/runs.jsonl");
    let text = std::fs::read_to_string(&log).map_err(|error| error.to_string())?;
    // A log that is whole, and says one thing twice.
    let last = text.lines().last().unwrap_or_default();
    std::fs::write(&log, format!("{text}{last}\n")).map_err(|error| error.to_string())?;
    expect_code(&merge, 2, "a merge refuses a part that was changed", findings)
}

/// Runs this program, which must end with this code.
fn expect_code(
    arguments: &[String],
    code: i32,
    claim: &str,
    findings: &mut Findings,
) -> Result<(), String> {
    let status = own_program::command()
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| format!("this program does not start: {error}"))?;
    findings.note(claim, status.code() == Some(code), &format!("{status}"));
    Ok(())
}
