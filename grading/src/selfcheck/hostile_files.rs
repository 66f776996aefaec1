//! Archives, folders and repositories that try to trick the grader.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{EntryType, Header};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::files::write_file;

/// A file that does not compile, but is read like any other.
const SOURCE: &[u8] = b"compile_error!(\"read\");\n";

/// The unpacked size of the archive bombs, in bytes.
const BOMB_SIZE: u64 = 300 << 20;

/// Creates all of them in a folder. If the grader runs any program that they name, the file `harm` appears.
pub(super) fn create(folder: &Path, harm: &Path) -> Result<(), String> {
    let create = || {
        std::fs::create_dir_all(folder.join("empty-folder"))?;
        create_zips(folder)?;
        create_tars(folder)?;
        create_files(folder)?;
        create_folders(folder)?;
        create_build_script(&folder.join("own-build"), harm)
    };
    create().map_err(|error: io::Error| format!("cannot create the archives: {error}"))?;
    create_repository(&folder.join("hooked"), harm)
}

fn create_zips(folder: &Path) -> io::Result<()> {
    let zip = |name: &str| File::create(folder.join(name)).map(ZipWriter::new);
    let plain = SimpleFileOptions::default();

    let mut bomb = zip("bomb.zip")?;
    bomb.start_file("raft.rs", plain)?;
    io::copy(&mut io::repeat(b' ').take(BOMB_SIZE), &mut bomb)?;
    bomb.finish()?;
    let mut climber = zip("climber.zip")?;
    climber.start_file("../../../../harm/raft.rs", plain)?;
    climber.write_all(SOURCE)?;
    climber.finish()?;
    let mut link = zip("zip-link.zip")?;
    link.add_symlink("raft.rs", "/etc/passwd", plain)?;
    link.finish()?;
    std::fs::write(folder.join("damaged.zip"), b"PK\x03\x04 and no more")
}

fn create_tars(folder: &Path) -> io::Result<()> {
    let tar = |name: &str| {
        let file = File::create(folder.join(name))?;
        Ok::<_, io::Error>(tar::Builder::new(GzEncoder::new(file, Compression::fast())))
    };
    let mut header = Header::new_gnu();
    header.set_size(BOMB_SIZE);
    header.set_mode(0o644);
    header.set_cksum();
    let mut bomb = tar("tar-bomb.tar.gz")?;
    bomb.append_data(&mut header, "raft.rs", io::repeat(b' ').take(BOMB_SIZE))?;
    bomb.into_inner()?.finish()?;
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Symlink);
    header.set_size(0);
    let mut link = tar("linked-tar.tgz")?;
    link.append_link(&mut header, "raft.rs", "/etc/passwd")?;
    link.into_inner()?.finish()?;
    Ok(())
}

fn create_files(folder: &Path) -> io::Result<()> {
    symlink("/etc/passwd", folder.join("linked.rs"))?;
    std::fs::write(folder.join("not-text.rs"), b"fn f() {} // \xff\xfe")?;
    std::fs::write(folder.join("nothing-known.docx"), b"dear grader")?;
    File::create(folder.join("far-too-large.rs"))?.set_len(100 << 20)
}

fn create_folders(folder: &Path) -> io::Result<()> {
    std::fs::create_dir(folder.join("linked-folder"))?;
    symlink("/etc/passwd", folder.join("linked-folder/raft.rs"))?;
    for place in ["a", "b"] {
        let inner = folder.join("two-of-them").join(place);
        std::fs::create_dir_all(&inner)?;
        std::fs::write(inner.join("raft.rs"), SOURCE)?;
    }
    Ok(())
}

/// A submission with a build script, and with settings that make cargo run a program.
fn create_build_script(folder: &Path, harm: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder.join("raft/src"))?;
    std::fs::create_dir_all(folder.join(".cargo"))?;
    std::fs::write(folder.join("raft/src/raft.rs"), SOURCE)?;
    let script = format!("fn main() {{ std::fs::write({harm:?}, \"x\").unwrap(); }}");
    std::fs::write(folder.join("raft/build.rs"), script)?;
    let settings = format!("[build]\nrustc-wrapper = \"touch {}\"\n", harm.display());
    std::fs::write(folder.join(".cargo/config.toml"), settings)
}

/// A repository whose settings name a program wherever git would run one.
fn create_repository(folder: &Path, harm: &Path) -> Result<(), String> {
    write_file(&folder.join("raft.rs"), SOURCE)?;
    write_file(&folder.join(".gitattributes"), b"*.rs filter=evil\n")?;
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
        Err("cannot create a git repository".to_owned())
    }
}
