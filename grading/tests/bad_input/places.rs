//! Folders in the wrong place, and files in the place of folders.

use super::bench::Bench;

#[test]
fn results_need_a_place_of_their_own() {
    let bench = Bench::new();
    bench.write("in/submissions/alice.rs", "");
    bench.write("in/secret", "0123456789abcdef");
    bench.write("graded/secret", "0123456789abcdef");
    for command in ["run", "split --parts 2", "run --plan"] {
        for (folders, says) in [
            ("subs --out subs", "subs is the folder of the submissions: choose another --out"),
            ("subs --out subs/../subs/", "is the folder of the submissions"),
            ("subs --out subs/results", "subs/results is inside the folder of the submissions"),
            ("subs --out subs/a/b", "would be taken for one: choose another --out"),
            (
                "in/submissions --out in",
                "the submissions are inside in, the folder for the results",
            ),
            ("graded --out new", "graded is a folder of results: name that of the submissions"),
            ("subs --out graded/again", "graded/again is inside the results in "),
            ("subs --out other", "other contains other files: choose a new folder"),
            ("subs --out file", "file is not a folder"),
            ("subs --out file/new", "file is not a folder"),
            ("subs --out fifo", "fifo is not a folder"),
            ("subs --out /dev/full", "/dev/full is not a folder"),
        ] {
            bench.refuses(&format!("{command} {folders}"), &[says]);
        }
    }
}

#[test]
fn submissions_must_be_a_folder_with_submissions() {
    let bench = Bench::new();
    for command in ["run", "split --parts 2"] {
        for (folder, says) in [
            ("nowhere", "cannot read the submissions in "),
            ("file", "is a file: unpack it, and name the folder"),
            ("fifo", "cannot read the submissions in "),
            ("/dev/null", "cannot read the submissions in /dev/null: "),
            ("empty", "contains no submissions: it should contain a file or folder per student"),
        ] {
            bench.refuses(&format!("{command} {folder} --out new"), &[says]);
        }
        bench.refuses(&format!("{command} --out new"), &["new does not say where the submissions"]);
    }
}

#[test]
fn links_lead_to_no_other_place() {
    let bench = Bench::new();
    std::os::unix::fs::symlink(bench.path("subs"), bench.path("link")).expect("it is writable");
    bench.refuses("run subs --out link", &["is the folder of the submissions"]);
    bench.refuses("run link --out subs/results", &["inside the folder of the submissions"]);
    std::os::unix::fs::symlink("/nowhere", bench.path("dead")).expect("it is writable");
    bench.refuses("run subs --out dead", &["dead is not a folder"]);
}
