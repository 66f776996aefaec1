//! How far a grading has come.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use parking_lot::Mutex;

/// How often a line is printed where there is no terminal.
const EVERY: Duration = Duration::from_secs(60);

/// A progress bar, or a line now and then where there is no terminal.
pub(super) struct Progress {
    bar: ProgressBar,
    /// When the last line was printed; `None` on a terminal.
    printed: Option<Mutex<Instant>>,
}

impl Progress {
    /// Nothing of so many runs has been done.
    pub(super) fn of(runs: u64) -> Self {
        let style = "{wide_bar} {pos}/{len} runs  {elapsed_precise}, {eta_precise} left";
        let style =
            ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar());
        let printed = (!std::io::stderr().is_terminal()).then(|| Mutex::new(Instant::now()));
        Progress { bar: ProgressBar::new(runs).with_style(style), printed }
    }

    /// Notes that so many runs are done, or need not be made.
    pub(super) fn add(&self, runs: u64) {
        self.bar.inc(runs);
        if let Some(printed) = &self.printed {
            let mut printed = printed.lock();
            if printed.elapsed() >= EVERY && self.bar.position() > 0 {
                *printed = Instant::now();
                let (done, all) = (self.bar.position(), self.bar.length().unwrap_or(0));
                let left =
                    self.bar.elapsed().mul_f64(all.saturating_sub(done) as f64 / done as f64);
                eprintln!("{done} of {all} runs, about {} left", HumanDuration(left));
            }
        }
    }

    /// Removes the bar.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
