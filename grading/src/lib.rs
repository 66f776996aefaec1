//! Everything that an instructor runs: `cargo grade …`.
//!
//! ```text
//! cargo grade handout --out ../handout
//! cargo grade run submissions --out results --stages 2A,2B
//! cargo grade report results --reveal
//! ```
//!
//! A submission passes through these modules:
//!
//! 1. `submission` reads the students' files from whatever was handed in.
//! 2. `build` compiles them.
//! 3. `sandboxed_runner` runs their tests.
//! 4. `grade` writes a line to the `runlog` for each run.
//! 5. `results` works out the results from that log, the `rubric` and the `adjustments`. `report` shows them, and
//!    `export` brings them to other systems.
//!
//! The code of submissions is compiled and run only inside the `sandbox`, and runs only in the processes of
//! servers and clerks: the tests, which judge it, are a program of their own.

mod adjustments;
mod bugs;
mod build;
mod cli;
mod command;
mod compare;
mod counted;
mod dependencies;
mod export;
mod files;
mod forecast;
mod foreign;
mod grade;
mod gradescope;
mod handout;
mod interrupt;
mod lock;
mod names;
mod own_program;
mod parts;
mod picture_files;
mod points;
mod problems;
mod processors;
mod repeat;
mod report;
mod results;
mod roster;
mod rubric;
mod runlog;
mod sandbox;
mod sandboxed_runner;
mod scoring;
mod scratch;
mod seeds;
mod selfcheck;
mod shell;
mod spreadsheet;
mod stages;
mod submission;
mod toml_file;
mod toolchain;
mod tree;
mod usage;
mod vendored;

pub use cli::main;
