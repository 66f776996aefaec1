//! Schedules: short scripts that decide which messages arrive, when, and which server leads.
//!
//! A scene is a function that gets a [`Script`]. At first all messages pass. The scene says what happens to
//! others with [`Script::lose`], [`Script::hold`], [`Script::double`] and [`Script::pass`]: of several rules
//! for a message, the newest counts. [`Messages`] says which messages a rule is for:
//!
//! | text | messages |
//! |---|---|
//! | `requests()`, `replies()` | all requests, all replies |
//! | `votes()` | the requests of RequestVote, and of PreVote where a solution has it |
//! | `appends()`, `installs()` | the requests of AppendEntries, InstallSnapshot |
//! | `hand_overs()` | the requests of TimeoutNow |
//! | `votes().replies()` | the replies to these |
//! | `appends().from(leader).to([a, b])` | those between certain servers |
//! | `appends().with_commands()` | those that have commands of [`Script::long_command`] in them |
//!
//! Then the scene waits for what must come of it, starts commands, crashes servers, and so on. This one has a
//! follower get an old message late:
//!
//! ```text
//! fn scene(script: &Script<'_>) -> Result<(), Chance> {
//!     let leader = script.elect_any()?;
//!     let [follower, other] = script.others(leader);
//!     script.hold(appends().from(leader).to(follower));
//!     script.start(leader, "first")?;
//!     script.await_held(appends().from(leader).to(follower))?;
//!     script.pass(requests());
//!     script.start(leader, "second")?;
//!     script.await_applied(2, 3)?;
//!     script.release(appends().to(follower));
//!     …
//! }
//! ```
//!
//! Much is up to chance, such as who stands for election first. A step that chance has prevented returns
//! [`Chance`], and [`play`] plays the scene again, in a new cluster. If no run of five seeds or more comes to the end of a
//! scene, `cargo lab run` names it with the step that was missing. A test fails only by what a correct
//! solution never does: by [`Script::must`], by [`Script::never`], or by the rules that hold in all tests.

mod chance;
mod messages;
mod play;
mod rules;
mod stage;
mod steps;
mod traffic;
mod vote_requests;

pub(super) use chance::Chance;
pub(super) use messages::{Messages, appends, hand_overs, installs, replies, requests, votes};
pub(super) use play::{Cast, play};
pub(super) use stage::Script;
pub(super) use traffic::Traffic;
pub(super) use vote_requests::VoteRequest;
