//! Rubrics that are valid, and some that are not.

use records::TestInfo;

use super::{Detail, Item, Rubric, Visibility};
use crate::toml_file::TomlFile;

const GOOD: &str = "version = 1
[[bands]]
at_least = 1.0
earns = 1.0
[[bands]]
at_least = 0.5
earns = 0.25
[stage.2A]
points = 3
tests.a = { points = 1 }
tests.b = { points = 2, needs = [\"a\"] }
";

fn tests() -> Vec<TestInfo> {
    let info = |test: &str| TestInfo {
        test: test.to_owned(),
        stage: "2A".to_owned(),
        title: String::new(),
        limit_seconds: 1,
        optional: false,
    };
    ["2A::a", "2A::b"].map(info).to_vec()
}

/// The tests of a rubric that is read for 20 runs.
fn items(text: &str) -> Result<Vec<Item>, String> {
    Rubric::of(TomlFile::of(text), 20)?.items(&[], &tests())
}

fn problem_of(text: &str) -> String {
    items(text).map(|_| ()).expect_err("it is refused")
}

#[test]
fn an_optional_stage_counts_only_if_it_is_asked_for() {
    let text = format!("{GOOD}\n[stage.2B]\npoints = 1\ntests.c = {{ points = 1 }}\n");
    let mut tests = tests();
    let optional =
        TestInfo { test: "2B::c".to_owned(), stage: "2B".to_owned(), ..tests[0].clone() };
    tests.push(TestInfo { optional: true, ..optional });
    let rubric = Rubric::of(TomlFile::of(&text), 20).expect("it is in order");
    let names = |stages: &[String]| -> Vec<String> {
        let items = rubric.items(stages, &tests).expect("the stages are there");
        items.into_iter().map(|item| item.test).collect()
    };
    assert_eq!(names(&[]), ["2A::a", "2A::b"]);
    assert_eq!(names(&["2B".to_owned()]), ["2B::c"]);
}

#[test]
fn bands_decide_what_a_pass_rate_earns() {
    let items = items(GOOD).expect("the rubric is valid");
    let earned = [100, 99, 50, 49].map(|passes| items[0].share.earned(passes, 100));
    assert_eq!(earned, [1.0, 0.25, 0.25, 0.0]);
    assert_eq!(items[1].needs, ["2A::a"]);
}

#[test]
fn a_formula_stands_for_bands_as_a_whole_or_for_one_test() {
    let one =
        GOOD.replace("{ points = 1 }", "{ points = 1, formula = \"max(passes - 10, 0) / 10\" }");
    let items_of_one = items(&one).expect("the rubric is valid");
    let earned = |item: &Item| [10, 15, 20].map(|passes| item.share.earned(passes, 20));
    assert_eq!(earned(&items_of_one[0]), [0.0, 0.5, 1.0]);
    assert_eq!(earned(&items_of_one[1]), [0.25, 0.25, 1.0]);
    let (_, stage) = GOOD.split_once("[stage").expect("there is a stage");
    let whole = format!("version = 1\nformula = \"rate\"\n[stage{stage}");
    assert_eq!(earned(&items(&whole).expect("the rubric is valid")[1]), [0.5, 0.75, 1.0]);
    for (text, problem) in [
        (
            whole.replace("\"rate\"", "\"2 * rate\""),
            "test.toml:2: the formula gives 1.1 for 11 of 20 passes",
        ),
        (whole.replace("\"rate\"", "\"rate +\""), "test.toml:2: the formula ends too early"),
        (
            whole.replace("formula = \"rate\"", ""),
            "test.toml:1: the rubric has neither bands nor a formula",
        ),
        (
            GOOD.replace("[[bands]]\nat_least = 1", "formula = \"rate\"\n[[bands]]\nat_least = 1"),
            "test.toml:2: there are bands and a formula: leave one",
        ),
        (
            one.replace("{ points = 1,", "{ points = 1, bands = [{ at_least = 1, earns = 1 }],"),
            "test.toml:10: a: there are bands and a formula: leave one",
        ),
        (
            one.replace("10\" }", "passes\" }"),
            "test.toml:10: a: the formula gives NaN for 0 of 20 passes",
        ),
    ] {
        let found = problem_of(&text);
        assert!(found.starts_with(problem), "{found}");
    }
}

#[test]
fn what_students_see_is_set_for_all_tests_or_one() {
    let text = GOOD.replace(
        "[[bands]]\nat_least = 1",
        "visibility = \"after_due_date\"\ndetail = \"class\"\n[[bands]]\nat_least = 1",
    );
    let text =
        text.replace("points = 2,", "points = 2, visibility = \"hidden\", detail = \"points\",");
    let items = items(&text).expect("the rubric is valid");
    let shown = |item: &Item| (item.visibility, item.detail);
    assert_eq!(shown(&items[0]), (Visibility::AfterDueDate, Detail::Class));
    assert_eq!(shown(&items[1]), (Visibility::Hidden, Detail::Points));
}

#[test]
fn no_test_is_seen_before_one_that_it_needs() {
    let text = GOOD.replace("points = 1 }", "points = 1, visibility = \"hidden\" }");
    let problem = problem_of(&text);
    assert!(
        problem.starts_with("test.toml:11: students see b before a, which it needs"),
        "{problem}"
    );
    let both = text.replace("points = 2,", "points = 2, visibility = \"hidden\",");
    assert!(items(&both).is_ok());
}

#[test]
fn a_late_policy_is_reported_with_its_line() {
    let text = format!("{GOOD}[late]\nfactor_per_day = 0.9\n");
    let rubric = Rubric::of(TomlFile::of(&text), 20).expect("it is valid");
    assert_eq!(rubric.late().map(|late| late.apply(10.0, 1).0), Some(9.0));
    let problem = problem_of(&text.replace("0.9", "1.9"));
    assert_eq!(problem, "test.toml:12: factor_per_day = 1.9 must be between 0 and 1");
    assert!(
        problem_of(&text.replace("factor_per", "faktor_per"))
            .contains("test.toml:13: unknown field")
    );
}

#[test]
fn points_are_numbers_that_add_up() {
    for points in ["nan", "inf", "-inf", "-1", "1e300"] {
        for place in ["points = 3", "points = 1"] {
            let problem = problem_of(&GOOD.replace(place, &format!("points = {points}")));
            assert!(problem.contains("cannot be worth"), "{points}: {problem}");
        }
    }
    for band in ["nan", "inf", "-0.5"] {
        for field in ["at_least = 0.5", "earns = 0.25"] {
            let name = field.split(' ').next().unwrap_or_default();
            let text = GOOD.replace(field, &format!("{name} = {band}"));
            assert!(items(&text).is_err(), "{name} = {band}");
        }
    }
}

#[test]
fn an_endless_rubric_is_refused() {
    let folder = tempfile::tempdir().expect("the disk is writable");
    let long = folder.path().join("rubric.toml");
    std::fs::write(&long, vec![b'#'; 2 << 20]).expect("the disk is writable");
    for (path, reason) in
        [(long.as_path(), "is larger than 1024 KiB"), ("/dev/zero".as_ref(), "is a device")]
    {
        let problem = Rubric::read(path, 1).map(|_| ()).expect_err("it is refused");
        assert!(problem.contains(reason), "{problem}");
    }
}

#[test]
fn problems_are_reported_with_their_place() {
    for (from, to, problem) in [
        (
            "tests.b",
            "tests.c",
            "8: stage 2A does not list the test b (write points = 0 if it earns nothing)\ntest.toml:11: stage 2A has no test c",
        ),
        ("tests.b", "tests.c = { points = 0 }\ntests.b", "11: stage 2A has no test c"),
        ("[stage.2A]", "[stage.9Z]", "8: there is no stage 9Z"),
        ("points = 3", "points = 4", "9: the tests of stage 2A add up to 3, not 4"),
        ("\"a\"]", "\"b\"]", "11: b can need only a test before it in stage 2A, not b"),
        ("at_least = 0.5", "at_least = 1.5", "2: the numbers in a band must be between 0 and 1"),
        (
            "at_least = 0.5",
            "at_least = 1.0",
            "2: bands must be sorted from the highest pass rate to the lowest",
        ),
        ("version = 1", "version = 2", "1: this program reads only version 1: write version = 1"),
    ] {
        assert_eq!(problem_of(&GOOD.replace(from, to)), format!("test.toml:{problem}"));
    }
    let misspelt = problem_of(&GOOD.replace("earns = 0.25", "ears = 0.25"));
    assert!(misspelt.starts_with("test.toml:7: ") && misspelt.contains("ears"), "{misspelt}");
}
