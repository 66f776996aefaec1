//! Parts that are not there, or not what they should be.

use super::bench::{Bench, GRADING};

#[test]
fn parts_need_a_split() {
    let bench = Bench::new();
    for folder in ["nowhere", "empty", "other", "graded", "file"] {
        let says = format!("{folder} has no parts/split.json: split the class first");
        bench.refuses(&format!("merge {folder}"), &[&says]);
    }
    bench.refuses("run subs --out new --part 1/2", &["split the class first", "--parts 2"]);
    for (part, says) in [
        ("0/2", "the parts have the numbers 1 to 2"),
        ("3/2", "the parts have the numbers 1 to 2"),
        ("1/0", "a grading has 1 to 1000 parts"),
        ("1", "such as 3/16"),
        ("one/2", "such as 3/16"),
    ] {
        bench.refuses(&format!("run subs --out new --part {part}"), &[says]);
    }
}

#[test]
fn a_class_is_split_once_and_then_graded_in_parts() {
    let bench = Bench::new();
    bench.write("split/parts/split.json", "{}");
    bench.write("split/secret", "0123456789abcdef");
    let says =
        "split has been split already: grade its parts, or, to split it anew, delete split/parts";
    bench.refuses("split subs --out split --parts 2", &[says]);
    for command in ["run subs --out split", "run subs --out split --plan"] {
        bench.refuses(command, &["split was split into parts: grade one of them with --part"]);
    }
    let says = "there is no split/parts/3/part.json: copy the folder of the part here, or name";
    bench.refuses("run subs --out split --part 3/3", &[says]);
    let says = "graded has the results of a grading in one part: choose a new --out";
    bench.refuses("split subs --out graded --parts 2", &[says]);
}

#[test]
fn damaged_descriptions_are_refused() {
    let bench = Bench::new();
    bench.write("split/secret", "0123456789abcdef");
    for text in ["", "{", "[]", "{\"of\": -1}"] {
        bench.write("split/parts/split.json", text);
        bench.refuses("merge split", &["split/parts/split.json is damaged", "copy it here again"]);
        bench.write("split/parts/1/part.json", text);
        let command = "run subs --out split --part 1/2";
        bench.refuses(command, &["split/parts/1/part.json is damaged", "copy it here again"]);
    }
    let part = "{\"number\":2,\"of\":3,\"key\":\"\",\"seeds\":\"\",\"students\":{}}";
    bench.write("split/parts/1/part.json", part);
    bench.refuses(
        "run subs --out split --part 1/2",
        &["split/parts/1/part.json is part 2/3, not 1/2"],
    );
    let part = "{\"number\":1,\"of\":2,\"key\":\"\",\"seeds\":\"\",\"students\":{\"zoe\":\"\"}}";
    bench.write("split/parts/1/part.json", part);
    bench.refuses(
        "run subs --out split --part 1/2",
        &["these were among the submissions when the class was split, and are no more: zoe"],
    );
}

#[test]
fn a_merge_needs_the_secret_of_the_split() {
    let bench = Bench::new();
    let grading = GRADING.trim().replace("\"kind\":\"grading\",", "");
    let split = format!("{{\"of\":1,\"grading\":{grading},\"students\":{{}},\"missing\":[]}}");
    bench.write("split/parts/split.json", &split);
    let none = &["cannot read split/secret: there is no such file or folder"];
    bench.refuses("merge split", none);
    bench.refuses("merge split --secret short", &["short contains no secret"]);
    bench.write("split/secret", "0123456789abcdef");
    bench.refuses("merge split", &["split with another secret: name its file with --secret"]);
}
