//! `cargo grade handout`

use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use crate::handout::{Handout, verify};
use crate::report::say;
use crate::{stages, tree};

#[derive(Args)]
pub(crate) struct HandoutArguments {
    /// Folder for the workspace; must be empty or not exist
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Stages that students are to write [default: all]
    #[arg(long, value_delimiter = ',', value_parser = stages::parse)]
    stages: Vec<String>,
    /// Stages to leave solved, exactly these
    #[arg(long, value_name = "STAGES", value_delimiter = ',', value_parser = stages::parse)]
    with_solutions: Vec<String>,
}

/// Writes the students' workspace, and checks it.
pub(crate) fn make_handout(arguments: &HandoutArguments) -> Result<Exit, String> {
    let out = &arguments.out;
    let cut = stages::to_cut(&arguments.stages, &arguments.with_solutions)?;
    if out.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(format!(
            "{} is not empty: choose another folder for the handout",
            out.display()
        ));
    }
    let root = tree::root();
    let handout = Handout::cut(&root, &cut)?;
    handout.write(out)?;
    say(&format!("{}: {} files, sha256 {}", out.display(), handout.files.len(), handout.hash()));
    match verify(&root, &cut, out, |finding| say(&format!("  ok  {finding}"))) {
        Ok(()) => Ok(Exit::Done),
        Err(problem) => {
            say(&format!("  NO  {problem}"));
            say("do not give this handout to students");
            Ok(Exit::Failed)
        }
    }
}
