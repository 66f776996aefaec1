//! Arguments that are wrong whatever the files are.

use super::bench::{Bench, bytes};

#[test]
fn numbers_out_of_range_are_refused() {
    let bench = Bench::new();
    for command in [
        "run subs --out new --seeds",
        "run subs --out new --real",
        "run subs --out new --jobs",
        "run subs --out new --cpu-per-run",
        "split subs --out new --parts 2 --jobs",
        "repeat subs/alice.rs --runs",
        "repeat subs/alice.rs --jobs",
        "bugs --seeds",
        "bugs --jobs",
        "selfcheck --seeds",
        "selfcheck --jobs",
        "selfcheck --one-in",
        "gradescope --out new.zip --seeds",
    ] {
        for number in ["0", "NaN", "1e400", "99999999999999999999", "1000001", "2.5", "two"] {
            bench.refuses(&format!("{command}={number}"), &["write a whole number from 1 to "]);
        }
        bench.refuses(&format!("{command}=-1"), &["write a whole number from 1 to "]);
    }
    bench.refuses("split subs --out new --parts 0", &["0 is not in 1..=1000"]);
    bench.refuses("split subs --out new --parts 1001", &["1001 is not in 1..=1000"]);
    bench.refuses("gradescope --out new.zip --minutes 41", &["write a whole number from 2 to 40"]);
    bench.refuses("repeat subs/alice.rs --seed seed", &["\"seed\" is not a seed", "such as 17"]);
}

#[test]
fn what_does_not_exist_is_refused() {
    let bench = Bench::new();
    for command in ["run subs", "split subs --parts 2", "handout", "gradescope"] {
        let stages = |stages| format!("{command} --out new --stages {stages}");
        bench.refuses(&stages("9Z"), &["unknown stage \"9Z\"", "the stages are 2A, 2B"]);
        bench.refuses(&stages("2A,,2B"), &["unknown stage \"\"", "the stages are 2A, 2B"]);
        bench.refuses(&stages("2A;2B"), &["separate stages with commas"]);
    }
    bench.refuses("run subs --out new --sandbox box", &["possible values: bubblewrap"]);
    bench.refuses("export graded --out new --to blackboard", &["possible values: canvas"]);
    bench.refuses("grade", &["unrecognized subcommand 'grade'"]);
    bench.refuses("prepare now", &["unexpected argument 'now'"]);
}

#[test]
fn options_that_exclude_each_other_are_refused() {
    let bench = Bench::new();
    for command in [
        "run subs --out new --seeds 2 --real 2",
        "run subs --out new --part 1/2 --plan",
        "run subs --out new --part 1/2 --only alice",
        "bugs --quick --markdown page.md",
    ] {
        bench.refuses(command, &["cannot be used with"]);
    }
    bench.refuses(
        "handout --out new --stages 2A --with-solutions 2A",
        &["stage 2A is in --stages and in --with-solutions: leave one"],
    );
}

#[test]
fn arguments_that_are_missing_are_named() {
    let bench = Bench::new();
    for (command, missing) in [
        ("run subs", "--out <DIR>"),
        ("split subs --out new", "--parts <COUNT>"),
        ("merge", "<RESULTS>"),
        ("report", "<RESULTS>"),
        ("export graded --out new", "--to <TO>"),
        ("compare graded", "<NEW>"),
        ("handout", "--out <DIR>"),
        ("gradescope", "--out <FILE>"),
        ("repeat", "<SUBMISSION>"),
    ] {
        bench.refuses(command, &["required arguments were not provided", missing]);
    }
}

#[test]
fn arguments_that_are_no_text_are_refused() {
    let bench = Bench::new();
    let run = ["run", "subs", "--out"].map(|word| bytes(word.as_bytes()));
    let stages = [bytes(b"new"), bytes(b"--stages"), bytes(b"\xff")];
    bench.refuses_arguments(&[&run[..], &stages].concat(), &["invalid UTF-8"]);
    for submissions in [&b"caf\xe9"[..], b"two\nlines"] {
        let arguments = [bytes(b"run"), bytes(submissions), bytes(b"--out"), bytes(b"new")];
        bench.refuses_arguments(&arguments, &[]);
    }
    bench.refuses_arguments(&[bytes(b"report"), bytes(b"\xff\xfe")], &["contains no results"]);
    bench.refuses("run  --out new", &["a value is required for"]);
}
