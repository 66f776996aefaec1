//! How a test says what must hold.

use std::fmt::Display;

use crate::runner::{Class, Failure, fail};

/// Fails the test unless `holds`. Pass texts that must be put together as `format_args!`: then a test that
/// passes does not do so.
pub(super) fn expect(holds: bool, expected: impl Display, seen: impl Display) {
    if !holds {
        fail(Failure::new(Class::Assertion, expected.to_string(), seen.to_string()));
    }
}
