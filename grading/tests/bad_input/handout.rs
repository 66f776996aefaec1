//! Handouts and autograders that cannot be written.

use std::ffi::OsStr;
use std::path::Path;

use super::bench::Bench;

#[test]
fn a_handout_needs_an_empty_folder_outside() {
    let bench = Bench::new();
    for (out, says) in [
        ("other", "other is not empty: choose another folder for the handout"),
        ("file", "file is not a folder: choose another one for the handout"),
        ("file/new", "file is not a folder"),
        ("fifo", "fifo is not a folder"),
    ] {
        bench.refuses(&format!("handout --out {out}"), &[says]);
    }
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../handout");
    let arguments = [OsStr::new("handout"), OsStr::new("--out"), workspace.as_os_str()];
    bench.refuses_arguments(&arguments, &["is inside this workspace: choose a folder outside"]);
}

#[test]
fn an_autograder_overwrites_nothing_but_an_autograder() {
    let bench = Bench::new();
    for out in ["other", "file", "fifo", "/dev/full"] {
        let says = format!("cannot write {out}: it exists and is not an autograder");
        bench.refuses(&format!("gradescope --out {out}"), &[&says]);
    }
    bench.refuses("gradescope --out file/new.zip", &["file is not a folder"]);
    for secret in ["short", "binary", "fifo", "other"] {
        bench.refuses(&format!("gradescope --out new.zip --secret {secret}"), &[secret]);
    }
}
