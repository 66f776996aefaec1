//! 4A: the shard controller.

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use protocol::Config;
use protocol::{Gid, SHARDS};

use super::ctrler_changes::{FirstSeen, change_until, expect_number};
use super::ctrler_session::{MANY_QUERIES, SERVERS, Session};
use super::expect::expect;
use super::limits::LIMIT;
use super::shard_configs::{check, check_minimal, expect_same, names_of};
use crate::case::{Case, Run, Summary};
use crate::harness::{CtrlerClerk, CtrlerCluster, group};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "4A", name, title, limit: LIMIT, optional: false, run }
}

pub(super) const CASES: &[Case] = &[
    case("basic", "groups can join and leave, and shards can be moved", basic),
    case("multi", "several groups can join or leave in one request", multi),
    case("history", "old configurations do not change, whichever servers answer", history),
    case("minimal", "no change moves more shards than necessary", minimal),
    case("concurrent", "ten clerks can change the groups at the same time", concurrent),
    case("same_everywhere", "all servers compute the same configurations", same_everywhere),
    case("unreliable", "each change happens once despite lost messages", unreliable),
    case(
        "partitions_and_restarts",
        "no clerk gets an older configuration, whatever happens to the servers",
        partitions_and_restarts,
    ),
];

fn basic(run: &Run) -> Summary {
    let mut session = Session::new(run);
    check(&session.clerk.query(None), &[]);
    check(&session.join(&[1]), &[1]);
    check(&session.join(&[2]), &[1, 2]);
    check(&session.leave(&[1]), &[2]);
    check(&session.leave(&[2]), &[]);

    session.join(&[503]);
    session.join(&[504]);
    for shard in 0..SHARDS {
        let before = session.clerk.query(None);
        let after = session.move_shard(shard, if shard < 5 { 503 } else { 504 });
        let others = |config: &Config| {
            (config.shards[..shard].to_vec(), config.shards[shard + 1..].to_vec())
        };
        expect(
            others(&before) == others(&after),
            format_args!("a Move of shard {shard} moves no other: {:?}", before.shards),
            format_args!("the shards belong to {:?} after it", after.shards),
        );
    }
    let config = session.clerk.query(None);
    let expected: Vec<Gid> = (0..SHARDS).map(|shard| if shard < 5 { 503 } else { 504 }).collect();
    expect(
        config.shards[..] == expected[..],
        format_args!("the shards belong to {expected:?} after ten Moves"),
        format_args!("they belong to {:?}", config.shards),
    );
    session.leave(&[503]);
    session.leave(&[504]);
    session.finish()
}

fn multi(run: &Run) -> Summary {
    let mut session = Session::new(run);
    check(&session.join(&[1, 2]), &[1, 2]);
    check(&session.join(&[3]), &[1, 2, 3]);
    check(&session.leave(&[1, 3]), &[2]);
    check(&session.leave(&[2]), &[]);
    let many: Vec<Gid> = (1..=12).collect();
    check(&session.join(&many), &many);
    check(&session.leave(&many[2..]), &many[..2]);
    session.finish()
}

/// More changes than a controller would remember that forgets old ones.
const MANY_CHANGES: usize = 110;

/// So many configurations are asked for while a server is down.
const FEW_CHANGES: usize = 10;

