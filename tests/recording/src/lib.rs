//! What happened in a run, as events, and the page that shows it.
//!
//! The judge of a test sees every message, crash and save; what is in a message and what the code logs only the
//! servers know. A recording is made from what all of them say ([`Parts`]), and holds it in the order in which it
//! happened, one [`Event`] a line, as JSON. From a recording this crate makes
//!
//! - a [`page`]: one HTML file that needs nothing else, with a lane for each server, an arrow for each
//!   message, and the failure,
//! - a [`mermaid`] sequence diagram of a part of the run, for a report or a forum,
//! - a log for [`shiviz`], a tool that shows what can have caused what.
//!
//! ```
//! use recording::{Recording, mermaid, page};
//!
//! let lines = r#"
//! {"at":0,"event":"run","test":"2A::re_election","title":"...","seed":"0x11","clock":"sim"}
//! {"at":5,"event":"state","server":"server-0","term":1,"leads":true}
//! {"at":9,"event":"failure","class":"invariant","expected":"one leader","seen":"two leaders"}
//! a line that was cut off
//! "#;
//! let recording = Recording::read(lines.as_bytes());
//! assert_eq!((recording.events.len(), recording.skipped), (3, 1));
//! assert!(page(&recording).contains("two leaders"));
//! assert!(mermaid(&recording, 0..10).contains("leads in term 1"));
//! ```
//!
//! # What it does not do
//!
//! It records nothing itself, and it judges nothing: it shows what the recording says, even where that
//! makes no sense, such as a message that arrives twice.

mod assembly;
mod commands;
mod event;
mod lines;
mod mermaid;
mod messages;
mod page;
mod raw;
mod recording;
mod shiviz;
mod submission;

pub use assembly::Parts;
pub use event::{Event, Happening, Leg};
pub use mermaid::mermaid;
pub use page::{page, page_within};
pub use raw::{Claim, Moment, Raw, hash, line, unix_time};
pub use recording::Recording;
pub use shiviz::shiviz;
pub use submission::place_in_submission;
