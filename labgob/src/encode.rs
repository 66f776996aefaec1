//! Encoding of values.

use serde::Serialize;

/// Encodes a value.
///
/// # Panics
///
/// If the `Serialize` implementation of the value returns an error. A derived implementation does so only
/// for values that cannot be encoded at all, such as a poisoned mutex.
pub fn encode<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    match bincode::serde::encode_to_vec(value, bincode::config::standard()) {
        Ok(bytes) => bytes,
        Err(error) => panic!("failed to encode {}: {error}", std::any::type_name::<T>()),
    }
}
