//! Archives: bombs, crowds, and names that lead elsewhere.

use std::fs::File;
use std::io::{self, Cursor, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{EntryType, Header};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::reader::SOURCE;

/// More than any archive may unpack to, in bytes.
const BOMB: usize = 40 << 20;

/// Writes all archives to a folder.
pub(crate) fn create(folder: &Path) {
    zips(folder).expect("the disk is writable");
    tars(folder).expect("the disk is writable");
}

fn zips(folder: &Path) -> io::Result<()> {
    std::fs::create_dir(folder.join("folder-with-zip"))?;
    let put = |name: &str, bytes: Vec<u8>| std::fs::write(folder.join(name), bytes);
    put("good.zip", zip([("hw/raft/src/raft.rs", SOURCE), ("hw/raft/src/raft/log.rs", SOURCE)])?)?;
    put("backslashes.zip", zip([("raft\\src\\raft.rs", SOURCE)])?)?;
    put("climber.zip", zip([("../../raft.rs", SOURCE)])?)?;
    put("absolute.zip", zip([("/raft.rs", SOURCE)])?)?;
    put("line-break.zip", zip([("raft.rs", SOURCE), ("raft/a\nb.rs", SOURCE)])?)?;
    put("escape.zip", zip([("raft/\u{1b}[2J<img>.rs", SOURCE)])?)?;
    put("long-name.zip", zip([(format!("raft/{}.rs", "x".repeat(60_000)), SOURCE)])?)?;
    put("deep.zip", zip([(format!("{}raft.rs", "d/".repeat(10_000)), SOURCE)])?)?;
    put("nested.zip", zip([("inner.zip", zip([("raft.rs", SOURCE)])?)])?)?;
    put("nested-twice.zip", zip([("a.zip", zip([("b.zip", zip([("raft.rs", SOURCE)])?)])?)])?)?;
    put("beside-an-old.zip", zip([("raft.rs", SOURCE.to_vec()), ("old.zip", b"PK".to_vec())])?)?;
    put("bomb-within.zip", zip([("a/bomb.zip", bomb()?)])?)?;
    put("damaged-within.zip", zip([("a.zip", b"PK\x03\x04 and no more")])?)?;
    put("large-within.zip", zip([("a.zip", vec![0; 9 << 20])])?)?;
    put("climber-within.zip", zip([("a.zip", zip([("../../raft.rs", SOURCE)])?)])?)?;
    // Each of them is within the limits, and all of them are not.
    let crowd = |name: &str| zip((0..900).map(|number| (format!("raft/{name}{number}.rs"), b"")));
    let crowds = [("a.zip", crowd("a")?), ("b.zip", crowd("b")?), ("c.zip", crowd("c")?)];
    put("crowds-within.zip", zip(crowds)?)?;
    let tars = [("a.tgz", large_tar(20 << 20)?), ("b.tgz", large_tar(20 << 20)?)];
    put("tars-within.zip", zip(tars)?)?;
    put("folder-with-zip/lab2.zip", zip([("src/raft.rs", SOURCE)])?)?;
    put("damaged.zip", b"PK\x03\x04 and no more".to_vec())?;
    put("crowd.zip", zip((0..2_500).map(|number| (format!("raft/{number}.rs"), SOURCE)))?)?;
    put(
        "1900.zip",
        zip((0..1_900).map(|number| (format!("raft{}.rs", modules(number)), SOURCE)))?,
    )?;
    let large = vec![b' '; 1 << 20];
    put("large.zip", zip((0..20).map(|number| (format!("raft/{number}.rs"), large.as_slice())))?)?;
    put("directory-only.zip", directory_only(150_000))?;
    let mut twice = zip([("raft.rs", SOURCE), ("raft_rs", SOURCE)])?;
    replace(&mut twice, b"raft_rs", b"raft.rs");
    put("twice.zip", twice)?;
    put("bomb.zip", bomb()?)?;
    let mut lying = bomb()?;
    replace(&mut lying, &(BOMB as u32).to_le_bytes(), &10u32.to_le_bytes());
    put("lying.zip", lying)?;
    let mut link = ZipWriter::new(File::create(folder.join("link.zip"))?);
    link.add_symlink("raft.rs", "/etc/passwd", SimpleFileOptions::default())?;
    link.finish()?;
    Ok(())
}

/// A path below `raft`, or nothing for the first.
fn modules(number: usize) -> String {
    if number == 0 { String::new() } else { format!("/m{number}") }
}

fn zip<N: Into<Box<str>>, C: AsRef<[u8]>>(
    files: impl IntoIterator<Item = (N, C)>,
) -> io::Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        archive.start_file(name.into(), SimpleFileOptions::default())?;
        archive.write_all(content.as_ref())?;
    }
    Ok(archive.finish()?.into_inner())
}