fn history(run: &Run) -> Summary {
    let mut session = Session::new(run);
    let mut configs = vec![session.clerk.query(None)];
    for gid in 1..=4 {
        configs.push(session.join(&[gid]));
    }
    for gid in [2, 4] {
        configs.push(session.leave(&[gid]));
    }
    configs.push(session.join(&[]));
    configs.push(session.leave(&[]));
    for shard in (0..SHARDS).cycle().take(MANY_CHANGES) {
        let latest = &configs[configs.len() - 1];
        let to = if latest.shards[shard] == 1 { 3 } else { 1 };
        configs.push(session.move_shard(shard, to));
    }
    for (number, config) in (0..).zip(&configs) {
        expect(
            config.number == number,
            format_args!("each change makes the next configuration: {number} is next"),
            format_args!("it is {}", config.number),
        );
    }
    for server in 0..SERVERS {
        session.cluster.crash(server);
        for config in &configs[..FEW_CHANGES] {
            let seen = session.clerk.query(Some(config.number));
            session.operations += 1;
            let when = format!("while server {server} is down");
            expect_same(config, &seen, &session.cluster.describe_answer(), &when);
        }
        session.cluster.restart_connected(server);
    }
    (0..SERVERS).for_each(|server| session.cluster.crash(server));
    (0..SERVERS).for_each(|server| session.cluster.restart_connected(server));
    for config in &configs {
        let seen = session.clerk.query(Some(config.number));
        session.operations += 1;
        let when = "after all servers have restarted";
        expect_same(config, &seen, &session.cluster.describe_answer(), when);
    }
    // A number that does not exist yet is answered with the latest configuration.
    for number in [configs.len() as u64, 1_000] {
        let seen = session.clerk.query(Some(number));
        let when = format!("also when it is asked for as number {number}");
        expect_same(&configs[configs.len() - 1], &seen, &session.cluster.describe_answer(), &when);
    }
    let next = session.join(&[5]);
    let seen = session.clerk.query(Some(next.number));
    let when = "although it was asked for before it was there";
    expect_same(&next, &seen, &session.cluster.describe_answer(), when);
    session.finish()
}

fn minimal(run: &Run) -> Summary {
    let mut session = Session::new(run);
    let mut there: BTreeSet<Gid> = BTreeSet::new();
    let mut before = session.clerk.query(None);
    let shrinking = [vec![7, 3], vec![9], vec![1, 2, 5], vec![8], vec![4], vec![6]];
    let growing = [vec![5], vec![1], vec![9, 2], vec![3], vec![8, 7, 4], vec![6], vec![10, 11, 12]];
    for (gids, joining) in growing
        .iter()
        .map(|gids| (gids, true))
        .chain(shrinking.iter().map(|gids| (gids, false)))
        .chain(growing[..2].iter().map(|gids| (gids, false)))
        .chain(growing.iter().map(|gids| (gids, true)))
    {
        let after = if joining {
            there.extend(gids);
            session.join(gids)
        } else {
            there.retain(|gid| !gids.contains(gid));
            session.leave(gids)
        };
        check(&after, &there.iter().copied().collect::<Vec<_>>());
        check_minimal(&before, &after);
        before = after;
    }
    // Moves make groups uneven, until the next change.
    (0..5).for_each(|shard| before = session.move_shard(shard, 7));
    let after = session.leave(&[3, 10]);
    check_minimal(&before, &after);
    before = after;
    (3..6).for_each(|shard| before = session.move_shard(shard, 1));
    let after = session.join(&[3]);
    check_minimal(&before, &after);
    there.remove(&10);
    check(&after, &there.iter().copied().collect::<Vec<_>>());
    before = after;
    for _ in 0..13 {
        let absent = (1..=12).filter(|gid| !there.contains(gid));
        let joining: Vec<Gid> = absent.take(6_usize.saturating_sub(there.len())).collect();
        if !joining.is_empty() {
            let after = session.join(&joining);
            check_minimal(&before, &after);
            before = after;
            there.extend(&joining);
        }
        for _ in 0..2 {
            before = leave_after_moves(&mut session, &mut there, before);
        }
    }
    session.finish()
}

/// Makes groups uneven by up to four Moves, and then has two of them leave in one request. Returns the new configuration.
fn leave_after_moves(
    session: &mut Session,
    there: &mut BTreeSet<Gid>,
    mut before: Config,
) -> Config {
    let mut gids: Vec<Gid> = there.iter().copied().collect();
    let draw = |session: &Session, bound: usize| session.cluster.draw(bound as u64) as usize;
    for _ in 0..=draw(session, 4) {
        let (shard, to) = (draw(session, SHARDS), draw(session, gids.len()));
        before = session.move_shard(shard, gids[to]);
    }
    let leaving: Vec<Gid> = (0..2).map(|_| gids.swap_remove(draw(session, gids.len()))).collect();
    let after = session.leave(&leaving);
    gids.sort_unstable();
    check(&after, &gids);
    check_minimal(&before, &after);
    there.retain(|gid| !leaving.contains(gid));
    after
}

