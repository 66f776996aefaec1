//! The mark in the code of a bug, which shows that a run has come to the mistake.

/// The mark, as it is in the patches.
pub(super) const MARK: &str = r#"tracing::error!(target: "bug", "reached")"#;

/// What `RUST_LOG` must be for marks to be printed, and nothing else.
pub(super) const LOG: &str = "bug=error";

/// What a line that a mark has printed contains.
const PRINTED: &str = "ERROR reached";

/// The same mark, but each process prints it once only: some mistakes are made all the time.
const ONCE: &str = r#"{
    static REACHED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
    if !REACHED.swap(true, std::sync::atomic::Ordering::Relaxed) {
        tracing::error!(target: "bug", "reached");
    }
}"#;

/// Makes each mark in a source file print once in a process.
pub(super) fn print_once(text: &str) -> String {
    text.replace(MARK, ONCE)
}

/// Whether a mark is in what a run has printed.
pub(super) fn is_in(printed: &str) -> bool {
    printed.contains(PRINTED)
}

#[cfg(test)]
mod tests {
    use super::{MARK, is_in, print_once};

    #[test]
    fn a_mark_is_found_in_what_is_printed() {
        assert!(is_in("   1.250s server 2 ERROR reached\n"));
        assert!(!is_in("   1.250s server 2 DEBUG reached\n"));
    }

    #[test]
    fn each_mark_prints_once() {
        let text = print_once(&format!("{MARK};\nNone => {MARK},"));
        assert_eq!(text.matches("swap(true").count(), 2);
        assert!(text.contains("};\nNone => {"), "{text}");
    }
}
