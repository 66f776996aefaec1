//! Plays a scene until chance has let it come to its end.

use std::panic::Location;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::chance::Chance;
use super::stage::Script;
use crate::case::{Run, Summary};
use crate::harness::{RaftCluster, Snapshots};
use crate::runner::{Class, Failure, Unplayed, fail, note_unplayed};

/// After this time no further cluster is tried for a scene. Its last attempt may take long.
const PATIENCE: Duration = Duration::from_secs(25);

/// After this time no further cluster is tried for any scene: the test must end in time even if none of its scenes comes
/// to its end.
const PATIENCE_OF_TEST: Duration = Duration::from_secs(70);

/// So many attempts do not all end at a step that chance prevents seldom.
const TOO_MANY: usize = 8;

/// The cluster of a scene.
#[derive(Debug, Clone, Copy)]
pub(in crate::suites) struct Cast {
    /// How many servers there are.
    pub(in crate::suites) servers: usize,
    /// How many of them are members of the cluster at first, if members change: the first ones.
    pub(in crate::suites) members: Option<usize>,
    /// Whether the service makes snapshots.
    pub(in crate::suites) snapshots: Snapshots,
    /// How often the scene must come to its end, each time in a new cluster.
    pub(in crate::suites) times: usize,
}

impl Cast {
    /// This many servers, without snapshots, once.
    pub(in crate::suites) const fn of(servers: usize) -> Self {
        Cast { servers, members: None, snapshots: Snapshots::Off, times: 1 }
    }

    /// The same servers, of which at first only so many are members of the cluster.
    pub(in crate::suites) const fn members(self, members: usize) -> Self {
        Cast { members: Some(members), ..self }
    }

    /// The same cluster, this many times.
    pub(in crate::suites) const fn times(self, times: usize) -> Self {
        Cast { times, ..self }
    }
}

/// Plays a scene as often as `cast` says. If chance prevents a step, the scene is tried again in another
/// cluster, for up to 25 s in all: election timeouts are random, and how servers ask for votes is up to the
/// solution. A scene that never comes to its end shows nothing, which is noted, and the test passes, unless all attempts ended at a step
/// that chance prevents seldom, and there were eight or more. When the scenes of a test have taken 70 s together, the
/// rest is left out, or a solution of another style could exceed the time limit.
#[track_caller]
pub(in crate::suites) fn play(
    run: &Run,
    cast: Cast,
    scene: impl Fn(&Script<'_>) -> Result<(), Chance>,
) -> Summary {
    // Each test has a process of its own.
    static FIRST: OnceLock<Instant> = OnceLock::new();
    let first = FIRST.get_or_init(Instant::now);
    let begun = Instant::now();
    let at = Location::caller();
    let mut left = cast.times;
    let mut last_step = String::new();
    let mut attempt = 0;
    let mut has_only_rare_ends = true;
    loop {
        let run = run.part(&format!("attempt {attempt}"));
        let cluster = match cast.members {
            None => RaftCluster::new(cast.servers, cast.snapshots, &run),
            Some(members) => RaftCluster::with_members(cast.servers, members, cast.snapshots, &run),
        };
        let script = Script::begin(&cluster);
        let played = match first.elapsed() > PATIENCE_OF_TEST {
            false => scene(&script),
            true => Err(Chance::prevented("this scene comes to its end in time".to_owned())),
        };
        match played {
            Ok(()) => {
                left -= 1;
                has_only_rare_ends = false;
            }
            Err(Chance { step, is_rare }) => {
                script.note(&format!("chance has prevented that {step}"));
                has_only_rare_ends &= is_rare;
                if has_only_rare_ends && attempt + 1 >= TOO_MANY {
                    fail(Failure::new(
                        Class::NoProgress,
                        step.clone(),
                        format!(
                            "this was tried in {} clusters, and it happened in none",
                            attempt + 1
                        ),
                    ));
                }
                last_step = step;
            }
        }
        cluster.network().stop_intercepting();
        if left == 0 || begun.elapsed() > PATIENCE || first.elapsed() > PATIENCE_OF_TEST {
            if left == cast.times {
                let scene = format!("{}:{}", at.file(), at.line());
                note_unplayed(Unplayed { scene, step: last_step });
            }
            // To end a cluster in order takes 10 s at least.
            let is_late = left > 0 && first.elapsed() > PATIENCE_OF_TEST;
            return if is_late { cluster.abandon() } else { cluster.finish() };
        }
        cluster.abandon();
        attempt += 1;
    }
}
