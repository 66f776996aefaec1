//! 3C, continued: a leader that has handed its office over, or has tried to.

use std::time::Duration;

use super::expect::happens;
use super::kv_calls::Pending;
use super::leader_steps::gives_up_within;
use super::read_steps::{OLD, Scene, finish, until_played};
use super::script::{hand_overs, replies, requests};
use crate::case::{Run, Summary};
use crate::harness::KvCluster;

/// How often a scene is tried in which chance may keep the successor from its office.
const ATTEMPTS: usize = 4;

/// How long an election takes at most that is ordered.
const ELECTION: Duration = Duration::from_millis(150);

/// The successor leads at once, while the old leader still has a lease.
pub(super) fn hand_over(run: &Run) -> Summary {
    until_played(run, ATTEMPTS, |run| {
        let scene = Scene::begin(run);
        let to = scene.others[0];
        hide_election(&scene);
        scene.cluster.transfer_leadership(scene.leader, to);
        expect_no_lease(scene, to, "it has handed its office over")
    })
}

/// The order to stand arrives when the leader has given the hand-over up, and has taken commands again.
pub(super) fn late_hand_over(run: &Run) -> Summary {
    until_played(run, ATTEMPTS, |run| {
        let scene = Scene::begin(run);
        let to = scene.others[0];
        let orders = hand_overs().from(scene.leader).to(to);
        scene.traffic.hold(orders.clone());
        scene.cluster.transfer_leadership(scene.leader, to);
        let mut writer = scene.cluster.client_at(scene.leader);
        let write = Pending::begin(move || writer.put("x", OLD));
        if !happens(gives_up_within(), Duration::from_millis(1), || write.has_returned()) {
            return Err(scene.cluster);
        }
        hide_election(&scene);
        scene.traffic.lose(replies().to(scene.leader));
        scene.traffic.pass(orders.clone());
        scene.traffic.release(orders);
        let why = format!(
            "it was to hand its office over in this term, and its order to stand has reached server {to} late"
        );
        expect_no_lease(scene, to, &why)
    })
}

/// The election of its successor must not tell the leader that its office is gone.
fn hide_election(scene: &Scene) {
    for other in &scene.others {
        scene.traffic.lose(requests().from(*other).to(scene.leader));
    }
}

/// Waits until the successor leads, and has it write. Then the old leader must not read. If chance has prevented the
/// election, the cluster is given back.
fn expect_no_lease(scene: Scene, to: usize, why: &str) -> Result<Summary, KvCluster> {
    let leads = || scene.cluster.get_state(to).is_some_and(|(_, leads)| leads);
    if !happens(ELECTION, Duration::from_millis(1), leads) {
        return Err(scene.cluster);
    }
    scene.cut_leader_off();
    scene.write();
    Ok(finish(scene.expect_nothing_old(why, |_| {})))
}
