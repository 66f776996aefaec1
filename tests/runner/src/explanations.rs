//! What is found out about failed simulated runs while others go on: a page that shows the run, and with many seeds a
//! smaller run that fails in the same way.

use std::collections::BTreeSet;
use std::io;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use records::{Class, Clock};

use crate::pages;
use crate::programs::Programs;
use crate::shrink::shrink;
use crate::task::Task;
use crate::verdict::Ended;

/// How long a smaller run is looked for, for each test.
const LIMIT: Duration = Duration::from_secs(10);

/// Explains failed runs: the first of each test.
pub(crate) struct Explanations {
    /// Whether smaller runs are looked for.
    looks_for_smaller: bool,
    /// The tests that have failed.
    tests: Mutex<BTreeSet<String>>,
}

impl Explanations {
    /// Nothing is explained yet. Smaller runs are looked for if tests run with several seeds.
    pub(crate) fn new(seeds: u64) -> Self {
        Explanations { looks_for_smaller: seeds > 1, tests: Mutex::default() }
    }

    /// Looks at a run that has ended, and explains it if that is due.
    pub(crate) fn add(&self, task: &Task, ended: &mut Ended, programs: &Programs) {
        let class = ended.verdict.class;
        if matches!(class, Class::Pass | Class::Interrupted) {
            return;
        }
        ended.is_first_failure = self.tests.lock().insert(task.case.id());
        let is_about_submission = class.is_verdict() && class != Class::Nondeterministic;
        if ended.is_first_failure
            && is_about_submission
            && task.clock == Clock::Sim
            && let Err(error) = self.explain(task, ended, programs)
        {
            ended.page = Some(Err(error.to_string()));
        }
    }

    fn explain(&self, task: &Task, ended: &mut Ended, programs: &Programs) -> io::Result<()> {
        let (again, recording) = pages::record(task, programs, false);
        if again.verdict.simulated != ended.verdict.simulated {
            return Err(io::Error::other("the run was another one when it was made once more"));
        }
        if !self.looks_for_smaller {
            pages::say_more(ended, &recording);
            ended.page = Some(Ok(pages::write(task, &recording)?));
            return Ok(());
        }
        let (processors, deadline) = (task.processor.into_iter().collect(), Instant::now() + LIMIT);
        let mut shrunk = shrink(task, (&again, &recording), programs, processors, deadline);
        ended.page = Some(Ok(pages::write(&shrunk.task, &shrunk.recording)?));
        if shrunk.task.choices() == task.choices() {
            pages::say_more(ended, &shrunk.recording);
            return Ok(());
        }
        pages::say_more(&mut shrunk.ended, &shrunk.recording);
        ended.smaller = Some(Box::new(shrunk.into_smaller()));
        Ok(())
    }
}
