//! Reports that cannot be written again.

use super::bench::Bench;

#[test]
fn a_report_needs_a_grading() {
    let bench = Bench::new();
    for folder in ["nowhere", "empty", "other", "file"] {
        let says = format!("{folder} contains no results: give a folder that `cargo grade run`");
        bench.refuses(&format!("report {folder}"), &[&says]);
    }
    bench.write("fresh/runs.jsonl", "");
    bench.refuses("report fresh", &["fresh contains no results"]);
}

#[test]
fn a_report_needs_files_of_the_right_kind() {
    let bench = Bench::new();
    for option in ["rubric", "adjustments"] {
        for (file, says) in [
            ("nowhere", "nowhere: there is no such file"),
            ("other", "other is a folder, not a file"),
            ("fifo", "fifo is a FIFO, not a file"),
            ("latin1", "latin1 is not UTF-8 text"),
            ("binary", "binary:1: "),
        ] {
            let rubric = if option == "rubric" { "" } else { "--rubric rubric.toml " };
            bench.refuses(&format!("report graded {rubric}--{option} {file}"), &[says]);
        }
    }
    let says = "these results are of other tests than those of this workspace: name the rubric";
    bench.refuses("report graded", &["stage 2A", says]);
}
