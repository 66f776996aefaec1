//! Values as text, for people.

use std::fmt::{self, Write};

use serde::ser::{self, Serialize};

/// A value as text, with the names of its type, variants and fields: `RequestVoteArgs { term: 3, candidate: 1 }`.
/// Bytes stand there as text if they are printable. After `longest` bytes the text ends with `…`, and so it does
/// where the `Serialize` implementation returns an error.
pub fn describe<T: Serialize + ?Sized>(value: &T, longest: usize) -> String {
    let mut describer = Describer { text: String::new(), longest, wrote_byte: false };
    if value.serialize(&mut describer).is_err() {
        describer.text.push('…');
    }
    describer.text
}

/// Writes the text.
struct Describer {
    text: String,
    longest: usize,
    /// Whether what was written last is a `u8`.
    wrote_byte: bool,
}

/// The text is as long as it may be, or the value says that it cannot be written.
#[derive(Debug)]
struct End;

impl fmt::Display for End {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the description ends here")
    }
}

impl std::error::Error for End {}

impl ser::Error for End {
    fn custom<T: fmt::Display>(_reason: T) -> Self {
        End
    }
}

impl Describer {
    fn add(&mut self, part: fmt::Arguments<'_>) -> Result<(), End> {
        self.wrote_byte = false;
        let _ = self.text.write_fmt(part);
        if self.text.len() <= self.longest {
            return Ok(());
        }
        let end = (0..=self.longest).rev().find(|end| self.text.is_char_boundary(*end));
        self.text.truncate(end.unwrap_or(0));
        Err(End)
    }

    fn add_bytes(&mut self, bytes: &[u8]) -> Result<(), End> {
        let shown = &bytes[..bytes.len().min(self.longest)];
        match std::str::from_utf8(shown) {
            Ok(text) if !text.chars().any(char::is_control) => self.add(format_args!("{text:?}")),
            _ => {
                self.add(format_args!("0x"))?;
                shown.iter().try_for_each(|byte| self.add(format_args!("{byte:02x}")))
            }
        }
    }

    /// Begins what has several parts.
    fn begin(
        &mut self,
        name: &str,
        open: &'static str,
        close: &'static str,
    ) -> Result<Parts<'_>, End> {
        self.add(format_args!("{name}{open}"))?;
        let start = self.text.len();
        Ok(Parts { describer: self, close, start, count: 0, are_bytes: true })
    }
}

/// A value with several parts, of which some may be written.
struct Parts<'a> {
    describer: &'a mut Describer,
    close: &'static str,
    /// Where the first part begins.
    start: usize,
    count: usize,
    /// Whether all parts so far are of type `u8`.
    are_bytes: bool,
}

impl Parts<'_> {
    fn add<T: Serialize + ?Sized>(&mut self, name: Option<&str>, part: &T) -> Result<(), End> {
        if self.count > 0 {
            self.describer.add(format_args!(", "))?;
        }
        self.count += 1;
        if let Some(name) = name {
            self.describer.add(format_args!("{name}: "))?;
        }
        part.serialize(&mut *self.describer)?;
        self.are_bytes &= self.describer.wrote_byte;
        Ok(())
    }

    fn finish(self) -> Result<(), End> {
        self.describer.add(format_args!("{}", self.close))
    }

    /// The same for a sequence, which stands there as text if it consists of bytes that are text.
    fn finish_sequence(self) -> Result<(), End> {
        if self.count == 0 || !self.are_bytes {
            return self.finish();
        }
        let numbers = self.describer.text.split_off(self.start);
        let bytes: Vec<u8> = numbers.split(", ").filter_map(|number| number.parse().ok()).collect();
        self.describer.text.truncate(self.start - 1);
        self.describer.add_bytes(&bytes)
    }
}

/// Methods that write a simple value as it is displayed.
macro_rules! displayed {
    ($($method:ident: $type:ty),*) => {$(
        fn $method(self, value: $type) -> Result<(), End> {
            self.add(format_args!("{value}"))
        }
    )*};
}

