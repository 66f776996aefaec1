//! From bytes to values, whatever the bytes are.

use bincode::config::{Configuration, standard};
use bincode::de::read::Reader;
use bincode::error::DecodeError as Cause;
use bincode::serde::OwnedSerdeDecoder;
use serde::de::DeserializeOwned;

use crate::error::{DecodeError, Problem};

/// The longest input that [`decode`] accepts.
pub const MAX_BYTES: usize = 64 << 20;

const SMALL: usize = 4 << 10;
const MEDIUM: usize = 1 << 20;

/// How much a value may take for each byte of input: an integer of one byte counts as up to 16.
const FACTOR: usize = 32;

/// Decodes a value from all of `bytes`.
///
/// Bytes that are cut short, too long, or foreign give an error. They never cost memory beyond 128 KiB
/// at a time, or 32 MiB from 4 KiB of input on, or 2 GiB from 1 MiB on: lengths inside are not believed before
/// they are checked.
///
/// # Errors
///
/// A [`DecodeError`] says what was being decoded, in which field it broke, and why.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    // bincode takes its limit as a constant: hence the three sizes.
    let length = bytes.len();
    if length <= SMALL {
        decode_within::<T, { SMALL * FACTOR }>(bytes)
    } else if length <= MEDIUM {
        decode_within::<T, { MEDIUM * FACTOR }>(bytes)
    } else if length <= MAX_BYTES {
        decode_within::<T, { MAX_BYTES * FACTOR }>(bytes)
    } else {
        Err(DecodeError::new::<T>(length, 0, String::new(), Problem::TooLong))
    }
}

fn decode_within<T: DeserializeOwned, const LIMIT: usize>(bytes: &[u8]) -> Result<T, DecodeError> {
    let mut cursor = Cursor { bytes, position: 0 };
    let config = standard().with_limit::<LIMIT>();
    let Ok(value) = bincode::serde::decode_from_reader(&mut cursor, config) else {
        return Err(explain::<T, LIMIT>(bytes));
    };
    if cursor.position < bytes.len() {
        let problem = Problem::LeftOver { bytes: bytes.len() - cursor.position };
        return Err(DecodeError::new::<T>(bytes.len(), cursor.position, String::new(), problem));
    }
    Ok(value)
}

/// Decodes once more, this time keeping track of the field: only what fails has to pay for that.
fn explain<T: DeserializeOwned, const LIMIT: usize>(bytes: &[u8]) -> DecodeError {
    let mut cursor = Cursor { bytes, position: 0 };
    let config: Configuration<_, _, bincode::config::Limit<LIMIT>> = standard().with_limit();
    let mut decoder = OwnedSerdeDecoder::from_reader(&mut cursor, config);
    let (path, problem) = match serde_path_to_error::deserialize::<_, T>(decoder.as_deserializer())
    {
        // The type decodes differently each time; there is nothing more to say.
        Ok(_) => (String::new(), Problem::Invalid("not the same twice".to_owned())),
        Err(error) => (show_path(error.path()), describe(error.inner())),
    };
    DecodeError::new::<T>(bytes.len(), cursor.position, path, problem)
}

/// The way to a field as numbers from 0, such as `2.0.1`: the format knows no names.
fn show_path(path: &serde_path_to_error::Path) -> String {
    let steps = path.iter().map(|step| step.to_string());
    let steps: Vec<String> = steps.map(|step| step.trim_matches(['[', ']']).to_owned()).collect();
    steps.join(".")
}

fn describe(cause: &Cause) -> Problem {
    match cause {
        Cause::UnexpectedEnd { .. } | Cause::LimitExceeded => Problem::EndsEarly,
        Cause::InvalidBooleanValue(value) => Problem::Invalid(format!("{value} is no boolean")),
        Cause::InvalidCharEncoding(_) => Problem::Invalid("not a character".to_owned()),
        Cause::Utf8 { .. } => Problem::Invalid("not a text in UTF-8".to_owned()),
        Cause::OutsideUsizeRange(value) => Problem::Invalid(format!("{value} is too large")),
        Cause::InvalidIntegerType { expected, found } => {
            let text = format!("an integer of type {found:?} in place of {expected:?}");
            Problem::Invalid(text.to_lowercase())
        }
        Cause::OtherString(text) => Problem::Invalid(text.clone()),
        Cause::Other(text) => Problem::Invalid((*text).to_owned()),
        other => Problem::Invalid(format!("not a valid value ({other:?})")),
    }
}

/// Reads from a slice, and knows where it is.
struct Cursor<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl Reader for Cursor<'_> {
    fn read(&mut self, into: &mut [u8]) -> Result<(), Cause> {
        let rest = &self.bytes[self.position..];
        let Some(bytes) = rest.get(..into.len()) else {
            return Err(Cause::UnexpectedEnd { additional: into.len() - rest.len() });
        };
        into.copy_from_slice(bytes);
        self.position += into.len();
        Ok(())
    }

    fn peek_read(&mut self, count: usize) -> Option<&[u8]> {
        self.bytes[self.position..].get(..count)
    }

    fn consume(&mut self, count: usize) {
        self.position = (self.position + count).min(self.bytes.len());
    }
}