fn concurrent(run: &Run) -> Summary {
    const CLERKS: u64 = 10;
    let mut session = Session::new(run);
    let clerks: Vec<(Gid, CtrlerClerk)> =
        (0..CLERKS).map(|number| (1_000 + 3 * number, session.cluster.clerk())).collect();
    let gids: Vec<Gid> = clerks.iter().map(|(gid, _)| *gid).collect();
    thread::scope(|scope| {
        for (gid, clerk) in clerks {
            scope.spawn(move || {
                let others = [gid + 1_000, gid + 2_000];
                let joining = [gid, others[0], others[1]];
                let names = names_of(gid % 1_000);
                clerk.join(&joining.iter().flat_map(|gid| group(*gid, &names)).collect());
                clerk.leave(&others);
            });
        }
    });
    session.operations += 2 * CLERKS;
    let config = session.clerk.query(None);
    check(&config, &gids);
    expect_number(&session.cluster, &config, 2 * CLERKS, &FirstSeen::new());
    session.finish()
}

fn same_everywhere(run: &Run) -> Summary {
    let mut session = Session::new(run);
    for gids in [vec![4, 9, 2, 7], vec![1, 8], vec![3, 5, 6]] {
        session.join(&gids);
    }
    session.leave(&[9, 1]);
    session.leave(&[5]);
    expect_of_each_leader(&mut session);
    // Servers that take snapshots have the changes so far in one, and apply them no more when they restart.
    (0..MANY_QUERIES).for_each(|_| drop(session.clerk.query(None)));
    session.operations += MANY_QUERIES;
    // What a server that has restarted computes must not depend on anything that it has not saved.
    let absent = [vec![5], vec![1, 9], vec![10, 11]];
    let present = [vec![4], vec![8, 2], vec![3, 6]];
    for [joining, leaving] in [[&absent, &present], [&present, &absent]] {
        for gids in joining {
            restart_follower(&session);
            session.join(gids);
        }
        for gids in leaving {
            restart_follower(&session);
            session.leave(gids);
        }
        expect_of_each_leader(&mut session);
    }
    session.finish()
}

fn restart_follower(session: &Session) {
    let follower = (session.cluster.check_one_leader() + 1) % SERVERS;
    session.cluster.crash(follower);
    session.cluster.restart_connected(follower);
}

/// Expects the same configurations of all servers. The leader changes each time, and answers from those that it has
/// computed itself.
fn expect_of_each_leader(session: &mut Session) {
    let latest = session.clerk.query(None).number;
    let configs: Vec<Config> =
        (0..=latest).map(|number| session.clerk.query(Some(number))).collect();
    for _ in 0..2 * SERVERS {
        let leader = session.cluster.check_one_leader();
        session.cluster.crash(leader);
        session.cluster.check_one_leader();
        for config in &configs {
            let seen = session.clerk.query(Some(config.number));
            session.operations += 1;
            let when = format!("after server {leader} was leader");
            expect_same(config, &seen, &session.cluster.describe_answer(), &when);
        }
        session.cluster.restart_connected(leader);
    }
}

fn unreliable(run: &Run) -> Summary {
    let cluster = CtrlerCluster::new(SERVERS, run);
    cluster.set_reliable(false);
    let operations = change_until(&cluster, 5, || thread::sleep(Duration::from_secs(5)));
    cluster.finish(operations)
}

fn partitions_and_restarts(run: &Run) -> Summary {
    let cluster = CtrlerCluster::new(SERVERS, run);
    cluster.set_reliable(false);
    let operations = change_until(&cluster, 5, || {
        for _ in 0..8 {
            match cluster.draw(3) {
                _ if !cluster.is_disturbed() => {}
                0 => {
                    let alone = cluster.draw(3) as usize;
                    let others = [(alone + 1) % 3, (alone + 2) % 3];
                    cluster.partition(&[&[alone], &others]);
                }
                1 => cluster.crash_in_action(cluster.draw(3) as usize),
                _ => (0..SERVERS).for_each(|server| cluster.crash_in_action(server)),
            }
            thread::sleep(Duration::from_millis(300 + cluster.draw(700)));
            for server in 0..SERVERS {
                if !cluster.is_running(server) {
                    cluster.restart(server);
                }
            }
            cluster.heal();
            thread::sleep(Duration::from_millis(cluster.draw(1_000)));
        }
    });
    cluster.finish(operations)
}
