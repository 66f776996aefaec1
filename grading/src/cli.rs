//! The command line.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::command::{self, Exit};
use crate::report::complain;
use crate::sandbox::{LAUNCHER, Launch, launch};
use crate::submission::{READER, Reader, read};

/// Hand out the labs, and grade what students hand in
#[derive(Parser)]
#[command(name = "cargo grade", bin_name = "cargo grade", disable_help_subcommand = true)]
struct Grade {
    #[command(subcommand)]
    command: GradeCommand,
    /// Accepted because cargo passes it on.
    #[arg(long, hide = true, global = true)]
    quiet: bool,
}

#[derive(Subcommand)]
enum GradeCommand {
    /// Write the students' workspace, without solutions, and check it
    Handout(command::HandoutArguments),
    /// Grade a folder of submissions, or resume an interrupted grading
    Run(command::RunArguments),
    /// Write all reports of a grading again
    Report(command::ReportArguments),
    /// Write the results for a gradebook, or the code for a search for copies
    Export(command::ExportArguments),
    /// Show whose points differ between two gradings, and why
    Compare(command::CompareArguments),
    /// Run tests of one submission many times, to tell flaky from broken
    Repeat(command::RepeatArguments),
    /// Check the grader itself: honest solutions, attacks, interruptions
    Selfcheck(command::SelfcheckArguments),
    /// Measure how reliably the tests notice known wrong solutions
    Bugs(command::BugsArguments),
    /// Pack an autograder for Gradescope
    Gradescope(command::GradescopeArguments),
    /// Compile what all submissions have in common
    #[command(hide = true)]
    Prepare,
    /// Grade one submission for Gradescope
    #[command(hide = true)]
    Judge(command::JudgeArguments),
    #[command(name = LAUNCHER, hide = true)]
    Launch(Launch),
    #[command(name = READER, hide = true)]
    Read(Reader),
}

/// Runs the program.
pub fn main() -> ExitCode {
    let exit = match Grade::parse().command {
        GradeCommand::Launch(arguments) => return launch(arguments),
        GradeCommand::Read(arguments) => return read(&arguments),
        GradeCommand::Handout(arguments) => command::make_handout(&arguments),
        GradeCommand::Run(arguments) => command::run(arguments),
        GradeCommand::Gradescope(arguments) => command::pack(arguments),
        GradeCommand::Prepare => command::prepare(),
        GradeCommand::Judge(arguments) => command::judge(arguments),
        GradeCommand::Selfcheck(arguments) => command::check_grader(&arguments),
        GradeCommand::Report(arguments) => command::make_reports(arguments),
        GradeCommand::Export(arguments) => command::export(arguments),
        GradeCommand::Compare(arguments) => command::compare_gradings(&arguments),
        GradeCommand::Bugs(arguments) => command::measure_bugs(arguments),
        GradeCommand::Repeat(arguments) => command::make_repetition(arguments),
    };
    let exit = exit.unwrap_or_else(|problem| {
        complain(&format!("error: {problem}"));
        Exit::Usage
    });
    ExitCode::from(exit as u8)
}
