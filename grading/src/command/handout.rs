//! `cargo grade handout`

use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Exit;
use super::places::real;
use crate::counted::counted;
use crate::files::check_creatable;
use crate::handout::{Handout, verify};
use crate::report::say;
use crate::{stages, tree};

#[derive(Args)]
pub(crate) struct HandoutArguments {
    /// Folder for the workspace; must be empty or not exist
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Stages that students are to write [default: all but optional ones]
    #[arg(long, value_delimiter = ',', value_parser = stages::parse)]
    stages: Vec<String>,
    /// Stages to leave solved, exactly these
    #[arg(long, value_name = "STAGES", value_delimiter = ',', value_parser = stages::parse)]
    with_solutions: Vec<String>,
}

/// Checks that the handout can be written there, and is no part of this workspace.
fn check_out(out: &Path, root: &Path) -> Result<(), String> {
    let show = out.display();
    if out.symlink_metadata().is_ok() && !out.is_dir() {
        return Err(format!("{show} is not a folder: choose another one for the handout"));
    }
    if out.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(format!("{show} is not empty: choose another folder for the handout"));
    }
    if real(out).starts_with(real(root)) {
        return Err(format!(
            "{show} is inside this workspace: choose a folder outside, such as ../handout"
        ));
    }
    check_creatable(out)
}

/// Writes the students' workspace, and checks it.
pub(crate) fn make_handout(arguments: &HandoutArguments) -> Result<Exit, String> {
    let out = &arguments.out;
    let cut = stages::to_cut(&arguments.stages, &arguments.with_solutions)?;
    let root = tree::root();
    check_out(out, &root)?;
    let handout = Handout::cut(&root, &cut)?;
    handout.write(out)?;
    let files = counted(handout.files.len(), "file");
    say(&format!("{}: {files}, sha256 {}", out.display(), handout.hash()));
    match verify(&root, &cut, out, |finding| say(&format!("  ok  {finding}"))) {
        Ok(()) => Ok(Exit::Done),
        Err(problem) => {
            say(&format!("  NO  {problem}"));
            say("do not give this handout to students");
            Ok(Exit::Failed)
        }
    }
}
