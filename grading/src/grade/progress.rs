//! How far a grading has come.

use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use parking_lot::Mutex;

/// How often a line is printed where there is no terminal.
const EVERY: Duration = Duration::from_secs(60);

/// How many runs it takes to say how long the rest will take. Before the first ones, submissions are compiled.
const ENOUGH: u64 = 20;

/// A progress bar, or a line now and then where there is no terminal.
pub(super) struct Progress {
    bar: ProgressBar,
    /// When the last line was printed; `None` on a terminal.
    printed: Option<Mutex<Instant>>,
    /// When the first run was done.
    began: OnceLock<Instant>,
}

impl Progress {
    /// Nothing of so many runs has been done.
    pub(super) fn of(runs: u64) -> Self {
        let style = "{wide_bar} {pos}/{len} runs  {elapsed_precise}, {eta_precise} left";
        let style =
            ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar());
        let printed = (!std::io::stderr().is_terminal()).then(|| Mutex::new(Instant::now()));
        Progress { bar: ProgressBar::new(runs).with_style(style), printed, began: OnceLock::new() }
    }

    /// Notes that so many runs need not be made. What is left then takes less time; it would not if they counted as
    /// done in no time.
    pub(super) fn leave_out(&self, runs: u64) {
        self.bar.dec_length(runs);
    }

    /// Notes that a run is done.
    pub(super) fn add(&self) {
        let began = self.began.get_or_init(Instant::now);
        self.bar.inc(1);
        if let Some(printed) = &self.printed {
            let mut printed = printed.lock();
            if printed.elapsed() >= EVERY {
                *printed = Instant::now();
                let (done, all) = (self.bar.position(), self.bar.length().unwrap_or(0));
                let left = time_left(began.elapsed(), done, all);
                let left = left.map(|left| format!(", about {} left", HumanDuration(left)));
                eprintln!("{done} of {all} runs{}", left.unwrap_or_default());
            }
        }
    }

    /// Removes the bar.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// How long the rest takes if it goes on as it has since the first run was done. `None` if that says too little.
fn time_left(elapsed: Duration, done: u64, all: u64) -> Option<Duration> {
    let left = all.saturating_sub(done) as f64;
    (done >= ENOUGH).then(|| elapsed.mul_f64(left / (done - 1) as f64))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Progress, time_left};

    #[test]
    fn runs_that_need_not_be_made_do_not_count_as_fast_ones() {
        let progress = Progress::of(1_000);
        progress.leave_out(800);
        (0..50).for_each(|_| progress.add());
        let (done, all) = (progress.bar.position(), progress.bar.length().unwrap_or(0));
        assert_eq!((done, all), (50, 200));
        // 49 runs after the first one.
        let left = time_left(Duration::from_secs(49), done, all);
        assert_eq!(left, Some(Duration::from_secs(150)));
    }

    #[test]
    fn a_few_runs_say_nothing_of_the_rest() {
        assert_eq!(time_left(Duration::from_secs(60), 1, 2_000), None);
    }
}
