//! Pictures of failed runs, for the students.

use std::path::PathBuf;

use records::{Clock, Order, Record};

use super::attempt::Attempts;
use super::session::Session;
use crate::files::write_private_file;
use crate::picture_files::{file_name, folder};
use crate::rubric::{Item, Visibility};
use crate::runlog::{Picture, counts};

/// How many pictures a submission gets. What fails in many tests mostly fails for few reasons.
const MOST: u64 = 10;

/// The pictures of one submission.
pub(super) struct Pictures<'a> {
    session: &'a Session<'a>,
    folder: PathBuf,
    /// How many were made, or could not be made.
    count: u64,
}

impl<'a> Pictures<'a> {
    /// Those of the log are counted. If they are of other files of this student, they are removed.
    ///
    /// # Errors
    ///
    /// If they cannot be removed.
    pub(super) fn open(
        session: &'a Session<'a>,
        student: &str,
        submission: &str,
    ) -> Result<Self, String> {
        let folder = folder(&session.plan.results, student);
        let count = session.previous.pictures_of(student, submission);
        if count == 0 && folder.exists() {
            std::fs::remove_dir_all(&folder)
                .map_err(|error| format!("cannot remove {}: {error}", folder.display()))?;
        }
        Ok(Pictures { session, folder, count })
    }

    /// Whether a picture is due of a run that is the first one of its test to fail: if its seed replays it, and if
    /// students are ever shown the result. Gradescope shows text alone.
    pub(super) fn is_due(&self, item: &Item, record: &Record) -> bool {
        let is_failure = record.class != records::Class::Pass && counts(record.class);
        is_failure
            && record.clock == Clock::Sim
            && record.simulated.is_some()
            && item.visibility != Visibility::Hidden
            && self.session.plan.live.is_none()
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
        let missing = |why: &str| Ok(Some(Picture::Missing(why.to_owned())));
        if self.count >= MOST {
            return missing("other tests that fail have one");
        }
        self.count += 1;
        match attempts.record(order, record) {
            None => Ok(None),
            Some(Err(why)) => missing(why),
            Some(Ok(page)) => {
                write_private_file(&self.folder.join(file_name(&order.test)), page)?;
                Ok(Some(Picture::Made))
            }
        }
    }
}
