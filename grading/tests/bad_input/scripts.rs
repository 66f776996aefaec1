//! The scripts that are short names for commands.

use std::path::Path;
use std::process::Command;

use super::bench::Bench;

fn script(name: &str) -> Command {
    Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join(name))
}

#[test]
fn without_arguments_a_script_says_how_it_is_used() {
    let bench = Bench::new();
    for name in ["grade.sh", "handout.sh", "repeat.sh", "slurm.sh"] {
        for (arguments, code) in [(&[][..], 2), (&["--help"], 0), (&["--out", "new"], 2)] {
            let said = bench.run(script(name).args(arguments));
            assert_eq!(said.code, Some(code), "{name} {arguments:?}: {}", said.errors);
            let text = if code == 0 { said.output } else { said.errors };
            assert!(text.contains(&format!("grading/{name} ")), "{name} {arguments:?}: {text}");
        }
    }
}

#[test]
fn slurm_says_what_is_wrong_before_it_compiles_or_submits_anything() {
    let bench = Bench::new();
    for (arguments, says) in [
        (&["subs", "new"][..], "grading/slurm.sh SUBMISSIONS RESULTS PARTS"),
        (&["subs", "new", "many"], "error: many is not a number of parts"),
        (&["subs", "new", "0"], "error: 0 is not a number of parts"),
        (&["nowhere", "new", "2"], "error: nowhere is not a folder"),
        (&["other"], "error: nothing was submitted for other"),
        (&["subs", "100%", "2"], "error: Slurm replaces % in paths"),
    ] {
        let said = bench.run(script("slurm.sh").args(arguments));
        assert_eq!(said.code, Some(2), "{arguments:?}: {}", said.errors);
        assert!(said.errors.contains(says), "{arguments:?}: {}", said.errors);
        assert!(!bench.path("new").exists(), "{arguments:?} has written something");
    }
}
