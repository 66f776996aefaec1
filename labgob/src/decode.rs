//! Decoding of bytes that may be damaged or forged.

use bincode::config::{Configuration, standard};
use bincode::de::read::Reader;
use bincode::error::DecodeError as Cause;
use bincode::serde::OwnedSerdeDecoder;
use serde::de::DeserializeOwned;

use crate::error::{DecodeError, Problem};
use crate::limits::{MAX_BYTES, MEDIUM, MEMORY_PER_BYTE};

/// What the largest input may cost, in bytes of memory.
const LARGEST: usize = MAX_BYTES * MEMORY_PER_BYTE;

/// Decodes a value from all of `bytes`.
///
/// The bytes may come from anywhere: bytes that are truncated, too long, or not an encoding of a `T`
/// give an error. Lengths inside the bytes are checked before memory is allocated for them, so a forged
/// length costs little. A value may take at most:
///
/// | input | memory |
/// |---|---|
/// | up to 1 MiB | 32 MiB |
/// | up to [`MAX_BYTES`] | 2 GiB |
///
/// # Errors
///
/// The [`DecodeError`] says which type and which field could not be decoded, and why.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    // bincode takes its limit as a constant, and all that decodes a type is compiled for each of them: so
    // there are only two.
    let length = bytes.len();
    if length <= MEDIUM {
        decode_within::<T, { MEDIUM * MEMORY_PER_BYTE }>(bytes)
    } else if length <= MAX_BYTES {
        decode_within::<T, LARGEST>(bytes)
    } else {
        Err(DecodeError::new::<T>(length, 0, String::new(), Problem::TooLong))
    }
}

/// Decodes a value from the beginning of `bytes`. Returns it, and the rest of the bytes. The value takes at
/// most 32 MiB of memory.
///
/// # Errors
///
/// As [`decode`].
pub fn decode_prefix<T: DeserializeOwned>(bytes: &[u8]) -> Result<(T, &[u8]), DecodeError> {
    let (value, length) = decode_start::<T, { MEDIUM * MEMORY_PER_BYTE }>(bytes)?;
    Ok((value, &bytes[length..]))
}

fn decode_within<T: DeserializeOwned, const LIMIT: usize>(bytes: &[u8]) -> Result<T, DecodeError> {
    let (value, length) = decode_start::<T, LIMIT>(bytes)?;
    if length < bytes.len() {
        let problem = Problem::LeftOver { bytes: bytes.len() - length };
        return Err(DecodeError::new::<T>(bytes.len(), length, String::new(), problem));
    }
    Ok(value)
}

/// Decodes a value, and returns how many bytes it takes.
fn decode_start<T: DeserializeOwned, const LIMIT: usize>(
    bytes: &[u8],
) -> Result<(T, usize), DecodeError> {
    let mut cursor = Cursor { bytes, position: 0 };
    match preemption::without(|| read::<T, LIMIT>(&mut cursor)) {
        Ok(value) => Ok((value, cursor.position)),
        Err(cause) => {
            let path = find::<T>(bytes, &cause);
            let problem = describe(&cause);
            Err(DecodeError::new::<T>(bytes.len(), cursor.position, path, problem))
        }
    }
}

/// A function of its own, because what is inlined into code that counts edges goes on to do so.
#[inline(never)]
fn read<T: DeserializeOwned, const LIMIT: usize>(cursor: &mut Cursor<'_>) -> Result<T, Cause> {
    bincode::serde::decode_from_reader(cursor, standard().with_limit::<LIMIT>())
}

/// Decodes once more to find the field at fault. To keep track of the fields the first time would slow
/// down every call.
///
/// This comes to the same fault, with whatever limit, unless the fault is the limit.
fn find<T: DeserializeOwned>(bytes: &[u8], cause: &Cause) -> String {
    if matches!(cause, Cause::LimitExceeded) {
        return String::new();
    }
    let mut cursor = Cursor { bytes, position: 0 };
    let config: Configuration<_, _, bincode::config::Limit<LARGEST>> = standard().with_limit();
    let mut decoder = OwnedSerdeDecoder::from_reader(&mut cursor, config);
    let found = serde_path_to_error::deserialize::<_, T>(decoder.as_deserializer());
    // Only a `Deserialize` that depends on more than the bytes can succeed here.
    found.err().map(|error| show_path(error.path())).unwrap_or_default()
}

/// Shows the path to a field as numbers from 0, such as `2.0.1`, because the format has no names.
fn show_path(path: &serde_path_to_error::Path) -> String {
    let steps = path.iter().map(|step| step.to_string());
    let steps: Vec<String> = steps.map(|step| step.trim_matches(['[', ']']).to_owned()).collect();
    steps.join(".")
}

fn describe(cause: &Cause) -> Problem {
    match cause {
        Cause::UnexpectedEnd { .. } | Cause::LimitExceeded => Problem::EndsEarly,
        Cause::InvalidBooleanValue(value) => Problem::Invalid(format!("{value} is not a boolean")),
        Cause::InvalidCharEncoding(_) => Problem::Invalid("not a character".to_owned()),
        Cause::Utf8 { .. } => Problem::Invalid("not valid UTF-8".to_owned()),
        Cause::OutsideUsizeRange(value) => Problem::Invalid(format!("{value} is too large")),
        Cause::InvalidIntegerType { expected, found } => {
            let text = format!("an integer of type {found:?} instead of {expected:?}");
            Problem::Invalid(text.to_lowercase())
        }
        Cause::OtherString(text) => Problem::Invalid(text.clone()),
        Cause::Other(text) => Problem::Invalid((*text).to_owned()),
        other => Problem::Invalid(format!("not a valid value ({other:?})")),
    }
}

/// A reader of a slice that knows its position.
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
