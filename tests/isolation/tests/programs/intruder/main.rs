//! A program that tries what a confined process may not do, in native code: before `main` and in it.
//!
//! `intruder survey` starts processes of this program and prints how each has ended, and `intruder cost PROGRAM`
//! what a start of the program costs. A process is started as
//! `intruder PHASE --confined ATTACK PARENT SIBLING`; without confinement there is `--free` in its place.

#[cfg(target_os = "linux")]
mod attacks;
#[cfg(target_os = "linux")]
mod survey;
#[cfg(target_os = "linux")]
mod work;

#[cfg(target_os = "linux")]
fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.get(1).map(String::as_str) {
        Some("survey") => survey::run(),
        Some("cost") => survey::cost(arguments.get(2).map(String::as_str)),
        // What is started to find out what a start costs.
        Some("__node") => drop(isolation::enter()),
        _ => {
            isolation::enter().expect("a process can be confined twice");
            attacks::run(&arguments, "after");
            work::run(&arguments);
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {}
