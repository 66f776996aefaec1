//! Files that a grading is to begin with.

use super::bench::Bench;

#[test]
fn files_of_the_wrong_kind_are_refused() {
    let bench = Bench::new();
    for option in ["rubric", "roster", "adjustments", "secret"] {
        for (file, says) in [
            ("other", "other is a folder, not a file"),
            ("fifo", "fifo is a FIFO, not a file"),
            ("latin1", "latin1 is not UTF-8 text"),
            ("/dev/zero", "/dev/zero is a device, not a file"),
        ] {
            bench.refuses(&format!("run subs --out new --{option} {file}"), &[says]);
        }
        if option != "secret" {
            let command = format!("run subs --out new --{option} nowhere");
            bench.refuses(&command, &["nowhere: there is no such file or folder"]);
        }
    }
    bench.refuses("run subs --out new --secret file/x", &["file is not a folder"]);
    for command in ["run subs", "split subs --parts 2", "run subs --plan"] {
        let command = format!("{command} --out new --secret short");
        bench.refuses(&command, &["short contains no secret", "at least 16 characters"]);
    }
}

#[test]
fn all_wrong_files_are_named_at_once() {
    let bench = Bench::new();
    bench.refuses(
        "run subs --out other --rubric nowhere.toml --roster nowhere.csv --secret short",
        &["nowhere.toml", "nowhere.csv", "short contains no secret", "other contains other files"],
    );
}

#[test]
fn a_broken_roster_is_refused_with_its_lines() {
    let bench = Bench::new();
    for (roster, says) in [
        ("", &["its first line names no column student"][..]),
        ("student,id\n", &["has no students below its header"]),
        ("student;id\nalice;1\n", &["separated by semicolons"]),
        ("student,id\nalice,1\nalice,2\n,3\n", &["line 3: the student", "line 4: the cell of"]),
        ("student,id\nalice,1\nbob,1\n", &["line 3: the id \"1\" is also in line 2"]),
        ("student\n../alice\n.bob\n", &["line 2: \"../alice\"", "line 3: \".bob\""]),
        ("student\n\"alice\nbob\n", &["line 2: a quoted cell does not end on its line"]),
        ("student,id\nalice,1,2\nbob\n", &["line 2: it has 3 cells", "line 3: it has 1 cell,"]),
        ("student\ncarol\n", &["alice.rs is nobody's", "bob.rs is nobody's"]),
    ] {
        bench.write("bad.csv", roster);
        bench.refuses("run subs --out new --roster bad.csv", says);
    }
}

#[test]
fn a_broken_rubric_is_refused_with_all_its_lines() {
    let bench = Bench::new();
    for (rubric, says) in [
        ("version = \n", &["bad.toml:1: "][..]),
        ("stage = {}\n", &["bad.toml:1: missing field `version`"]),
        ("version = 1\nbounds = 3\n", &["bad.toml:2: unknown field `bounds`"]),
        ("version = 1\n[stage.2A]\npoints = 1e400\ntests = {}\n", &["bad.toml:3: "]),
        (
            "version = 2\nformula = \"rte\"\n[stage.2A]\npoints = 1\ntests.x = { points = -1 }\n\
             tests.y = { points = nan }\n[late]\nfree_days = 1\n",
            &[
                "bad.toml:1: this program",
                "bad.toml:2: ",
                "bad.toml:5: x",
                "bad.toml:6: y",
                "bad.toml:7: ",
            ],
        ),
        (
            "version = 1\nformula = \"rate\"\n[stage.2A]\npoints = 1\ntests.x = { points = 1 }\n\
             [stage.9Z]\npoints = 1\ntests.y = { points = 1 }\n",
            &[
                "bad.toml:3: stage 2A does not list",
                "bad.toml:5: stage 2A has no test x",
                "bad.toml:6: there is no stage 9Z",
            ],
        ),
    ] {
        bench.write("bad.toml", rubric);
        bench.refuses("run subs --out new --rubric bad.toml", says);
    }
}

#[test]
fn adjustments_need_students_reasons_and_numbers_in_range() {
    let bench = Bench::new();
    for (change, says) in [
        ("points = nan", "points must be a number from "),
        ("points = 1e400", "bad.toml:3: "),
        ("factor = 3", "factor must be a number from 0 to 2"),
        ("late_days = -1", "late_days must be a whole number from 0 to 1000"),
        ("late_days = 99999999999999999999", "late_days must be a whole number from 0 to 1000"),
        ("pints = 1", "unknown \"pints\""),
        ("points = 1\nfactor = 1", "exactly one of points, factor and late_days"),
    ] {
        bench.write("bad.toml", &format!("[[student.alice]]\nreason = 'x'\n{change}\n"));
        bench.refuses("run subs --out new --adjustments bad.toml", &[says]);
    }
    bench.write("bad.toml", "[[student.eve]]\nreason = 'x'\npoints = 1\n");
    bench.refuses("run subs --out new --adjustments bad.toml", &["of a student \"eve\""]);
}

#[test]
fn only_takes_names_of_the_class() {
    let bench = Bench::new();
    bench.refuses(
        "run subs --out new --only zoe,alice,yan",
        &["no submission is that of \"yan\"", "no submission is that of \"zoe\""],
    );
}
