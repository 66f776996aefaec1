//! Vendored crates: the sources of the dependencies, for machines without a registry.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::files::read_text;

/// The largest settings of cargo that are read, in bytes.
const LIMIT: u64 = 1 << 20;

/// The part of cargo's settings that says where crates come from.
#[derive(Deserialize)]
struct Settings {
    source: Option<Sources>,
}

#[derive(Deserialize)]
struct Sources {
    #[serde(rename = "crates-io")]
    crates_io: Option<Source>,
    #[serde(flatten)]
    others: std::collections::BTreeMap<String, Source>,
}

#[derive(Deserialize)]
struct Source {
    #[serde(rename = "replace-with")]
    replace_with: Option<String>,
    directory: Option<PathBuf>,
}

/// The folder of vendored crates, if cargo's settings in one of these folders name one. The first that do count.
///
/// # Errors
///
/// If settings cannot be read, or the folder is not there.
pub(crate) fn folder(settings: &[PathBuf]) -> Result<Option<PathBuf>, String> {
    for path in settings.iter().filter(|path| path.is_file()) {
        let text = read_text(path, LIMIT)?;
        let found = folder_in(&text).map_err(|problem| format!("{}: {problem}", path.display()))?;
        if let Some(folder) = found {
            // Cargo takes a path as seen from above the folder with the settings.
            let above = path.parent().and_then(Path::parent).unwrap_or(path);
            let folder = above.join(folder);
            return match folder.is_dir() {
                true => Ok(Some(folder)),
                false => Err(format!(
                    "{} says that crates are vendored in {}, which is no folder",
                    path.display(),
                    folder.display()
                )),
            };
        }
    }
    Ok(None)
}

fn folder_in(text: &str) -> Result<Option<PathBuf>, String> {
    let settings: Settings = toml::from_str(text).map_err(|error| error.message().to_owned())?;
    let Some(sources) = settings.source else {
        return Ok(None);
    };
    let name = sources.crates_io.and_then(|source| source.replace_with);
    Ok(name.and_then(|name| sources.others.get(&name)?.directory.clone()))
}

/// Cargo's settings that take crates from a folder.
pub(crate) fn settings(folder: &Path) -> String {
    format!(
        "[source.crates-io]\nreplace-with = \"vendored\"\n\n[source.vendored]\ndirectory = {:?}\n",
        folder.display().to_string()
    )
}

#[cfg(test)]
mod tests {
    use super::{folder, folder_in, settings};

    #[test]
    fn cargos_own_settings_name_the_folder() {
        let text = "[build]\njobs = 1\n[source.crates-io]\nreplace-with = \"vendored-sources\"\n\
                    [source.vendored-sources]\ndirectory = \"/srv/crates\"\n";
        assert_eq!(folder_in(text), Ok(Some("/srv/crates".into())));
        let mirror = text.replace("directory = \"/srv/crates\"", "registry = \"sparse+https://x\"");
        for other in ["", "[build]\njobs = 1\n", mirror.as_str()] {
            assert_eq!(folder_in(other), Ok(None), "{other}");
        }
        assert_eq!(folder_in(&settings("/a \"b\"".as_ref())), Ok(Some("/a \"b\"".into())));
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let place = tempfile::tempdir().expect("the disk is writable");
        let path = place.path().join(".cargo/config.toml");
        std::fs::create_dir(place.path().join(".cargo")).expect("the disk is writable");
        std::fs::write(&path, settings("vendor".as_ref())).expect("the disk is writable");
        let problem = folder(std::slice::from_ref(&path)).err().unwrap_or_default();
        assert!(problem.contains("vendored in") && problem.contains("vendor,"), "{problem}");
        std::fs::create_dir(place.path().join("vendor")).expect("the disk is writable");
        assert_eq!(folder(&["/nowhere".into(), path]), Ok(Some(place.path().join("vendor"))));
    }
}
