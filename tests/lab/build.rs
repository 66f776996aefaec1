//! How the programs of this package are linked. Each server is a process of one of them, and most live shortly.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let is = |variable, value| std::env::var(variable).is_ok_and(|found| found == value);
    let features = std::env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    // What is linked statically has no loader.
    let is_static = features.split(',').any(|feature| feature == "crt-static");
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && !is_static {
        // The loader need not write the address of the program to thousands of places in it, which saves a
        // server about 90 µs at its start.
        // Also, addresses of statics are the same in every run, whether the kernel allows that or not.
        println!("cargo:rustc-link-arg=-no-pie");
        // The code that unwinds stacks comes before the shared library of it, which need not be loaded then.
        // That saves about 100 µs more.
        if has_static_unwinder() {
            println!("cargo:rustc-link-lib=static=gcc_eh");
        }
    }
}

/// Whether the compiler that links has the code that unwinds stacks as a static library.
fn has_static_unwinder() -> bool {
    println!("cargo:rerun-if-env-changed=RUSTC_LINKER");
    let linker = std::env::var("RUSTC_LINKER").unwrap_or_else(|_| "cc".to_owned());
    // What is not found is printed as it was asked for.
    let found = Command::new(linker).arg("-print-file-name=libgcc_eh.a").output();
    found.is_ok_and(|output| {
        let path = String::from_utf8_lossy(&output.stdout);
        Path::new(path.trim()).is_absolute() && Path::new(path.trim()).exists()
    })
}
