//! The terminal, or the file or pipe in its place.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

use crate::report::Colours;
use crate::text::print_line;

/// Where reports go, and on a terminal a line that says what is running.
pub(crate) struct Screen {
    colours: Colours,
    status: Option<ProgressBar>,
}

impl Screen {
    pub(crate) fn new() -> Self {
        let is_terminal = std::io::stdout().is_terminal();
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colours = if is_terminal && !no_color { Colours::On } else { Colours::Off };
        let status = (is_terminal && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::new_spinner();
            let style = ProgressStyle::with_template("{spinner} {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar
        });
        Screen { colours, status }
    }

    pub(crate) fn colours(&self) -> Colours {
        self.colours
    }

    /// Prints a report in one piece.
    pub(crate) fn print(&self, text: &str) {
        match &self.status {
            Some(bar) => bar.suspend(|| print_line(text)),
            None => print_line(text),
        }
    }

    /// Shows how many runs are left and what is running. A narrow terminal cuts off the end.
    pub(crate) fn show_running(&self, running: &[String], left: u64) {
        let Some(bar) = &self.status else {
            return;
        };
        bar.set_message(format!("{left} left; now {}", running.join(", ")));
        bar.tick();
    }

    pub(crate) fn clear(&self) {
        if let Some(bar) = &self.status {
            bar.finish_and_clear();
        }
    }
}
