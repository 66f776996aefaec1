//! Pictures of failed runs, for the students.

use std::path::PathBuf;

use records::{Clock, LARGEST_PICTURE, Order, Record};

use super::attempt::Attempts;
use super::plan::Plan;
use super::session::Session;
use crate::files::write_private_file;
use crate::picture_files::{file_name, folder};
use crate::rubric::{Detail, Item, Visibility};
use crate::runlog::Picture;

/// How large the pictures of a submission are together before there are no more, in bytes.
const ENOUGH: u64 = 20 << 20;

/// How much room the pictures of a submission take at most, in bytes. Each is kept as it was made, and once more as the
/// student gets it.
pub(crate) const ROOM: u64 = 2 * (ENOUGH + LARGEST_PICTURE);

/// How many pictures may fail to be made before no more are tried.
const MISSES: u64 = 5;

/// The pictures of one submission.
pub(super) struct Pictures<'a> {
    session: &'a Session<'a>,
    folder: PathBuf,
    /// How large they are together, in bytes.
    size: u64,
    /// How many could not be made.
    misses: u64,
}

impl<'a> Pictures<'a> {
    /// Those that an earlier part of the grading has made are counted.
    pub(super) fn of(session: &'a Session<'a>, submission: &str) -> Self {
        let folder = folder(&session.plan.results, submission);
        let files = std::fs::read_dir(&folder).into_iter().flatten().filter_map(Result::ok);
        let sizes = files.filter_map(|file| file.metadata().ok()).map(|data| data.len());
        let size = sizes.sum();
        Pictures { session, folder, size, misses: session.previous.misses_of(submission) }
    }

    /// Whether a picture is due of a run that is the first one of its test to fail: if its seed replays it.
    pub(super) fn is_due(&self, item: &Item, record: &Record) -> bool {
        let is_failure = record.class != records::Class::Pass && record.class.is_verdict();
        is_failure && record.simulated.is_some() && may_have_one(self.session.plan, item)
    }

    /// Makes the picture of a run that has ended like this. `None` if interrupted.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub(super) fn make(
        &mut self,
        attempts: &mut Attempts<'_>,
        order: &Order,
        record: &Record,
    ) -> Result<Option<Picture>, String> {
        if self.size >= ENOUGH {
            let why = "those of other tests take up all the space that there is for you";
            return Ok(Some(Picture::Missing(why.to_owned())));
        }
        if self.misses >= MISSES {
            return Ok(Some(Picture::Missing("too many others could not be made".to_owned())));
        }
        let made = match attempts.record(order, record) {
            None => return Ok(None),
            Some(made) => made,
        };
        Ok(Some(match made {
            Ok(page) => {
                self.size += page.len() as u64;
                write_private_file(&self.folder.join(file_name(&order.test)), page)?;
                Picture::Made
            }
            Err(why) => {
                self.misses += 1;
                Picture::Missing(why.to_owned())
            }
        }))
    }
}

/// Whether failures of a test can have a picture: if seeds replay them, and if students are ever shown the message.
/// Gradescope shows text alone.
pub(crate) fn may_have_one(plan: &Plan, item: &Item) -> bool {
    plan.clock == Clock::Sim
        && item.visibility != Visibility::Hidden
        && item.detail == Detail::Message
        && plan.live.is_none()
}
