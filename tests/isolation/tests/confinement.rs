//! What confined processes cannot do, and what they still can, tried with real processes: see
//! `tests/programs/intruder`.

#![cfg(target_os = "linux")]

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The user that root starts a survey as.
const NOBODY: &str = "65534";

/// The names of work in the survey that must print its name.
const WORK: [&str; 9] = [
    "threads",
    "locks",
    "time",
    "memory",
    "a panic",
    "a backtrace",
    "the descriptors",
    "no environment",
    "the limits",
];

/// How processes have ended, by who started them and how they were confined, by phase and by task.
type Survey = BTreeMap<(String, String, String), (String, String)>;

/// The surveys of all users that this process can be.
fn surveys() -> &'static Survey {
    static SURVEYS: OnceLock<Survey> = OnceLock::new();
    SURVEYS.get_or_init(|| {
        let own = env!("CARGO_BIN_EXE_intruder");
        let mut all = Survey::new();
        add(&mut all, "this user", Command::new(own));
        if rustix::process::geteuid().is_root() {
            let program = copy_for_everybody(Path::new(own));
            let mut command = Command::new("setpriv");
            command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]).arg(program);
            if Command::new("setpriv").arg("--version").output().is_ok() {
                add(&mut all, "nobody", command);
                std::fs::remove_dir_all(folder_for_everybody()).expect("it is ours");
            } else {
                eprintln!("not checked for an ordinary user: there is no setpriv");
            }
        }
        all
    })
}

fn add(all: &mut Survey, who: &str, mut command: Command) {
    let output = command.arg("survey").output().expect("it starts");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{errors}");
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [how, phase, task, end, text] = fields[..] else { panic!("{line}") };
        let key = (format!("{who}, {how}"), phase.to_owned(), task.to_owned());
        all.insert(key, (end.to_owned(), text.trim().to_owned()));
    }
}

fn folder_for_everybody() -> PathBuf {
    std::env::temp_dir().join(format!("intruder-{}", std::process::id()))
}

/// A copy of the program in a folder that every user can reach.
fn copy_for_everybody(program: &Path) -> PathBuf {
    let folder = folder_for_everybody();
    std::fs::create_dir_all(&folder).expect("there is room");
    let everybody = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&folder, everybody.clone()).expect("it is ours");
    let copy = folder.join("intruder");
    std::fs::copy(program, &copy).expect("there is room");
    std::fs::set_permissions(&copy, everybody).expect("it is ours");
    copy
}

fn is_work(task: &str) -> bool {
    WORK.contains(&task) || task.starts_with("an ") || task.starts_with("a ")
}

#[test]
fn no_attack_succeeds_before_main_or_after() {
    let mut seen = 0;
    for ((who, phase, attack), (end, text)) in surveys() {
        if who.ends_with("free") || is_work(attack) {
            continue;
        }
        let is_refused = end == "exit 0" && text.starts_with("refused");
        assert!(is_refused || end == "signal 31", "{attack} {phase} main, {who}: {end}, {text}");
        seen += 1;
    }
    assert!(seen > 150, "{seen} attacks");
}

/// Otherwise the attacks would prove nothing.
#[test]
fn attacks_succeed_without_confinement() {
    let mut seen = 0;
    for ((who, phase, attack), (end, text)) in surveys() {
        if who == "this user, free" && !is_work(attack) {
            assert_eq!((end.as_str(), text.as_str()), ("exit 0", "done"), "{attack} {phase}");
            seen += 1;
        }
    }
    assert!(seen > 80, "{seen} attacks");
}

#[test]
fn processes_and_programs_are_fatal() {
    for attack in ["fork", "vfork", "clone a process", "make a socket", "trace the parent"] {
        for ((who, phase, task), (end, _)) in surveys() {
            if task == attack && !who.ends_with("free") {
                assert_eq!(end, "signal 31", "{attack} {phase}, {who}");
            }
        }
    }
    let shell = |phase: &str| {
        let key = ("this user, confined".to_owned(), phase.to_owned(), "execute a shell".to_owned());
        surveys()[&key].0.as_str()
    };
    // The loader of programs has run by then; before that, Landlock refuses it.
    assert_eq!((shell("before"), shell("after")), ("exit 0", "signal 31"));
}

#[test]
fn honest_programs_work() {
    let mut seen = 0;
    for ((who, _, task), (end, text)) in surveys() {
        if WORK.contains(&task.as_str()) {
            assert_eq!((end.as_str(), text.as_str()), ("exit 0", task.as_str()), "{who}");
            seen += 1;
        }
    }
    assert!(seen >= 2 * WORK.len(), "{seen} pieces of work");
}

#[test]
fn processes_end_as_they_do_without_confinement() {
    for ((who, _, task), (end, text)) in surveys() {
        let expected = match task.as_str() {
            "an abort" => ("signal 6", ""),
            "an exit" => ("exit 42", ""),
            "a null pointer" => ("signal 11", ""),
            "a stack that overflows" => ("signal 6", "overflowed its stack"),
            _ => continue,
        };
        assert!(*end == expected.0 && text.contains(expected.1), "{task}, {who}: {end}, {text}");
    }
}
