//! Solutions that must get their points, and the skeleton, which must get none.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use walkdir::WalkDir;

use super::findings::Findings;
use super::grading::{Extent, Folder, PER_RUN, grade_folder, put};
use super::solution::Solution;
use crate::handout::Handout;
use crate::results::StudentResult;
use crate::{stages, tree};

const LAB_2: &[&str] = &["2A", "2B", "2C", "2D"];

const SERVICES: &[&str] = &["3A", "3B", "4A", "4B"];

pub(super) fn check(extent: Extent, folder: &Path, findings: &mut Findings) -> Result<(), String> {
    let root = tree::root();
    let reference = Solution::read(&root)?;
    let handout = Handout::cut(&root, &stages::all())?;
    let submissions = folder.join("submissions");
    reference.of("raft").put(&submissions.join("reference"))?;
    reference.of("raft").thread_heavy()?.put(&submissions.join("thread-heavy"))?;
    reference.of("raft").slow()?.put(&submissions.join("slow"))?;
    reference.of("raft").global_state()?.put(&submissions.join("global-state"))?;
    let styles = hand_in_styles(&root, &submissions)?;
    let skeleton = handout.files.get(Path::new("raft/src/raft.rs"));
    put(&submissions.join("skeleton.rs"), skeleton.ok_or("the handout has no raft.rs")?)?;

    let out = folder.join("results");
    let results = grade_folder(extent, lab_2(&submissions, &out))?;
    let variants = ["reference", "thread-heavy", "slow", "global-state"];
    for name in variants.into_iter().chain(styles.iter().map(String::as_str)) {
        note_full_marks(&results, name, "Lab 2", findings)?;
    }
    note_no_points(&results, "Lab 2", findings);
    check_resuming(extent, folder, findings)?;
    check_services(extent, &reference, &handout, &folder.join("services"), findings)
}

/// Hands in the solutions of other styles in `grading/honest`. Returns their names.
fn hand_in_styles(root: &Path, submissions: &Path) -> Result<Vec<String>, String> {
    let folder = root.join("grading/honest");
    let mut names = Vec::new();
    for entry in WalkDir::new(&folder).sort_by_file_name() {
        let entry = entry.map_err(|error| format!("cannot read the styles: {error}"))?;
        let path = entry.path().strip_prefix(&folder).map_err(|error| error.to_string())?;
        if entry.file_type().is_file() {
            let text = std::fs::read(entry.path())
                .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            put(&submissions.join(path), &text)?;
        } else if entry.depth() == 1 {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(names)
}

fn lab_2<'a>(submissions: &'a Path, results: &'a Path) -> Folder<'a> {
    Folder { submissions, results, stages: LAB_2, workspace: BTreeMap::new() }
}

/// The same for the labs on top of Raft, which come as folders.
fn check_services(
    extent: Extent,
    reference: &Solution,
    handout: &Handout,
    folder: &Path,
    findings: &mut Findings,
) -> Result<(), String> {
    let submissions = folder.join("submissions");
    reference.put(&submissions.join("reference"))?;
    for file in tree::student_files() {
        let skeleton = handout.files.get(Path::new(file));
        let skeleton = skeleton.ok_or_else(|| format!("the handout has no {file}"))?;
        put(&submissions.join("skeleton").join(file), skeleton)?;
    }
    let results = grade_folder(
        extent,
        Folder {
            submissions: &submissions,
            results: &folder.join("results"),
            stages: SERVICES,
            workspace: BTreeMap::new(),
        },
    )?;
    note_full_marks(&results, "reference", "Labs 3 and 4", findings)?;
    note_no_points(&results, "Labs 3 and 4", findings);
    Ok(())
}

fn note_full_marks(
    results: &BTreeMap<String, StudentResult>,
    name: &str,
    lab: &str,
    findings: &mut Findings,
) -> Result<(), String> {
    let result = results.get(name).ok_or("a submission is lost")?;
    let worst = result.worst().map_or("", |test| test.test.as_str());
    let seen = format!("{} of {}, {worst}", result.points, result.possible);
    let full = (result.points - result.possible).abs() < 1e-9 && result.possible > 0.0;
    findings.note(&format!("{lab}: {name} gets full marks"), full, &seen);
    Ok(())
}

fn note_no_points(results: &BTreeMap<String, StudentResult>, lab: &str, findings: &mut Findings) {
    let points = results.get("skeleton").map_or(-1.0, |result| result.points);
    let claim = format!("{lab}: the skeleton gets no points");
    findings.note(&claim, points == 0.0, &format!("it gets {points}"));
}

/// A grading that is killed in the middle and gone on with leaves the same reports.
fn check_resuming(extent: Extent, folder: &Path, findings: &mut Findings) -> Result<(), String> {
    let whole = folder.join("results");
    let resumed = folder.join("resumed");
    std::fs::create_dir_all(&resumed).map_err(|error| error.to_string())?;
    std::fs::copy(whole.join("secret"), resumed.join("secret"))
        .map_err(|error| error.to_string())?;
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let count =
        || std::fs::read_to_string(resumed.join("runs.jsonl")).map_or(0, |log| log.lines().count());
    let mut killed_at = Vec::new();
    for target in [40, 90] {
        let mut command = Command::new(&own);
        command.arg("run").arg(folder.join("submissions")).arg("--out").arg(&resumed);
        command.arg(format!("--seeds={}", extent.runs)).arg(format!("--jobs={}", extent.jobs));
        command.arg(format!("--stages={}", LAB_2.join(",")));
        command.arg(format!("--cpu-per-run={}", PER_RUN.as_secs()));
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("this program does not start: {error}"))?;
        let begun = Instant::now();
        while count() < target && begun.elapsed() < Duration::from_secs(600) {
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = child.kill();
        let _ = child.wait();
        killed_at.push(count());
    }
    grade_folder(extent, lab_2(&folder.join("submissions"), &resumed))?;
    for report in ["summary.json", "gradebook.csv", "students/slow/feedback.html"] {
        let [one, other] = [&whole, &resumed].map(|folder| std::fs::read(folder.join(report)).ok());
        findings.note(
            &format!("{report} is the same after grading was killed twice, at {killed_at:?} lines"),
            one.is_some() && one == other,
            "it differs",
        );
    }
    Ok(())
}
