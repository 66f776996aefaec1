//! Who is in the class: `roster.csv`, which the instructor writes.

mod people;
mod person;
mod problems;
mod table;

pub(crate) use people::Roster;
pub(crate) use person::Person;
