//! Hints for students whose test failed.

use records::Class;

/// Where to look first, by the way the test failed.
pub(super) fn hint(class: Class) -> &'static str {
    match class {
        Class::Deadlock => {
            "A thread never releases a lock. Look for an RPC or a channel send that happens while you hold \
             your lock."
        }
        Class::NoProgress => {
            "Was there a leader, and were the right servers connected? If terms increase quickly, election \
             timeouts are too close together, or are not reset when they should be. If there is a leader, \
             follow one command: accepted, sent, matched, committed, applied."
        }
        Class::Invariant => {
            "Find the first server that went wrong, not the last, and the rule of Figure 2 that it broke."
        }
        Class::Inconsistent => {
            "Look at the first answer that no order of the calls explains. Which server gave it? It may no \
             longer have been the leader, or not have applied everything that was committed, or have applied \
             something twice."
        }
        Class::Undecided => {
            "It could not be decided whether these answers are right. They are unusual: do Gets return what \
             was written?"
        }
        Class::Livelock | Class::Spin => {
            "Something happens over and over. Look for a loop that waits without blocking, and for messages \
             that cause each other."
        }
        Class::Panic => "The message names the file and line in your code.",
        Class::Resource => {
            "Look for something that grows without limit: threads, a log that is never trimmed, output in a \
             loop."
        }
        Class::Aborted | Class::Tampered | Class::Forbidden => {
            "Servers only talk to each other over the network that they are given. They must not end the \
             process or use the operating system in any other way."
        }
        Class::Nondeterministic => {
            "The same seed gave different runs: something such as a memory address influences decisions."
        }
        _ => "Read what was expected word by word: which server, which index, which term?",
    }
}
