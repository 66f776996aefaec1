//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::command::{self, Exit};
use crate::handout::{Handout, verify};
use crate::report::say;
use crate::sandbox::{LAUNCHER, Launch, launch};
use crate::tree;

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
    Handout(HandoutArguments),
    /// Grade a folder of submissions, or resume an interrupted grading
    Run(command::RunArguments),
    /// Write all reports of a grading again
    Report(command::ReportArguments),
    /// Run tests of one submission many times, to tell flaky from broken
    Repeat(command::RepeatArguments),
    /// Check the grader itself: honest solutions, attacks, interruptions
    Selfcheck(command::SelfcheckArguments),
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
}

#[derive(Args)]
struct HandoutArguments {
    /// Folder for the workspace; must be empty or not exist
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Stages whose solutions to remove [default: all]
    #[arg(long, value_delimiter = ',')]
    stages: Vec<String>,
}

/// Runs the program.
pub fn main() -> ExitCode {
    let exit = match Grade::parse().command {
        GradeCommand::Launch(arguments) => return launch(arguments),
        GradeCommand::Handout(arguments) => make_handout(&arguments),
        GradeCommand::Run(arguments) => command::run(arguments),
        GradeCommand::Gradescope(arguments) => command::pack(arguments),
        GradeCommand::Prepare => command::prepare(),
        GradeCommand::Judge(arguments) => command::judge(arguments),
        GradeCommand::Selfcheck(arguments) => command::check_grader(&arguments),
        GradeCommand::Report(arguments) => command::make_reports(arguments),
        GradeCommand::Repeat(arguments) => command::make_repetition(arguments),
    };
    let exit = exit.unwrap_or_else(|problem| {
        eprintln!("error: {problem}");
        Exit::Usage
    });
    ExitCode::from(exit as u8)
}

fn make_handout(arguments: &HandoutArguments) -> Result<Exit, String> {
    let out = &arguments.out;
    if out.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(format!(
            "{} is not empty: choose another folder for the handout",
            out.display()
        ));
    }
    let root = tree::root();
    let handout = Handout::cut(&root, &arguments.stages)?;
    handout.write(out)?;
    say(&format!("{}: {} files, sha256 {}", out.display(), handout.files.len(), handout.hash()));
    let checked = verify(&root, &arguments.stages, out, |finding| say(&format!("  ok  {finding}")));
    match checked {
        Ok(()) => Ok(Exit::Done),
        Err(problem) => {
            say(&format!("  NO  {problem}"));
            say("do not give this handout to students");
            Ok(Exit::Failed)
        }
    }
}
