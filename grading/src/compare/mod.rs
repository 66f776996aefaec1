//! What has changed between two gradings: whose points, and because of which tests.

mod comparison;
mod csv;
mod premises;
mod summary;
mod table;

pub(crate) use comparison::Comparison;
pub(crate) use csv::write_csv;
pub(crate) use summary::Summary;
pub(crate) use table::{conclusion, table};
