//! 2E, continued: handing an office over.

use std::thread;
use std::time::{Duration, Instant};

use protocol::{Index, Term};

use super::expect::expect;
use super::leader_steps::gives_up_within;
use super::limits::SHORTEST_TIMEOUT;
use super::script::{Cast, Chance, Script, appends, installs, play, requests};
use crate::case::{Run, Summary};
use crate::harness::{RaftCluster, Snapshots};

/// How many offices are handed over, one after the other.
const HAND_OVERS: usize = 5;

/// How many entries a successor lacks.
const LACKING: usize = 20;

/// How long a hand-over waits for a log: not so long that a leader may give it up.
const BEHIND: Duration = Duration::from_millis(150);

/// How long a leader takes no commands at least: 500 ms, and less by a moment.
const NOT_BEFORE: Duration = Duration::from_millis(450);

/// Any server takes over, in less time than the shortest election timeout.
pub(super) fn transfer(run: &Run) -> Summary {
    play(run, Cast::of(3), |script| {
        let (mut leader, mut term) = script.settle()?;
        for _ in 0..HAND_OVERS {
            let others: [usize; 2] = script.others(leader);
            let to = others[script.cluster.draw(2) as usize];
            script.must_agree(leader, 3)?;
            hand_over(script, leader, to);
            script.must_soon(
                &format!(
                    "server {to} leads as soon as server {leader} has handed its office over, and not after an \
                     election timeout"
                ),
                || script.leads(to),
            );
            let newer = script.term(to);
            expect(
                newer == term + 1,
                format_args!("one election, in term {}, makes server {to} the leader", term + 1),
                format_args!("it leads term {newer}"),
            );
            (leader, term) = (to, newer);
        }
        script.must_agree(leader, 3)?;
        let [to, third] = script.others(leader);
        script.cut_off(third);
        hand_over(script, leader, to);
        script.must_soon(
            &format!(
                "server {to} leads as soon as server {leader} has handed its office over: the vote of server \
                 {leader} makes a majority, though nothing reaches server {third}"
            ),
            || script.leads(to),
        );
        script.must_agree(to, 2)
    })
}

/// Asks a leader to hand its office over, which it must be willing to do.
fn hand_over(script: &Script<'_>, leader: usize, to: usize) {
    expect(
        script.cluster.transfer_leadership(leader, to),
        format_args!("server {leader}, the leader, hands its office over to server {to}: true"),
        format_args!("Raft::transfer_leadership({to}) returned false"),
    );
}

/// The successor lacks entries, and then a snapshot. Until it has them it must not stand, and the leader takes no
/// commands.
pub(super) fn transfer_behind(run: &Run) -> Summary {
    play(run, Cast::of(3), behind);
    play(run, Cast { snapshots: Snapshots::Always, ..Cast::of(3) }, behind)
}

fn behind(script: &Script<'_>) -> Result<(), Chance> {
    let (leader, term) = script.settle()?;
    let [to, _] = script.others(leader);
    script.lose(appends().to(to));
    script.lose(installs().to(to));
    for _ in 0..LACKING {
        let started = script.start(leader, &script.cluster.random_command())?;
        script.await_applied(started.index, 2)?;
    }
    hand_over(script, leader, to);
    let begun = Instant::now();
    let refused = script.cluster.start(leader, &script.cluster.random_command()).is_none();
    expect(
        refused || begun.elapsed() > SHORTEST_TIMEOUT,
        format_args!(
            "server {leader} takes no command while it hands its office over: server {to} would lack it"
        ),
        "it took one",
    );
    script.never(
        BEHIND,
        &format!("server {to} does not stand for election while it lacks {LACKING} entries"),
        || script.term(to) > term,
    );
    script.pass(requests());
    script.must_soon_after_heartbeat(
        &format!("server {to} leads as soon as it has all entries"),
        || script.leads(to),
    );
    script.must_agree(to, 3)
}

