//! What two gradings were made with.

use records::Clock;

use super::summary::{Student, Summary};
use crate::counted::counted;
use crate::runlog::Grading;

/// How much of a hash is shown.
const HASH_LENGTH: usize = 16;

/// Whether rubric, stages, tests, seeds and files are the same, a line each.
pub(super) fn premises(old: &Summary, new: &Summary, in_both: &[[&Student; 2]]) -> Vec<String> {
    let summaries = [old, new];
    let hashes = |of: fn(&Grading) -> &str| {
        summaries.map(|summary| of(&summary.grading).chars().take(HASH_LENGTH).collect::<String>())
    };
    let rubrics = summaries.map(|summary| {
        let Summary { grading, rubric, .. } = summary;
        format!("{} {}", grading.rubric, rubric.name).trim().to_owned()
    });
    let rubric = if old.grading.rubric == new.grading.rubric {
        "the same".to_owned()
    } else {
        rubrics.join(" -> ")
    };
    let stages = same_or(summaries.map(|summary| summary.grading.stages.join(",")));
    let tests = same_or(hashes(|grading| &grading.harness.hash));
    let changed = old.grading.harness.changes(&new.grading.harness);
    let tests = changed.map_or(tests, |files| format!("others; these files differ: {files}"));
    let others = in_both.iter().filter(|[old, new]| old.submission != new.submission).count();
    let files = match others {
        0 => "the same".to_owned(),
        others => format!("others, for {others} of {}", counted(in_both.len(), "student")),
    };
    let seeds = seeds(summaries.map(|summary| &summary.grading));
    let lines = [
        ("rubric", rubric),
        ("stages", stages),
        ("tests", tests),
        ("seeds", seeds),
        ("files", files),
    ];
    lines.map(|(name, text)| format!("{name:<8}{text}")).to_vec()
}

fn same_or([old, new]: [String; 2]) -> String {
    if old == new { "the same".to_owned() } else { format!("{old} -> {new}") }
}

/// Whether the runs had the same seeds. If not, points also change by chance.
fn seeds(gradings: [&Grading; 2]) -> String {
    if let Some(kinds) = gradings[0].other_processors(gradings[1]) {
        return format!("other runs, because the processors differ: {}", kinds.join(" -> "));
    }
    let runs = same_or(gradings.map(|grading| match grading.clock {
        Clock::Sim => format!("{} in simulations", grading.runs),
        Clock::Real => format!("{} in real time", grading.runs),
    }));
    let secret = if gradings[0].seeds == gradings[1].seeds { "the same" } else { "others" };
    match (secret, runs.as_str()) {
        (_, "the same") => secret.to_owned(),
        (_, runs) => format!("{secret}; runs of each test: {runs}"),
    }
}
