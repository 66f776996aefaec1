//! Results folders that are damaged, of another grading, or in use.

use std::fs::File;

use rustix::fs::{FlockOperation, flock};

use super::bench::{BUILD, Bench, GRADING};

#[test]
fn damaged_options_are_refused() {
    let bench = Bench::new();
    bench.write("kept/secret", "0123456789abcdef");
    for (options, says) in [
        ("seeds = [", "kept/options.toml: "),
        ("bogus = 1", "unknown field `bogus`"),
        ("seeds = 0", "seeds = 0 is not a number from 1 to 1000000"),
        ("seeds = 99999999", "seeds = 99999999 is not a number from 1 to 1000000"),
        ("real = -1", "kept/options.toml: "),
        ("cpu_per_run = 0", "cpu_per_run = 0 is not a number from 1 to 3600"),
        ("seeds = 1\nreal = 1", "there are seeds and real: leave one"),
        ("stages = ['9Z']", "unknown stage \"9Z\""),
    ] {
        bench.write("kept/options.toml", &format!("submissions = 'subs'\n[options]\n{options}\n"));
        let fix = "correct it, or delete it and repeat the options";
        bench.refuses("run --out kept", &[says, fix]);
        bench.write("kept/runs.jsonl", &[GRADING, BUILD].concat());
        bench.refuses("report kept", &[says, fix]);
        std::fs::remove_file(bench.path("kept/runs.jsonl")).expect("it is there");
    }
}

#[test]
fn a_damaged_log_is_refused() {
    let bench = Bench::new();
    bench.write("damaged/secret", "0123456789abcdef");
    for (log, says) in [
        ("no json\n", "damaged/runs.jsonl:1: invalid entry"),
        ("\n", "damaged/runs.jsonl:1: the line is blank"),
        (&[GRADING, "{}\n", BUILD].concat(), "damaged/runs.jsonl:2: invalid entry"),
        (&[GRADING, &BUILD.replace("alice", "../x"), BUILD].concat(), "cannot be a student's name"),
        (
            &GRADING.replace("\"version\":1", "\"version\":7"),
            "it is of version 7, and this program reads version 1",
        ),
    ] {
        bench.write("damaged/runs.jsonl", log);
        for command in
            ["report damaged", "run subs --out damaged", "export damaged --to dolos --out new"]
        {
            bench.refuses(command, &[says]);
        }
    }
    for kind in ["folder", "fifo"] {
        let path = bench.path(&format!("{kind}-log/runs.jsonl"));
        std::fs::create_dir_all(path.parent().expect("it has one")).expect("it is writable");
        match kind {
            "folder" => std::fs::create_dir(&path).expect("it is writable"),
            _ => std::fs::rename(bench.path("fifo"), &path).expect("it is writable"),
        }
        for command in ["report", "run subs --out", "export --to dolos --out new"] {
            let command = format!("{command} {kind}-log");
            bench.refuses(&command, &["runs.jsonl is not a file: choose another folder"]);
        }
    }
}

#[test]
fn results_of_another_class_are_refused() {
    let bench = Bench::new();
    bench.write("graded/secret", "0123456789abcdef");
    bench.write("graded/runs.jsonl", &[GRADING, BUILD].concat());
    bench.write("others.csv", "student\nzoe\n");
    let says = ["graded has the results of another class", "choose another --out"];
    bench.refuses("run subs --out graded --roster others.csv", &says);
}

#[test]
fn results_of_another_grading_are_refused() {
    let bench = Bench::new();
    bench.write("graded/secret", "0123456789abcdef");
    for (options, says) in [
        ("--stages 2B", "was started with --stages 2A; you asked for --stages 2B"),
        ("--stages 2A --seeds 3", "was started with --seeds 20; you asked for --seeds 3"),
        ("--stages 2A --real 20", "was started with --seeds 20; you asked for --real 20"),
        ("--stages 2A", "was started with another secret"),
    ] {
        let fix = "Repeat the original options or choose a new --out";
        bench.refuses(&format!("run subs --out graded {options}"), &[says, fix]);
    }
}

#[test]
fn results_of_other_tests_are_refused_before_these_are_compiled() {
    let bench = Bench::new();
    bench.write("graded/secret", "0123456789abcdef");
    // What identifies the seeds of this secret.
    let seeds = "bcaf294379eae377";
    bench.write("graded/runs.jsonl", &[&GRADING.replace("0123", seeds), BUILD].concat());
    let says = "was started with another version of the tests";
    bench.refuses("run subs --out graded --stages 2A", &[says]);
}

#[test]
fn two_programs_do_not_write_the_same_results() {
    let bench = Bench::new();
    bench.write("graded/secret", "0123456789abcdef");
    let log = File::open(bench.path("graded/runs.jsonl")).expect("it is there");
    flock(&log, FlockOperation::LockExclusive).expect("nobody else has it");
    for command in ["run subs --out graded --stages 2A", "report graded --rubric rubric.toml"] {
        bench.refuses(command, &["another program is grading in graded: wait until it has ended"]);
    }
}
