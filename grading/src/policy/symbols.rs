//! The symbols of the compiled crate.

use object::read::archive::ArchiveFile;
use object::{Object, ObjectSection, ObjectSymbol, SectionKind};
use rustc_demangle::demangle;

/// Parts of the standard library that no server needs, by the start of their items' paths.
const REFUSED: &[(&str, &str)] = &[
    // Not `abort`, which channels call if they are cloned without end.
    ("std::process::exit", "only the tests end the process"),
    ("std::process::Command", "a server starts no programs"),
    ("std::fs::", "a server's disk is its Persister"),
    ("std::net::", "a server's network is its peers"),
    // Not `_var_os`, with which every thread asks for the size of its stack.
    ("std::env::vars", "a server knows nothing of the environment"),
    ("std::env::args", "a server knows nothing of the environment"),
    ("std::env::current", "a server knows nothing of the environment"),
    ("std::os::", "a server knows nothing of the system"),
    ("std::panicking::set_hook", "only the tests say what a panic does"),
    ("std::panicking::take_hook", "only the tests say what a panic does"),
];

/// What logging leaves for each place that logs.
const LOGGING: &[&str] = &["::__CALLSITE", "::META", "::CALLSITE"];

/// Looks for statics, and for calls that a server has no use for, in compiled crates.
///
/// # Errors
///
/// What is refused, by its name, and why; or that the file cannot be read.
pub(crate) fn check_symbols(libraries: &[Vec<u8>]) -> Result<(), String> {
    libraries.iter().try_for_each(|library| check_library(library))
}

fn check_library(library: &[u8]) -> Result<(), String> {
    let unreadable = |error| format!("the compiled crate cannot be read: {error}");
    let archive = ArchiveFile::parse(library).map_err(unreadable)?;
    for member in archive.members() {
        let data = member.map_err(unreadable)?.data(library).map_err(unreadable)?;
        // The compiler's own metadata is no object file.
        if let Ok(object) = object::File::parse(data) {
            check_object(&object)?;
        }
    }
    Ok(())
}

fn check_object(object: &object::File<'_>) -> Result<(), String> {
    for symbol in object.symbols() {
        let name = format!("{:#}", demangle(symbol.name().unwrap_or_default()));
        if symbol.is_undefined() {
            let refused = REFUSED.iter().find(|(path, _)| is_item_of(&name, path));
            if let Some((_, why)) = refused {
                return Err(format!("{name} is not allowed: {why}"));
            }
        } else if is_variable(object, &symbol) && !is_given(&name) {
            return Err(format!(
                "{name} is a static, which is not allowed: all servers of a process would share it"
            ));
        }
    }
    Ok(())
}

/// Whether a variable is the compiler's own, or of logging.
fn is_given(name: &str) -> bool {
    name.starts_with("DW.ref.") || LOGGING.iter().any(|ending| name.ends_with(ending))
}

/// Whether a symbol names an item of that path, or a method of a type of it.
fn is_item_of(name: &str, path: &str) -> bool {
    name.trim_start_matches('<').starts_with(path)
}

/// Whether a symbol is memory that can change while the program runs.
fn is_variable<'data>(object: &object::File<'data>, symbol: &impl ObjectSymbol<'data>) -> bool {
    let section = symbol.section_index().and_then(|index| object.section_by_index(index).ok());
    let Some(section) = section.filter(|_| !symbol.name().unwrap_or_default().is_empty()) else {
        return false;
    };
    // Constants that hold addresses: written once, when the program is loaded.
    if section.name().is_ok_and(|name| name.starts_with(".data.rel.ro")) {
        return false;
    }
    matches!(
        section.kind(),
        SectionKind::Data
            | SectionKind::UninitializedData
            | SectionKind::Tls
            | SectionKind::UninitializedTls
            | SectionKind::TlsVariables
    )
}
