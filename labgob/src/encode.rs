//! From values to bytes.

use serde::Serialize;

/// Encodes a value.
///
/// # Panics
///
/// If the value's own `Serialize` refuses it. Derived implementations never do, except for values that
/// have no encoding at all, such as a poisoned lock.
pub fn encode<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    match bincode::serde::encode_to_vec(value, bincode::config::standard()) {
        Ok(bytes) => bytes,
        Err(error) => panic!("failed to encode {}: {error}", std::any::type_name::<T>()),
    }
}