impl<'a> ser::Serializer for &'a mut Describer {
    type Ok = ();
    type Error = End;
    type SerializeSeq = Parts<'a>;
    type SerializeTuple = Parts<'a>;
    type SerializeTupleStruct = Parts<'a>;
    type SerializeTupleVariant = Parts<'a>;
    type SerializeMap = Parts<'a>;
    type SerializeStruct = Parts<'a>;
    type SerializeStructVariant = Parts<'a>;

    displayed! {
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32,
        serialize_i64: i64, serialize_i128: i128, serialize_u16: u16, serialize_u32: u32,
        serialize_u64: u64, serialize_u128: u128, serialize_f32: f32, serialize_f64: f64
    }

    fn serialize_u8(self, value: u8) -> Result<(), End> {
        self.add(format_args!("{value}"))?;
        self.wrote_byte = true;
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), End> {
        self.add(format_args!("{value:?}"))
    }

    fn serialize_str(self, value: &str) -> Result<(), End> {
        let end =
            (0..=value.len().min(self.longest)).rev().find(|end| value.is_char_boundary(*end));
        self.add(format_args!("{:?}", &value[..end.unwrap_or(0)]))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), End> {
        self.add_bytes(value)
    }

    fn serialize_none(self) -> Result<(), End> {
        self.add(format_args!("None"))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), End> {
        self.serialize_newtype_struct("Some", value)
    }

    fn serialize_unit(self) -> Result<(), End> {
        self.add(format_args!("()"))
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<(), End> {
        self.add(format_args!("{name}"))
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), End> {
        self.add(format_args!("{variant}"))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), End> {
        let mut parts = self.begin(name, "(", ")")?;
        parts.add(None, value)?;
        parts.finish()
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), End> {
        self.serialize_newtype_struct(variant, value)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts<'a>, End> {
        self.begin("", "[", "]")
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts<'a>, End> {
        self.begin("", "(", ")")
    }

    fn serialize_tuple_struct(self, name: &'static str, _: usize) -> Result<Parts<'a>, End> {
        self.begin(name, "(", ")")
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'a>, End> {
        self.begin(variant, "(", ")")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts<'a>, End> {
        self.begin("", "{", "}")
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Parts<'a>, End> {
        self.begin(name, " { ", " }")
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'a>, End> {
        self.begin(variant, " { ", " }")
    }

    // The same answer as that of the encoding, so that a value is written as it is sent.
    fn is_human_readable(&self) -> bool {
        false
    }
}

impl ser::SerializeSeq for Parts<'_> {
    type Ok = ();
    type Error = End;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), End> {
        self.add(None, value)
    }

    fn end(self) -> Result<(), End> {
        self.finish_sequence()
    }
}

/// Implementations for what has parts without names.
macro_rules! unnamed {
    ($($name:ident: $method:ident),*) => {$(
        impl ser::$name for Parts<'_> {
            type Ok = ();
            type Error = End;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), End> {
                self.add(None, value)
            }

            fn end(self) -> Result<(), End> {
                self.finish()
            }
        }
    )*};
}

unnamed! {
    SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field
}

impl ser::SerializeMap for Parts<'_> {
    type Ok = ();
    type Error = End;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), End> {
        self.add(None, key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), End> {
        self.describer.add(format_args!(": "))?;
        value.serialize(&mut *self.describer)
    }

    fn end(self) -> Result<(), End> {
        self.finish()
    }
}

/// Implementations for what has parts with names.
macro_rules! named {
    ($($name:ident),*) => {$(
        impl ser::$name for Parts<'_> {
            type Ok = ();
            type Error = End;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), End> {
                self.add(Some(name), value)
            }

            fn end(self) -> Result<(), End> {
                self.finish()
            }
        }
    )*};
}

named! { SerializeStruct, SerializeStructVariant }
