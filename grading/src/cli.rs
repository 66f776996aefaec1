//! The command line.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::command::{self, Exit};
use crate::interrupt;
use crate::report::complain;
use crate::sandbox::{LAUNCHER, Launch, launch};
use crate::scratch;
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
    /// Split a class into parts, to grade it on several machines
    Split(command::SplitArguments),
    /// Merge the parts of a class, and write all reports
    Merge(command::MergeArguments),
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
    /// Compile what all submissions have in common, before the first grading
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
        GradeCommand::Split(arguments) => command::split(arguments),
        GradeCommand::Merge(arguments) => command::merge(arguments),
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
        if interrupt::requested() { Exit::Interrupted } else { Exit::Usage }
    });
    scratch::clear();
    ExitCode::from(exit as u8)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::Grade;

    const TEXTS: &[(&str, &str)] = &[
        ("README.md", include_str!("../../README.md")),
        ("grading/README.md", include_str!("../README.md")),
        ("grading/github-actions.yml", include_str!("../github-actions.yml")),
        ("grading/kubernetes.yaml", include_str!("../kubernetes.yaml")),
        ("grading/Containerfile", include_str!("../Containerfile")),
    ];

    /// The arguments in a line that calls this program, as a shell would see them.
    fn arguments(line: &str) -> Option<Vec<String>> {
        let (before, call) = line.split_once("cargo grade ")?;
        let is_command =
            before.trim().is_empty() || ["RUN", "-", "- run:", "#", "$"].contains(&before.trim());
        let call = call.split("  #").next().unwrap_or(call);
        let call =
            call.replace("$((JOB_COMPLETION_INDEX + 1))", "1").replace("${{ matrix.part }}", "1");
        is_command.then(|| words(&call))
    }

    /// Words are separated by blanks, except within quotes.
    fn words(call: &str) -> Vec<String> {
        let pieces = call.split('"').enumerate();
        let pieces = pieces.map(|(place, piece)| match place % 2 {
            0 => piece.replace(' ', "\n"),
            _ => piece.to_owned(),
        });
        let lines: String = pieces.collect();
        lines.lines().filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    #[test]
    fn every_command_that_is_documented_exists() {
        let mut count = 0;
        for (file, text) in TEXTS {
            for arguments in text.replace(" \\\n", " ").lines().filter_map(arguments) {
                let words = std::iter::once("grade").chain(arguments.iter().map(String::as_str));
                if let Err(problem) = Grade::try_parse_from(words) {
                    panic!("{file}: cargo grade {}: {problem}", arguments.join(" "));
                }
                count += 1;
            }
        }
        assert!(count > 15, "only {count} commands were found");
    }
}