fn bomb() -> io::Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("raft.rs", SimpleFileOptions::default())?;
    archive.write_all(&vec![b' '; BOMB])?;
    Ok(archive.finish()?.into_inner())
}

fn replace(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    let mut found = false;
    for start in 0..bytes.len() - from.len() {
        if bytes[start..].starts_with(from) {
            bytes[start..start + to.len()].copy_from_slice(to);
            found = true;
        }
    }
    assert!(found, "there is nothing to replace");
}

/// An archive that lists very many files and contains none.
fn directory_only(count: u64) -> Vec<u8> {
    let mut bytes = b"PK\x03\x04".to_vec();
    bytes.extend([0; 26]);
    let start = bytes.len() as u64;
    for number in 0..count {
        let name = format!("{number:x}");
        bytes.extend(b"PK\x01\x02\x14\0\x14\0");
        bytes.extend([0; 20]);
        bytes.extend((name.len() as u16).to_le_bytes());
        bytes.extend([0; 16]);
        bytes.extend(name.as_bytes());
    }
    let end = bytes.len() as u64;
    bytes.extend(b"PK\x06\x06");
    bytes.extend(44u64.to_le_bytes());
    bytes.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    [count, count, end - start, start].iter().for_each(|number| bytes.extend(number.to_le_bytes()));
    bytes.extend(b"PK\x06\x07\0\0\0\0");
    bytes.extend(end.to_le_bytes());
    bytes.extend(b"\x01\0\0\0PK\x05\x06\0\0\0\0");
    bytes.extend([0xff; 12]);
    bytes.extend([0; 2]);
    bytes
}

/// A compressed tar archive with a file of this many bytes that is no source.
fn large_tar(size: usize) -> io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut header = header(EntryType::Regular, size as u64);
    archive.append_data(&mut header, "data.bin", vec![b' '; size].as_slice())?;
    archive.into_inner()?.finish()
}

fn tars(folder: &Path) -> io::Result<()> {
    let tar = |name: &str| {
        let file = File::create(folder.join(name))?;
        Ok::<_, io::Error>(tar::Builder::new(GzEncoder::new(file, Compression::fast())))
    };
    let mut good = tar("good.tgz")?;
    good.append_data(
        &mut header(EntryType::Regular, SOURCE.len() as u64),
        "hw/raft/src/raft.rs",
        SOURCE,
    )?;
    good.into_inner()?.finish()?;
    let spaces = vec![b' '; BOMB];
    for (name, path) in [("bomb.tar.gz", "raft.rs"), ("beside-a-bomb.tar.gz", "data.bin")] {
        let mut bomb = tar(name)?;
        let mut header = header(EntryType::Regular, BOMB as u64);
        bomb.append_data(&mut header, path, spaces.as_slice())?;
        bomb.into_inner()?.finish()?;
    }
    let mut long = tar("long-name.tar.gz")?;
    let mut name = header(EntryType::GNULongName, BOMB as u64);
    name.set_path("././@LongLink")?;
    name.set_cksum();
    long.append(&name, spaces.as_slice())?;
    long.append_data(&mut header(EntryType::Regular, 0), "raft.rs", io::empty())?;
    long.into_inner()?.finish()?;
    let mut crowd = tar("crowd.tar.gz")?;
    for number in 0..5_000 {
        let path = format!("raft/{number}.rs");
        crowd.append_data(&mut header(EntryType::Regular, 0), path, io::empty())?;
    }
    crowd.into_inner()?.finish()?;
    let mut twice = tar("twice.tgz")?;
    for text in [SOURCE, b"// another one\n"] {
        let mut header = header(EntryType::Regular, text.len() as u64);
        twice.append_data(&mut header, "raft.rs", text)?;
    }
    twice.into_inner()?.finish()?;
    for (name, kind) in [("hard-link.tgz", EntryType::Link), ("fifo.tgz", EntryType::Fifo)] {
        let mut archive = tar(name)?;
        archive.append_link(&mut header(kind, 0), "raft.rs", "/etc/passwd")?;
        archive.into_inner()?.finish()?;
    }
    std::fs::write(folder.join("damaged.tgz"), b"\x1f\x8b and no more")
}

fn header(kind: EntryType, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(0o644);
    header.set_cksum();
    header
}
