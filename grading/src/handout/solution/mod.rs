//! Cuts the solution out of the students' files of a crate, by rule, on the syntax tree.
//!
//! - What is public stays, with docs, attributes and signature.
//! - A *tag*, a line such as `// 2B: append the command to the log`, says what belongs to a stage:
//!   - above a function: its body becomes `unimplemented!("2B: append the command to the log")`;
//!   - above a match arm: its expression becomes that;
//!   - above a statement, a field of a struct that is made, or a call in a chain of calls: it goes;
//!   - in a struct: the fields below it go, up to the next tag.
//! - Of a stage that students are not asked for nothing is left: functions go as well.
//! - What is private stays only if something that stays uses it: items, methods, imports, modules. A file
//!   in which nothing stays goes as a whole, unless it is one that students write.
//! - Of a file's own docs the first paragraph stays; the rest are notes on the solution.
//!
//! Everything that stays is the same byte for byte, but for import lists that got shorter.

mod cut;
mod edit;
mod imports;
mod mentions;
mod parts;
mod reach;
mod scope;
mod source;
mod tag;
#[cfg(test)]
mod tests;

pub(super) use cut::cut_crate;
pub(super) use source::{Role, SourceFile};
pub(super) use tag::has_tag;
