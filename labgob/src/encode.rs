//! Encoding of values.

use serde::Serialize;

use crate::describe::describe;
use crate::listen::tell;

/// Encodes a value into the beginning of a buffer, without allocating. Returns how many bytes it takes; `None`
/// if they do not fit.
///
/// # Panics
///
/// As [`encode`].
pub fn encode_into<T: Serialize + ?Sized>(value: &T, buffer: &mut [u8]) -> Option<usize> {
    match bincode::serde::encode_into_slice(value, buffer, bincode::config::standard()) {
        Ok(length) => Some(length),
        Err(bincode::error::EncodeError::UnexpectedEnd) => None,
        Err(error) => panic!("failed to encode {}: {error}", std::any::type_name::<T>()),
    }
}

/// Encodes a value.
///
/// # Panics
///
/// If the `Serialize` implementation of the value returns an error. A derived implementation does so only
/// for values that cannot be encoded at all, such as a poisoned mutex.
pub fn encode<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let bytes = encode_silently(value);
    tell(&bytes, &|longest| describe(value, longest));
    bytes
}

/// Encodes a value as [`encode`] does, and does not tell the listener of [`listen_to_encodings`]: for callers that
/// describe their values otherwise, or not at all.
///
/// # Panics
///
/// As [`encode`].
///
/// [`listen_to_encodings`]: crate::listen_to_encodings
pub fn encode_silently<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    match preemption::without(|| write(value)) {
        Ok(bytes) => bytes,
        Err(error) => panic!("failed to encode {}: {error}", std::any::type_name::<T>()),
    }
}

/// A function of its own, because what is inlined into code that counts edges goes on to do so.
#[inline(never)]
fn write<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, bincode::error::EncodeError> {
    bincode::serde::encode_to_vec(value, bincode::config::standard())
}
