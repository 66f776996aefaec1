//! Folders and files: those that are no files, crowds, and odd names.

use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;

use super::reader::{SOURCE, put};

/// Writes all folders and files to a folder.
pub(crate) fn create(folder: &Path) {
    let put = |path: &str, content: &[u8]| put(folder.join(path), content);
    for path in ["fifo.rs", "fifo/raft.rs"] {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it is writable");
        mkfifo(&path, Mode::S_IRUSR).expect("the disk is writable");
    }
    put("socket/readme", b"");
    // The file stays when nobody listens any more.
    UnixListener::bind(folder.join("socket/raft.rs")).expect("the disk is writable");
    put("folder.rs/readme", b"");
    put("link/readme", b"");
    for path in ["link.rs", "link/raft.rs"] {
        symlink("/dev/zero", folder.join(path)).expect("the disk is writable");
    }
    put("sparse/readme", b"");
    for path in ["sparse.rs", "sparse/raft.rs"] {
        let file = File::create(folder.join(path)).expect("the disk is writable");
        file.set_len(1 << 40).expect("the disk has sparse files");
    }
    put("crowd/readme", b"");
    put("with-build/target/readme", b"");
    for number in 0..2_100 {
        // More names for a file are made faster than more files.
        for name in [format!("crowd/{number}.txt"), format!("with-build/target/{number}.rs")] {
            let path = folder.join(name);
            let file = path.with_file_name("readme");
            std::fs::hard_link(file, path).expect("the disk is writable");
        }
    }
    put("with-build/raft.rs", SOURCE);
    put(&format!("deep/{}raft.rs", "d/".repeat(50)), SOURCE);
    put("good.rs", SOURCE);
    put("not-text.rs", b"\xff\xfe");
    put("paper.pdf", b"");
    for (place, name) in [("not-utf-8", b"caf\xe9.rs".as_slice()), ("odd-names", b"caf\xe9\n.pdf")]
    {
        put(&format!("{place}/raft.rs"), SOURCE);
        File::create(folder.join(place).join(OsStr::from_bytes(name))).expect("it is writable");
    }
}
