//! Encoding of values.

use bincode::enc::write::Writer;
use bincode::error::EncodeError;
use serde::Serialize;

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
    let mut bytes = Bytes(Vec::new());
    match bincode::serde::encode_into_writer(value, &mut bytes, bincode::config::standard()) {
        Ok(()) => bytes.0,
        Err(error) => panic!("failed to encode {}: {error}", std::any::type_name::<T>()),
    }
}

/// What has been encoded. Its writer is compiled once, here, and optimized; bincode's own would be compiled in
/// each crate that encodes, as that crate is.
struct Bytes(Vec<u8>);

impl Writer for Bytes {
    fn write(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}
