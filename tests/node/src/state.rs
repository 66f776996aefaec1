//! What Raft says of its term and role. If it never answers, no more than the thread that asks waits for it.

use std::sync::Arc;
use std::thread;

use protocol::{Answer, FromNode, STATE_THREAD};

use crate::connection::Connection;
use crate::queue::Queue;
use crate::submission::Raft;

/// Starts the thread that asks a Raft for its state: in virtual time at the end of each turn, and on the clock
/// whenever the number of a question is added to the queue.
pub(crate) fn start_asking(raft: Arc<dyn Raft>, judge: Arc<Connection>) -> Arc<Queue<u64>> {
    let questions = Arc::new(Queue::new());
    let asked = questions.clone();
    let ask = move || {
        if sim::is_active() { tell(&*raft, &judge) } else { answer(&*raft, &judge, &asked) }
    };
    let builder = thread::Builder::new().name(STATE_THREAD.to_owned());
    builder.spawn(ask).expect("a node may start threads");
    questions
}

fn tell(raft: &dyn Raft, judge: &Connection) -> ! {
    loop {
        sim::await_end_of_turn();
        let (term, leads) = raft.get_state();
        judge.note_state(term, leads);
    }
}

fn answer(raft: &dyn Raft, judge: &Connection, questions: &Queue<u64>) -> ! {
    loop {
        // One answer will do for all that were asked before.
        let asked = questions.take();
        let (term, leads) = raft.get_state();
        for ask in asked {
            judge.send(&FromNode::Answer { ask, answer: Answer::State { term, leads } });
        }
    }
}
