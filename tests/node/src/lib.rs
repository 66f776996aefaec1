//! The process of one life of a server, or of one clerk: where the submission runs.
