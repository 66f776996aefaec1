//! A whole recording, as it is read from a file.

use std::io::BufRead;

use crate::event::Event;

/// What happened in a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recording {
    /// The events in the order in which they were recorded.
    pub events: Vec<Event>,
    /// How many lines were skipped because they are no event that this version knows.
    pub skipped: usize,
}

impl Recording {
    /// Reads a recording: one event a line, as JSON. A line that is no event is skipped and counted, as the
    /// last line is when the run was ended while it was written. Where reading fails, the recording ends,
    /// and that counts as a skipped line.
    pub fn read(mut reader: impl BufRead) -> Self {
        let mut recording = Self::default();
        let mut line = Vec::new();
        loop {
            line.clear();
            match reader.read_until(b'\n', &mut line) {
                Ok(0) => return recording,
                Ok(_) => recording.add(&line),
                Err(_) => {
                    recording.skipped += 1;
                    return recording;
                }
            }
        }
    }

    fn add(&mut self, line: &[u8]) {
        if line.trim_ascii().is_empty() {
            return;
        }
        match serde_json::from_slice(line) {
            Ok(event) => self.events.push(event),
            Err(_) => self.skipped += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, BufReader, Read};

    use super::Recording;

    /// Unknown events, broken lines, bytes that are no text and missing fields stop nothing.
    #[test]
    fn what_is_no_event_is_skipped_and_counted() {
        let mut bytes = b"{\"at\":1,\"event\":\"note\",\"text\":\"a\"}\n\n".to_vec();
        bytes.extend(b"{\"at\":2,\"event\":\"eclipse\",\"server\":\"server-0\"}\n");
        bytes.extend(b"{\"at\":3,\"event\":\"crash\"}\n\xff\xfe\n[]\n");
        bytes.extend(b"{\"at\":-4,\"event\":\"note\",\"text\":\"before the start\"}\r\n");
        bytes.extend(b"{\"at\":5,\"event\":\"note\",\"text\":\"b\",\"new\":true}\r\n");
        bytes.extend(b"{\"at\":6,\"event\":\"note\",\"te");
        let recording = Recording::read(bytes.as_slice());
        let times: Vec<u64> = recording.events.iter().map(|event| event.at).collect();
        assert_eq!(times, [1, 5]);
        assert_eq!(recording.skipped, 6);
    }

    /// A file that cannot be read to its end still shows what came before.
    #[test]
    fn a_failing_read_ends_the_recording() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("broken disk"))
            }
        }
        let good = &b"{\"at\":1,\"event\":\"note\",\"text\":\"a\"}\n"[..];
        let recording = Recording::read(BufReader::new(good.chain(Broken)));
        assert_eq!((recording.events.len(), recording.skipped), (1, 1));
    }
}
