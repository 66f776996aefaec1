//! Whether this system can run simulations.

/// Prepares this program to run simulations.
///
/// # Errors
///
/// If the system cannot run any.
pub(crate) fn prepare() -> Result<(), String> {
    sim::available().map_err(|error| {
        format!("this system cannot run simulations: {error}; the tests run without --sim")
    })?;
    if let Err(error) = sim::steady_addresses() {
        eprintln!(
            "note: the system does not start programs at fixed addresses ({error}): code that depends\n\
             on the addresses of its statics may not replay"
        );
    }
    Ok(())
}
