//! Gradings that cannot be compared.

use super::bench::Bench;

#[test]
fn both_gradings_are_looked_at() {
    let bench = Bench::new();
    bench.refuses(
        "compare nowhere elsewhere",
        &["nowhere contains no results", "elsewhere contains no results"],
    );
    bench.refuses("compare other other", &["other contains no results"]);
    for file in ["file", "graded/runs.jsonl"] {
        let says = format!("{file} is no summary of a grading");
        bench.refuses(&format!("compare {file} {file}"), &[&says, "a copy of its summary.json"]);
    }
    bench.refuses("compare fifo fifo", &["fifo is a FIFO, not a file"]);
}
