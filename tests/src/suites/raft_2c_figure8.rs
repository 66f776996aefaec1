//! 2C, continued: Figure 8 of the paper, by chance and by design.

use std::thread;
use std::time::Duration;

use super::limits::LIMIT;
use super::script::{Cast, appends, play, requests};
use crate::case::{Case, Run, Summary};
use crate::harness::{RaftCluster, Snapshots};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "2C", name, title, limit: LIMIT, optional: false, run }
}

pub(super) const CASES: &[Case] = &[
    case("figure8", "logs stay consistent while leaders crash right after start()", figure8),
    case(
        "figure8_exact",
        "an entry of an earlier term is not committed by counting replicas",
        figure8_exact,
    ),
    case(
        "figure8_unreliable",
        "logs stay consistent while leaders are lost and replies are delayed",
        figure8_unreliable,
    ),
];

/// Sleeps at the end of a round: mostly for a moment, sometimes as long as an election takes.
fn pause(cluster: &RaftCluster) {
    let bound = if cluster.by_chance(100, 1_000) { 500 } else { 13 };
    thread::sleep(Duration::from_millis(cluster.draw(bound)));
}

fn figure8(run: &Run) -> Summary {
    let cluster = RaftCluster::new(5, Snapshots::Off, run);
    cluster.one_with_retry(&cluster.random_command(), 1);
    for _ in 0..1_000 {
        let command = cluster.random_command();
        let leader = cluster.start_on_all(&command).last().map(|(server, _)| *server);
        pause(&cluster);
        if let Some(leader) = leader
            && cluster.is_disturbed()
        {
            cluster.crash_in_action(leader);
        }
        if (0..5).filter(|server| cluster.is_running(*server)).count() < 3 {
            let server = cluster.draw(5) as usize;
            if !cluster.is_running(server) {
                cluster.restart_connected(server);
            }
        }
    }
    for server in 0..5 {
        if !cluster.is_running(server) {
            cluster.restart_connected(server);
        }
    }
    cluster.one_with_retry(&cluster.random_command(), 5);
    cluster.finish()
}

fn figure8_unreliable(run: &Run) -> Summary {
    let cluster = RaftCluster::new(5, Snapshots::Off, run);
    cluster.set_reliable(false);
    cluster.one_with_retry(&cluster.random_command(), 1);
    for round in 0..1_000 {
        if round == 200 {
            cluster.set_long_reordering();
        }
        let command = cluster.random_command();
        let accepted = cluster.start_on_all(&command);
        let leader = accepted
            .iter()
            .map(|(server, _)| *server)
            .rfind(|server| cluster.is_connected(*server));
        pause(&cluster);
        if let Some(leader) = leader
            && cluster.by_chance(1, 2)
        {
            cluster.disconnect(leader);
        }
        if (0..5).filter(|server| cluster.is_connected(*server)).count() < 3 {
            let server = cluster.draw(5) as usize;
            if !cluster.is_connected(server) {
                cluster.connect(server);
            }
        }
    }
    // Hundreds of commands may still have to reach every server.
    cluster.set_reliable(true);
    cluster.heal();
    cluster.one_with_retry(&cluster.random_command(), 5);
    cluster.finish()
}

/// Exactly the schedule of Figure 8. The letters are those of the figure.
fn figure8_exact(run: &Run) -> Summary {
    play(run, Cast::of(5), |script| {
        let cluster = script.cluster;
        let s1 = script.elect_any()?;
        let [s2, s3, s4, s5] = script.others(s1);
        script.start(s1, "before")?;
        script.await_applied(1, 5)?;

        // (a) S1 leads, and replicates the entry at index 2 to S2 only.
        script.lose(requests());
        script.pass(appends().from(s1).to(s2));
        script.start(s1, "old")?;
        script.await_passed(appends().from(s1).to(s2).replies(), 2)?;

        // (b) S1 crashes. S5 is elected by S3, S4 and itself, and accepts another entry at index 2.
        script.elect_restarted(s5, &[s3, s4])?;
        script.start(s5, "new")?;

        // (c) S5 crashes. S1 is elected again, and replicates its old entry to S3. Now a majority has it, and
        // still it must not be committed (section 5.4.2), not even when S1 has an entry of its own term on its
        // disk alone. A reply of S3 makes S1 look again what a majority has.
        script.elect_restarted(s1, &[s2, s3])?;
        script.pass(appends().from(s1).to([s2, s3]));
        script.await_passed(appends().from(s1).to(s3).replies(), 4)?;
        script.hold(appends().from(s1).to(s3).replies());
        script.await_held(appends().from(s1).to(s3).replies())?;
        script.lose(requests());
        script.start(s1, "alone")?;
        script.pass(appends().from(s1).to(s3).replies());
        script.release(appends().from(s1).to(s3).replies());
        script.never(
            Duration::from_millis(100),
            "an entry of an earlier term is not committed by counting its copies (section 5.4.2, Figure 8)",
            || cluster.applied_by(2) > 0,
        );

        // (d) S1 crashes. S5 is elected by S2, S3 and S4, whose entries are older than its own, and
        // overwrites the old entry.
        script.elect_restarted(s5, &[s2, s3, s4])?;
        script.pass(requests());
        cluster.restart_connected(s1);
        cluster.one_with_retry("after", 5);
        Ok(())
    })
}
