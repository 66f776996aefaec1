// Does nothing: what others are compared with.
// Graded: any

impl Attack for Raft {}
