//! The symbols of the compiled crates.

use object::read::archive::ArchiveFile;
use object::{Object, ObjectSection, ObjectSymbol, SectionKind};
use rustc_demangle::demangle;

/// Parts of the standard library that no server needs: how the paths of their items start, and why they are
/// not allowed.
const REFUSED: &[(&str, &str)] = &[
    // Not `abort`, because channels call it when there are too many clones.
    ("std::process::exit", "only the tests may end the process"),
    ("std::process::Command", "a server does not start programs"),
    ("std::fs::", "a server stores everything in its Persister"),
    ("std::net::", "a server talks only to its peers"),
    // Not `_var_os`, because every thread uses it to look up its stack size.
    ("std::env::vars", "a server does not read the environment"),
    ("std::env::args", "a server does not read the environment"),
    ("std::env::current", "a server does not read the environment"),
    ("std::os::", "a server does not use the operating system"),
    ("std::panicking::set_hook", "only the tests may handle panics"),
    ("std::panicking::take_hook", "only the tests may handle panics"),
];

/// What the logging macros declare at each place that logs.
const LOGGING: &[&str] = &["::__CALLSITE", "::META", "::CALLSITE"];

/// Looks in compiled crates for statics, and for calls that no server needs.
///
/// # Errors
///
/// The name of what is not allowed, and why; or that the file cannot be read.
pub(crate) fn check_symbols(libraries: &[Vec<u8>]) -> Result<(), String> {
    libraries.iter().try_for_each(|library| check_library(library))
}

fn check_library(library: &[u8]) -> Result<(), String> {
    let unreadable = |error| format!("cannot read the compiled crate: {error}");
    let archive = ArchiveFile::parse(library).map_err(unreadable)?;
    for member in archive.members() {
        let data = member.map_err(unreadable)?.data(library).map_err(unreadable)?;
        // The compiler's own metadata is not an object file.
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
        } else if is_variable(object, &symbol) && !is_generated(&name) {
            return Err(format!(
                "{name} is a static, which is not allowed: all servers of a process would share it"
            ));
        }
    }
    Ok(())
}

/// Whether a variable comes from the compiler or from a logging macro.
fn is_generated(name: &str) -> bool {
    name.starts_with("DW.ref.") || LOGGING.iter().any(|ending| name.ends_with(ending))
}

/// Whether a symbol names an item of that path, or a method of a type there.
fn is_item_of(name: &str, path: &str) -> bool {
    name.trim_start_matches('<').starts_with(path)
}

/// Whether a symbol is memory that can change while the program runs.
fn is_variable<'data>(object: &object::File<'data>, symbol: &impl ObjectSymbol<'data>) -> bool {
    let section = symbol.section_index().and_then(|index| object.section_by_index(index).ok());
    let Some(section) = section.filter(|_| !symbol.name().unwrap_or_default().is_empty()) else {
        return false;
    };
    // Constants that hold addresses are written once, when the program is loaded.
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
