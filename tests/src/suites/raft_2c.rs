//! 2C: what survives a crash.

use std::thread;
use std::time::Instant;

use super::limits::{ELECTION, LIMIT, SHORTEST_TIMEOUT};
use super::raft_2c_churn::{reliable_churn, unreliable_churn};
use super::raft_2c_saves::{
    acknowledged_is_saved, candidate_saves_first, replaced_is_saved, saved_together,
    term_survives_restart,
};
use super::raft_2c_votes::{any_vote_survives, vote_survives_restart};
use super::script::{Cast, play, requests, votes};
use crate::case::{Case, Run, Summary};
use crate::harness::{RaftCluster, Snapshots};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "2C", name, title, limit: LIMIT, optional: false, run }
}

pub(super) const CASES: &[Case] = &[
    case("persist1", "servers that restart remember what was committed", persist1),
    case("persist2", "agreement continues while different servers are lost and restart", persist2),
    case(
        "persist3",
        "a leader and a follower can crash while the third server is cut off",
        persist3,
    ),
    case(
        "vote_survives_restart",
        "a server that restarts remembers its vote",
        vote_survives_restart,
    ),
    case(
        "any_vote_survives",
        "a server remembers its vote, whoever got it, also in a term that it knew before",
        any_vote_survives,
    ),
    case(
        "acknowledged_is_saved",
        "a follower saves an entry before it acknowledges it",
        acknowledged_is_saved,
    ),
    case("saved_together", "term and vote are saved together", saved_together),
    case("replaced_is_saved", "an entry that replaces another one is saved", replaced_is_saved),
    case(
        "term_survives_restart",
        "a server that restarts remembers the terms that it has heard of",
        term_survives_restart,
    ),
    case(
        "candidate_saves_first",
        "a candidate saves its term before it asks for votes",
        candidate_saves_first,
    ),
    case(
        "waits_after_restart",
        "a server that restarts waits before it stands",
        waits_after_restart,
    ),
    case("unreliable_agree", "servers agree on an unreliable network", unreliable_agree),
    case(
        "reliable_churn",
        "what clients saw applied stays applied while servers fail and restart",
        reliable_churn,
    ),
    case(
        "unreliable_churn",
        "what clients saw applied stays applied on an unreliable network, too",
        unreliable_churn,
    ),
];

fn persist1(run: &Run) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::Off, run);
    cluster.one_with_retry("111", 3);
    (0..3).for_each(|server| cluster.restart(server));
    for server in 0..3 {
        cluster.disconnect(server);
        cluster.connect(server);
    }
    cluster.check_one_leader();
    cluster.one_with_retry("112", 3);

    let leader = cluster.check_one_leader();
    cluster.restart_connected(leader);
    cluster.one_with_retry("113", 3);

    let leader = cluster.check_one_leader();
    cluster.disconnect(leader);
    cluster.one_with_retry("114", 2);
    cluster.restart_connected(leader);
    // It must catch up before another server is cut off.
    cluster.wait(4, 3, None);

    let follower = (cluster.check_one_leader() + 1) % 3;
    cluster.disconnect(follower);
    cluster.one_with_retry("115", 2);
    cluster.restart_connected(follower);
    cluster.one_with_retry("116", 3);
    cluster.finish()
}

fn persist2(run: &Run) -> Summary {
    let cluster = RaftCluster::new(5, Snapshots::Off, run);
    let mut index = 1;
    for _ in 0..5 {
        cluster.one_with_retry(&(110 + index).to_string(), 5);
        index += 1;
        let leader = cluster.check_one_leader();
        let after = |step: usize| (leader + step) % 5;
        cluster.disconnect(after(1));
        cluster.disconnect(after(2));
        cluster.one_with_retry(&(110 + index).to_string(), 3);
        index += 1;

        for step in [0, 3, 4] {
            cluster.disconnect(after(step));
        }
        cluster.restart_connected(after(1));
        cluster.restart_connected(after(2));
        thread::sleep(ELECTION);
        cluster.restart_connected(after(3));
        cluster.one_with_retry(&(110 + index).to_string(), 3);
        index += 1;

        cluster.connect(after(4));
        cluster.connect(after(0));
    }
    cluster.one_with_retry("1000", 5);
    cluster.finish()
}

fn persist3(run: &Run) -> Summary {
    let cluster = RaftCluster::new(3, Snapshots::Off, run);
    cluster.one_with_retry("101", 3);
    let leader = cluster.check_one_leader();
    cluster.disconnect((leader + 2) % 3);
    cluster.one_with_retry("102", 2);

    cluster.crash(leader);
    cluster.crash((leader + 1) % 3);
    cluster.connect((leader + 2) % 3);
    cluster.restart_connected(leader);
    cluster.one_with_retry("103", 2);

    cluster.restart_connected((leader + 1) % 3);
    cluster.one_with_retry("104", 3);
    cluster.finish()
}

fn unreliable_agree(run: &Run) -> Summary {
    let cluster = RaftCluster::new(5, Snapshots::Off, run);
    cluster.set_reliable(false);
    thread::scope(|scope| {
        for round in 1..50 {
            for aside in 0..4 {
                let cluster = &cluster;
                scope.spawn(move || {
                    cluster.one_with_retry(&(100 * round + aside).to_string(), 1);
                });
            }
            cluster.one_with_retry(&format!("round {round}"), 1);
        }
    });
    cluster.set_reliable(true);
    cluster.one_with_retry("100", 5);
    cluster.finish()
}

/// A server that has just restarted waits for an election timeout to hear from a leader (section 5.2).
fn waits_after_restart(run: &Run) -> Summary {
    play(run, Cast::of(3).times(2), |script| {
        let (leader, term) = script.settle()?;
        let [server, _] = script.others(leader);
        // No heartbeat is to keep it from standing.
        script.lose(requests().to(server));
        let (begun, asked) = (Instant::now(), script.passed(&votes().from(server)));
        script.cluster.restart_connected(server);
        script.never_any(
            SHORTEST_TIMEOUT.saturating_sub(begun.elapsed()),
            &format!(
                "server {server}, which has just restarted, goes on in term {term}, and waits for an election timeout \
                 before it stands"
            ),
            || {
                if script.passed(&votes().from(server)) > asked {
                    return Some("it has stood".to_owned());
                }
                let now = script.term(server);
                (now > term).then(|| format!("it is in term {now}"))
            },
        );
        Ok(())
    })
}
