//! What a run may use.

use std::time::Duration;

use records::Class;

use crate::failure::Failure;
use crate::node_end::NodeEnd;
use crate::usage::Usage;

/// The resident memory that a node may use, in bytes.
const NODE_MEMORY: u64 = 512 << 20;

/// The threads that a node may have. One for each call, to servers that are down as well, stays below: some
/// 300 commands a second go to two such servers, and each call takes up to 7 s to fail.
const NODE_THREADS: u64 = 4_000;

/// The resident memory that the judge may use, in bytes.
const JUDGE_MEMORY: u64 = 2 << 30;

/// What the processes of a run may print together, in bytes.
const OUTPUT: u64 = 64 << 20;

/// The processor time that all processes of a run may use together.
const CPU: Duration = Duration::from_secs(300);

/// How long all processes of a simulation may sleep at the same time.
pub(crate) const IDLE: Duration = Duration::from_secs(60);

/// How long after its time limit a judge on the clock may still report that it has exceeded it.
pub(crate) const GRACE: Duration = Duration::from_secs(10);

/// The limit that a node exceeds, if any.
pub(crate) fn of_node(usage: &Usage) -> Option<NodeEnd> {
    let (what, seen) = if usage.memory > NODE_MEMORY {
        let limit = NODE_MEMORY >> 20;
        (format!("{limit} MiB of memory"), format!("uses {} MiB", usage.memory >> 20))
    } else if usage.threads > NODE_THREADS {
        (format!("{NODE_THREADS} threads at a time"), format!("has {}", usage.threads))
    } else {
        return None;
    };
    Some(NodeEnd::Exceeded { expected: format!("a server uses at most {what}"), seen })
}

/// How a node has ended that was killed for its processor time.
pub(crate) fn cpu_of_node(limit: Duration) -> NodeEnd {
    let expected = format!("a server uses at most {} s of processor time", limit.as_secs());
    NodeEnd::Exceeded { expected, seen: "has used more".to_owned() }
}

/// The limit that the judge exceeds, if any.
pub(crate) fn of_judge(usage: &Usage) -> Option<Failure> {
    (usage.memory > JUDGE_MEMORY).then(|| {
        let expected = format!("the harness uses at most {} MiB of memory", JUDGE_MEMORY >> 20);
        Failure::new(Class::Fault, expected, format!("it uses {} MiB", usage.memory >> 20))
    })
}

/// The limit that a run as a whole exceeds, if any.
pub(crate) fn of_run(cpu: Duration, printed: u64) -> Option<Failure> {
    let (what, seen) = if cpu > CPU {
        (format!("uses at most {} s of processor time", CPU.as_secs()), "it has used more")
    } else if printed > OUTPUT {
        (format!("prints at most {} MiB", OUTPUT >> 20), "it has printed more")
    } else {
        return None;
    };
    Some(Failure::new(Class::Resource, format!("a test {what}"), seen.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{CPU, NODE_MEMORY, NODE_THREADS, OUTPUT, of_node, of_run};
    use crate::usage::Usage;

    #[test]
    fn a_run_that_uses_too_much_is_stopped() {
        assert_eq!(of_run(CPU, OUTPUT), None);
        let seen = |cpu, printed| of_run(cpu, printed).map(|failure| failure.expected);
        let more = seen(CPU + Duration::from_secs(1), 0);
        assert_eq!(more.as_deref(), Some("a test uses at most 300 s of processor time"));
        assert_eq!(seen(CPU, OUTPUT + 1).as_deref(), Some("a test prints at most 64 MiB"));
    }

    #[test]
    fn a_node_that_uses_too_much_is_killed() {
        let most = Usage { memory: NODE_MEMORY, threads: NODE_THREADS, ..Usage::default() };
        assert_eq!(of_node(&most), None);
        assert!(of_node(&Usage { memory: NODE_MEMORY + 1, ..most }).is_some());
        assert!(of_node(&Usage { threads: NODE_THREADS + 1, ..most }).is_some());
    }
}
