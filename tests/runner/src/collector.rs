//! What the processes of a run say for its recording.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, PipeReader, PipeWriter, Read};

use recording::Parts;

use crate::output::new_pipe;

/// How much is kept of what a node says, in bytes: at least its last part of this size, and never twice as much.
const KEPT: usize = 16 << 20;

/// How much all nodes of a run may say together, in bytes.
const OF_NODES: usize = 256 << 20;

/// How much the judge may say, in bytes.
const OF_JUDGE: usize = 512 << 20;

/// How much is read at once at most, in bytes: whoever speaks without end must not hold up all else.
const AT_ONCE: usize = 1 << 20;

/// Who says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Speaker {
    Judge,
    /// The node of this number.
    Node(u32),
}

/// Collects what the processes of a run say, each over a pipe of its own. When they have said too much, they are not
/// heard any longer: their pipes are closed, so that none of them waits for a reader.
#[derive(Default)]
pub(crate) struct Collector {
    speakers: BTreeMap<Speaker, Said>,
    /// How much the nodes have said.
    of_nodes: usize,
}

struct Said {
    /// What the judge's events call it.
    name: String,
    /// `None` if nothing more can come, or may.
    pipe: Option<PipeReader>,
    bytes: Vec<u8>,
}

impl Collector {
    /// A pipe for one more process.
    ///
    /// # Errors
    ///
    /// If the system has none.
    pub(crate) fn add(&mut self, speaker: Speaker, name: &str) -> io::Result<PipeWriter> {
        let (pipe, writer) = new_pipe()?;
        let said = Said { name: name.to_owned(), pipe: Some(pipe), bytes: Vec::new() };
        self.speakers.insert(speaker, said);
        Ok(writer)
    }

    /// The pipes from which something can come.
    pub(crate) fn pipes(&self) -> impl Iterator<Item = (Speaker, &PipeReader)> {
        self.speakers.iter().filter_map(|(speaker, said)| Some((*speaker, said.pipe.as_ref()?)))
    }

    /// Takes in what is in the pipe of a process. Never waits.
    pub(crate) fn read(&mut self, speaker: Speaker) {
        let Some(said) = self.speakers.get_mut(&speaker) else {
            return;
        };
        let Some(pipe) = &said.pipe else {
            return;
        };
        let most = match speaker {
            Speaker::Judge => OF_JUDGE - said.bytes.len(),
            Speaker::Node(_) => OF_NODES - self.of_nodes,
        };
        let before = said.bytes.len();
        let ended = pipe.take(most.min(AT_ONCE) as u64).read_to_end(&mut said.bytes);
        let count = said.bytes.len() - before;
        if speaker != Speaker::Judge {
            self.of_nodes += count;
            if said.bytes.len() >= 2 * KEPT {
                said.bytes.drain(..said.bytes.len() - KEPT);
            }
        }
        // Nothing comes any more, or what comes would be too much; in between there is nothing just now.
        let is_over = count == most || ended.is_ok() && count < AT_ONCE;
        if is_over || ended.is_err_and(|error| error.kind() != ErrorKind::WouldBlock) {
            said.pipe = None;
        }
    }

    /// Takes in all that is left, once the processes have ended.
    pub(crate) fn end(mut self) -> Parts {
        let all: Vec<Speaker> = self.speakers.keys().copied().collect();
        for speaker in all {
            self.read(speaker);
        }
        let mut parts = Parts::default();
        for (speaker, said) in self.speakers {
            match speaker {
                Speaker::Judge => parts.judge = said.bytes,
                Speaker::Node(_) => parts.nodes.push((said.name, said.bytes)),
            }
        }
        parts
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::{Collector, KEPT, OF_NODES, Speaker};

    /// Has a node say this much, and reads it as the runner does. Returns how much was heard, and what the node's
    /// writing came to.
    fn say(collector: &mut Collector, number: u32, count: usize) -> (usize, std::io::Result<()>) {
        let node = Speaker::Node(number);
        let mut writer = collector.add(node, "server-0").expect("there are pipes");
        let written = std::thread::spawn(move || writer.write_all(&vec![b'x'; count]));
        while collector.pipes().any(|(speaker, _)| speaker == node) {
            collector.read(node);
        }
        let heard = collector.speakers[&node].bytes.len();
        (heard, written.join().expect("it does not panic"))
    }

    #[test]
    fn all_is_heard_and_the_last_part_is_kept() {
        let mut collector = Collector::default();
        for count in [0, 1, 3 << 20] {
            let (heard, written) = say(&mut collector, 0, count);
            assert_eq!(heard, count);
            assert!(written.is_ok());
        }
        let (kept, written) = say(&mut collector, 1, 5 * KEPT);
        assert!((KEPT..2 * KEPT).contains(&kept), "{kept}");
        assert!(written.is_ok());
    }

    #[test]
    fn all_nodes_together_have_a_limit() {
        let mut collector = Collector::default();
        let (kept, written) = say(&mut collector, 0, 2 * OF_NODES);
        assert!(kept < 2 * KEPT, "{kept}");
        assert!(written.is_err(), "it is told that nobody listens");
        assert_eq!(collector.of_nodes, OF_NODES);
        let (heard, _) = say(&mut collector, 1, 1);
        assert_eq!(heard, 0);
    }

    #[test]
    fn what_is_left_at_the_end_is_heard() {
        let mut collector = Collector::default();
        let pipe = |collector: &mut Collector, speaker| {
            collector.add(speaker, "server-0").expect("there are pipes")
        };
        let mut judge = pipe(&mut collector, Speaker::Judge);
        let mut node = pipe(&mut collector, Speaker::Node(7));
        judge.write_all(b"judge").expect("it fits");
        node.write_all(b"node").expect("it fits");
        let parts = collector.end();
        assert_eq!(parts.judge, b"judge");
        assert_eq!(parts.nodes, [("server-0".to_owned(), b"node".to_vec())]);
    }
}
