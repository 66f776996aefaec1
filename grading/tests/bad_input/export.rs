//! Exports that cannot be made.

use super::bench::Bench;

/// A grading that can be exported.
const GRADED: &str = "export graded --rubric rubric.toml --roster roster.csv";

#[test]
fn all_options_that_are_missing_or_in_vain_are_named() {
    let bench = Bench::new();
    bench.refuses(
        "export graded --out new --to classroom50 --gradebook roster.csv --base subs",
        &[
            "name the assignment with --assignment",
            "name the classroom with --classroom",
            "--gradebook has no use with --to classroom50: leave it out",
            "--base has no use with --to classroom50: leave it out",
        ],
    );
    bench.refuses("export graded --out new --to jplag --reveal", &["--reveal has no use"]);
}

#[test]
fn all_files_that_cannot_be_read_or_written_are_named() {
    let bench = Bench::new();
    bench.refuses(
        "export nowhere --to canvas --assignment a --roster no.csv --gradebook fifo --out other",
        &[
            "nowhere contains no results",
            "no.csv: there is no such file",
            "fifo is a FIFO, not a file",
            "other exists: remove it, or choose another --out",
        ],
    );
    for (target, out, says) in [
        ("canvas --assignment a", "file", "file exists"),
        ("canvas --assignment a", "file/new", "file is not a folder"),
        ("canvas --assignment a", "empty", "empty is a folder: name a file with --out"),
        ("autolab", "other", "other exists"),
        ("autolab", "/dev/full", "/dev/full exists"),
        ("dolos", "roster.csv", "roster.csv exists"),
    ] {
        bench.refuses(&format!("{GRADED} --to {target} --out {out}"), &[says]);
    }
}

#[test]
fn gradebooks_must_be_those_of_the_course_system() {
    let bench = Bench::new();
    for (target, text, says) in [
        ("canvas", "", "bad.csv is empty: export it again"),
        ("canvas", "student,points\nalice,1\n", "bad.csv is not from Canvas"),
        ("canvas", "Student,ID,Section,b (3)\nalice,1,s\n", "bad.csv, line 2: it has 3 cells"),
        ("canvas", "Student,ID,Section,b (3)\nalice,1,s,\n", "no assignment \"a\", but b (3)"),
        ("canvas", "Student,ID,Section\nalice,1,s\n", "no assignment \"a\", but none at all"),
        ("canvas", "Student,ID,Section,a (3)\neve,9,s,\n", "nobody in bad.csv was graded"),
        ("moodle", "student,points\nalice,1\n", "bad.csv has no column \"a\""),
    ] {
        bench.write("bad.csv", text);
        let options = "--assignment a --gradebook bad.csv --out new";
        bench.refuses(&format!("{GRADED} --to {target} {options}"), &[says]);
    }
    let options = "--to canvas --assignment a --out new --gradebook";
    bench.refuses(&format!("{GRADED} {options} latin1"), &["latin1 is not UTF-8 text"]);
    bench.refuses(&format!("{GRADED} {options} other"), &["other is a folder, not a file"]);
    for base in ["nowhere", "other", "file"] {
        let says = format!("{base} has no file that students complete");
        let command =
            format!("export graded --rubric rubric.toml --to jplag --out new --base {base}");
        bench.refuses(&command, &[&says, "name the handout with --base"]);
    }
}
