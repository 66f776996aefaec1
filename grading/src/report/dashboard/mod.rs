//! The results of the class on one page, which needs no other files and no network.
//!
//! What is said of tests counts students, not runs: the runs of a student depend on one another. Students with the
//! same files, such as those of a group, count once for the same reason.

mod discrimination;
mod distinct;
mod failures;
mod flaky;
mod page;
mod scores;
mod share;
mod student_row;
mod test_row;

pub(super) use page::render;

#[cfg(test)]
mod tests;
