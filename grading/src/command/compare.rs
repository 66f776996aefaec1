//! `cargo grade compare`

use std::path::PathBuf;

use clap::Args;

use super::exit::Exit;
use crate::compare::{Comparison, Summary, table, write_csv};
use crate::report::say;

#[derive(Args)]
pub(crate) struct CompareArguments {
    /// Folder with the older results, or a copy of the summary.json in it
    old: PathBuf,
    /// Folder with the newer results, or a copy of the summary.json in it
    new: PathBuf,
    /// Writes all differences to this file, as comma-separated values
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

/// Compares two gradings. Their folders stay as they are.
pub(crate) fn compare_gradings(arguments: &CompareArguments) -> Result<Exit, String> {
    let [old, new] = [&arguments.old, &arguments.new].map(|path| Summary::read(path));
    let (old, new) = match (old, new) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(one), Err(other)) if one != other => return Err(format!("{one}\n{other}")),
        (Err(problem), _) | (_, Err(problem)) => return Err(problem),
    };
    let comparison = Comparison::of(&old, &new);
    if let Some(path) = &arguments.csv {
        write_csv(path, &comparison)?;
    }
    say(&table(&comparison));
    Ok(Exit::Done)
}
