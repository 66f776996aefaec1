//! 4B, continued: single calls whose place in the log is taken, or whose messages come late.

use std::sync::Arc;
use std::thread;

use labrpc::{Decision, Leg};
use parking_lot::Mutex;

use super::client_traffic::release_one_by_one;
use super::kv_calls::{CALL_TIMEOUT, Pending, introduce};
use super::limits::LIMIT;
use super::shard_load::sleep;
use super::value_checks::{expect_each_once, expect_value};
use crate::case::{Case, Run, Summary};
use crate::harness::{ShardCluster, group_of_server, server_name};

const fn case(name: &'static str, title: &'static str, run: fn(&Run) -> Summary) -> Case {
    Case { stage: "4B", name, title, limit: LIMIT, optional: false, run }
}

pub(super) const CASES: &[Case] = &[
    case(
        "replaced_request",
        "a request is not answered when something else is committed at its index",
        replaced_request,
    ),
    case("late_request", "a request that arrives after the next one has no effect", late_request),
];

/// Two clerks append at the same index: one at a leader of a group that has been cut off from the others, the other
/// at its successor. Both have made as many requests. The old leader then gets the other request, or an entry of
/// the new leader's own, in the place of its own, while its clerk still waits: but for chance, which is why this
/// happens three times.
fn replaced_request(run: &Run) -> Summary {
    let cluster = ShardCluster::new(None, run);
    cluster.join(&[0]);
    cluster.client().put("k", "");
    let mut appended = String::new();
    for round in 0..3 {
        let (mut client, mut other) = (cluster.client(), cluster.client());
        [&mut client, &mut other].into_iter().for_each(|client| introduce(client, "k"));
        let group = cluster.group(0);
        let leader = group.check_one_leader();
        group.disconnect(leader);
        group.check_one_leader();
        let old_leader = server_name(group.servers.number(leader));
        let names = [client.name(), other.name()];
        cluster.network().intercept(move |message| {
            let is_asked = message.leg == Leg::Request && group_of_server(message.to).is_some();
            let astray = if message.to == old_leader { &names[1] } else { &names[0] };
            Decision::drop_if(is_asked && message.from == astray)
        });
        let [replaced, kept] = [0, 1].map(|number| format!("x {round} {number} y"));
        appended.push_str(&kept);
        appended.push_str(&replaced);
        let given = replaced.clone();
        let call = Pending::begin(move || client.append("k", &replaced));
        sleep(100);
        other.append("k", &kept);
        group.connect(leader);
        sleep(300);
        cluster.network().stop_intercepting();
        call.wait_or_tell("an Append whose place in the log was taken", || cluster.open_calls());
        let mut reader = cluster.client();
        expect_each_once(&mut reader, &[&kept, &given]);
        expect_value("k", &appended, &reader.get("k"), &reader);
    }
    cluster.finish()
}

/// The clerk gives up the first attempts of two requests, which are still under way. They arrive after the clerk's next
/// requests.
fn late_request(run: &Run) -> Summary {
    let cluster = ShardCluster::new(None, run);
    cluster.join(&[0]);
    let network = cluster.network();
    let [again, client] = [(); 2].map(|()| Arc::new(Mutex::new(cluster.client())));
    again.lock().put("p", "first");
    // The second Put changes nothing, since its value is there already. When it arrives late, another one is.
    let put_again = Pending::begin_late(network, &again, |client| client.put("p", "first"));
    client.lock().put("k", "");
    for value in ["ay", "by"] {
        let call = Pending::begin_late(network, &client, |client| client.append("k", value));
        thread::sleep(CALL_TIMEOUT);
        call.wait_or_tell("an Append whose first request came to nothing", || cluster.open_calls());
    }
    put_again.wait_or_tell("a Put whose first request came to nothing", || cluster.open_calls());
    cluster.client().put("p", "second");
    client.lock().append("k", "cy");
    release_one_by_one(network);
    let mut reader = cluster.client();
    expect_value("k", "aybycy", &reader.get("k"), &reader);
    expect_value("p", "second", &reader.get("p"), &reader);
    cluster.finish()
}
