//! Submissions that are no honest archives, folders or repositories.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{Extent, Findings, grade_folder, put};
use crate::grade::Gates;
use crate::runlog::Outcome;

/// What each of them must be told, in part.
const ANSWERS: &[(&str, &str)] = &[
    ("bomb", "larger than"),
    ("climber", "leads out of the archive"),
    ("damaged", "no zip archive that can be read"),
    ("empty-folder", "there is no file named raft.rs"),
    ("far-too-large", "MiB is the most that is read"),
    ("linked", "is a link"),
    ("linked-folder", "is a link"),
    ("linked-tar", "is a link"),
    ("not-text", "is not UTF-8 text"),
    ("nothing-known.docx", "none of these"),
    ("tar-bomb", "larger than"),
    ("two-of-them", "there are two files named raft.rs"),
    ("zip-link", "is a link"),
];

pub(super) fn check(extent: Extent, folder: &Path, findings: &mut Findings) -> Result<(), String> {
    let submissions = folder.join("submissions");
    let harm = folder.join("harm");
    make(&submissions, &harm).map_err(|error| format!("cannot make the archives: {error}"))?;
    make_repository(&submissions.join("hooked"), &harm)?;
    let standings =
        grade_folder(extent, &submissions, &folder.join("results"), &["2A"], Gates::Shut)?;
    for (name, answer) in ANSWERS {
        let Some(standing) = standings.get(*name) else {
            findings.note(&format!("{name} is judged"), false, "it is lost");
            continue;
        };
        let refused = standing.outcome == Outcome::Unreadable && standing.message.contains(answer);
        let seen = format!("{}: {}", standing.outcome.describe(), standing.message);
        findings.note(&format!("{name}: \"{answer}\""), refused && standing.points == 0.0, &seen);
    }
    for (name, what) in [
        ("hooked", "a repository that names programs to run has none of them run"),
        ("own-build", "a build script and cargo's settings are not taken"),
    ] {
        let outcome = standings.get(name).map(|standing| standing.outcome);
        let ran = outcome == Some(Outcome::BuildError) && !harm.exists();
        findings.note(what, ran, &format!("{outcome:?}, harm {}", harm.exists()));
    }
    Ok(())
}

/// What does not compile, but would be taken.
const SOURCE: &[u8] = b"compile_error!(\"taken\");\n";

fn make(folder: &Path, harm: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder.join("empty-folder"))?;
    let zip = |name: &str| File::create(folder.join(name)).map(ZipWriter::new);
    let plain = SimpleFileOptions::default();

    let mut bomb = zip("bomb.zip")?;
    bomb.start_file("raft.rs", plain)?;
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..300 {
        bomb.write_all(&zeros)?;
    }
    bomb.finish()?;
    let mut climber = zip("climber.zip")?;
    climber.start_file("../../../../harm/raft.rs", plain)?;
    climber.write_all(SOURCE)?;
    climber.finish()?;
    let mut link = zip("zip-link.zip")?;
    link.add_symlink("raft.rs", "/etc/passwd", plain)?;
    link.finish()?;
    std::fs::write(folder.join("damaged.zip"), b"PK\x03\x04 and no more")?;

    let tar = |name: &str| {
        let file = File::create(folder.join(name))?;
        Ok::<_, std::io::Error>(tar::Builder::new(GzEncoder::new(file, Compression::fast())))
    };
    let mut header = tar::Header::new_gnu();
    header.set_size(300 << 20);
    header.set_mode(0o644);
    header.set_cksum();
    let mut bomb = tar("tar-bomb.tar.gz")?;
    bomb.append_data(
        &mut header,
        "raft.rs",
        std::io::Read::take(std::io::repeat(b' '), 300 << 20),
    )?;
    bomb.into_inner()?.finish()?;
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    let mut link = tar("linked-tar.tgz")?;
    link.append_link(&mut header, "raft.rs", "/etc/passwd")?;
    link.into_inner()?.finish()?;

    symlink("/etc/passwd", folder.join("linked.rs"))?;
    std::fs::create_dir(folder.join("linked-folder"))?;
    symlink("/etc/passwd", folder.join("linked-folder/raft.rs"))?;
    std::fs::write(folder.join("not-text.rs"), b"fn f() {} // \xff\xfe")?;
    std::fs::write(folder.join("nothing-known.docx"), b"dear grader")?;
    File::create(folder.join("far-too-large.rs"))?.set_len(100 << 20)?;
    for place in ["a", "b"] {
        std::fs::create_dir_all(folder.join("two-of-them").join(place))?;
        std::fs::write(folder.join("two-of-them").join(place).join("raft.rs"), SOURCE)?;
    }
    let own = folder.join("own-build");
    std::fs::create_dir_all(own.join("raft/src"))?;
    std::fs::create_dir_all(own.join(".cargo"))?;
    std::fs::write(own.join("raft/src/raft.rs"), SOURCE)?;
    let script = format!("fn main() {{ std::fs::write({harm:?}, \"x\").unwrap(); }}");
    std::fs::write(own.join("raft/build.rs"), script)?;
    let settings = format!("[build]\nrustc-wrapper = \"touch {}\"\n", harm.display());
    std::fs::write(own.join(".cargo/config.toml"), settings)
}

/// A repository whose settings name programs wherever git would run one.
fn make_repository(folder: &Path, harm: &Path) -> Result<(), String> {
    put(&folder.join("raft.rs"), SOURCE)?;
    put(&folder.join(".gitattributes"), b"*.rs filter=evil\n")?;
    let git = |arguments: &[&str]| {
        let own = ["-c", "user.name=x", "-c", "user.email=x@x"];
        let output = Command::new("git").current_dir(folder).args(own).args(arguments).output();
        output.is_ok_and(|output| output.status.success())
    };
    let program = format!("touch {}", harm.display());
    let settings = ["core.fsmonitor", "core.pager", "core.sshCommand", "filter.evil.smudge"];
    let committed = git(&["init", "--quiet"]) && git(&["add", "."]) && git(&["commit", "-qm", "x"]);
    if committed && settings.iter().all(|name| git(&["config", name, &program])) {
        Ok(())
    } else {
        Err("git makes no repository".to_owned())
    }
}