/// The leader gives the hand-over up, and keeps its office.
pub(super) fn transfer_to_nobody(run: &Run) -> Summary {
    play(run, Cast::of(3), |script| {
        let (leader, term) = script.settle()?;
        let [gone, _] = script.others(leader);
        if script.cluster.draw(2) == 0 {
            script.crash(gone);
        }
        script.cut_off(gone);
        hand_over(script, leader, gone);
        if sim::is_active() {
            script.never(
                NOT_BEFORE,
                &format!("server {leader} takes no commands for 500 ms: it hands its office over"),
                || script.cluster.start(leader, &script.cluster.random_command()).is_some(),
            );
        }
        let mut started = None;
        script.must(
            gives_up_within(),
            &format!(
                "server {leader} takes commands again 2 s after it was to hand its office over to server {gone}, \
                 which nothing reaches"
            ),
            || {
                expect(
                    script.term(leader) == term && script.leads(leader) || !sim::is_active(),
                    format_args!(
                        "server {leader} stays in office in term {term}: server {gone} cannot take it over"
                    ),
                    script.cluster.describe_states(),
                );
                started = script.cluster.start(leader, &script.cluster.random_command());
                started.is_some()
            },
        );
        script.must_agree(leader, 2)
    })
}

/// Neither a follower hands anything over, nor is a server found that does not exist.
pub(super) fn transfer_refused(run: &Run) -> Summary {
    play(run, Cast::of(3), |script| {
        let (leader, term) = script.settle()?;
        let [follower, other] = script.others(leader);
        for (server, to) in [(follower, leader), (follower, other), (leader, 3)] {
            expect(
                !script.cluster.transfer_leadership(server, to),
                format_args!(
                    "server {server} refuses to hand the office of server {leader} over to server {to}: false"
                ),
                format_args!("Raft::transfer_leadership({to}) returned true"),
            );
        }
        script.never(
            SHORTEST_TIMEOUT,
            &format!("server {leader} goes on leading term {term}"),
            || script.term(follower) > term || !script.leads(leader),
        );
        script.must_agree(leader, 3)
    })
}

/// How many commands are started while offices are handed over.
const COMMANDS: usize = 300;

/// After how many of them the next office is handed over.
const COMMANDS_AN_OFFICE: usize = 30;

/// Commands go to whoever takes them. Every command that a leader has taken is applied where it said.
pub(super) fn transfer_load(run: &Run) -> Summary {
    let cluster = RaftCluster::new(5, Snapshots::Off, run);
    cluster.check_one_leader();
    let mut taken: Vec<(Index, Term, String)> = Vec::new();
    for number in 1..=COMMANDS {
        if number % COMMANDS_AN_OFFICE == 0 {
            let to = cluster.draw(5) as usize;
            (0..5).filter(|server| *server != to).for_each(|server| {
                cluster.transfer_leadership(server, to);
            });
        }
        let command = cluster.random_command();
        let started = cluster.start_on_all(&command);
        taken.extend(started.iter().map(|(_, it)| (it.index, it.term, command.clone())));
        thread::sleep(Duration::from_millis(cluster.draw(10)));
    }
    let last = cluster.one_with_retry(&cluster.random_command(), 5);
    let lost = taken.iter().find(|(index, _, command)| {
        *index < last && cluster.committed_command(*index).as_ref() != Some(command)
    });
    if let Some((index, term, command)) = lost {
        expect(
            // On a busy machine a leader may lose its office otherwise.
            !sim::is_active(),
            format_args!(
                "no command is lost when an office is handed over: {command:?}, which a leader of term {term} took \
                 at index {index}, is applied there"
            ),
            format_args!("it is not{}", cluster.describe_entry(*index)),
        );
    }
    expect(
        taken.len() >= COMMANDS / 2 || !sim::is_active(),
        format_args!(
            "of {COMMANDS} commands, each proposed to all servers, at least half are taken"
        ),
        format_args!(
            "{} were: leaders refuse commands while they hand over, and that takes long",
            taken.len()
        ),
    );
    cluster.finish()
}
