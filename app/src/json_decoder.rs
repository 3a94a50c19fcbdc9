//! Decoding JSON into the types the server serializes.
//!
//! The browser parses the text (`JSON.parse` reads every double exactly) and serde builds the types from its values.
//! Structs are read in the order of their fields, each by its name, so the code that looks names up, most of a derived
//! deserializer, is never compiled in (docs/adr/0006-browser-bundle-size.md).

use js_sys::{Array, JSON, Object, Reflect};
use serde::{
    Deserializer,
    de::{
        self, DeserializeOwned, DeserializeSeed, EnumAccess, IntoDeserializer, SeqAccess, VariantAccess, Visitor,
        value::U64Deserializer,
    },
};
use std::{fmt, slice};
use wasm_bindgen::{JsCast, JsValue};

/// The value in a JSON text; none if it is not JSON, or not of this type.
pub fn from_json<T: DeserializeOwned>(text: &str) -> Option<T> {
    from_js(parse(text)?)
}

/// The value of a JSON text, to be decoded later.
pub(crate) fn parse(text: &str) -> Option<JsValue> {
    JSON::parse(text).ok()
}

/// A member of an object; undefined if there is none.
pub(crate) fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// Decodes a value; none if it is not of this type.
pub(crate) fn from_js<T: DeserializeOwned>(value: JsValue) -> Option<T> {
    T::deserialize(FromJs(value)).ok()
}

struct FromJs(JsValue);

/// A value is not of the type it should be. What is wrong with it is of no use to a page.
#[derive(Debug)]
struct Mismatch;

impl fmt::Display for Mismatch {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Mismatch {}

impl de::Error for Mismatch {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_value(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn de::Expected) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }
}

impl FromJs {
    /// A whole number that a double holds exactly.
    fn integer(&self) -> Result<f64, Mismatch> {
        let number = self.0.as_f64().ok_or(Mismatch)?;
        if number.trunc() == number && number.abs() <= js_sys::Number::MAX_SAFE_INTEGER {
            Ok(number)
        } else {
            Err(Mismatch)
        }
    }

    fn text(&self) -> Result<String, Mismatch> {
        self.0.as_string().ok_or(Mismatch)
    }
}

macro_rules! integers {
    ($($method:ident)*) => {
        $(
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
                #[expect(clippy::cast_possible_truncation, reason = "it was checked to be a whole number that fits")]
                visitor.visit_i64(self.integer()? as i64)
            }
        )*
    };
}

macro_rules! unsupported {
    ($($method:ident)*) => {
        $(
            /// No type of the page asks for it.
            fn $method<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Mismatch> {
                Err(Mismatch)
            }
        )*
    };
}

impl<'de> Deserializer<'de> for FromJs {
    type Error = Mismatch;

    integers! { deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 }

    unsupported! { deserialize_any deserialize_char deserialize_bytes deserialize_byte_buf deserialize_unit deserialize_map deserialize_identifier deserialize_ignored_any }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_bool(self.0.as_bool().ok_or(Mismatch)?)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_f64(self.0.as_f64().ok_or(Mismatch)?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_string(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_string(self.text()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if self.0.is_null() || self.0.is_undefined() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, _: V) -> Result<V::Value, Mismatch> {
        Err(Mismatch)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if !Array::is_array(&self.0) {
            return Err(Mismatch);
        }
        visitor.visit_seq(Items { array: Array::from(&self.0), next: 0 })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        if !self.0.is_object() {
            return Err(Mismatch);
        }
        visitor.visit_seq(Fields { object: self.0, names: fields.iter() })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        // A variant without data is its name, one with data an object with the name as its only key.
        let (name, data) = match self.0.as_string() {
            Some(name) => (name, JsValue::UNDEFINED),
            None => {
                let name = Object::keys(self.0.dyn_ref::<Object>().ok_or(Mismatch)?).get(0).as_string();
                let name = name.ok_or(Mismatch)?;
                let data = member(&self.0, &name);
                (name, data)
            }
        };
        let index = variants.iter().position(|variant| *variant == name).ok_or(Mismatch)?;
        visitor.visit_enum(Variant { index: index as u64, data })
    }
}

/// The items of an array.
struct Items {
    array: Array,
    next: u32,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Mismatch;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Mismatch> {
        if self.next >= self.array.length() {
            return Ok(None);
        }
        let item = self.array.get(self.next);
        self.next += 1;
        seed.deserialize(FromJs(item)).map(Some)
    }
}

/// The fields of a struct, in its order.
struct Fields {
    object: JsValue,
    names: slice::Iter<'static, &'static str>,
}

impl<'de> SeqAccess<'de> for Fields {
    type Error = Mismatch;

    /// A missing field is a missing item, which takes its default or is an error.
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Mismatch> {
        let Some(name) = self.names.next() else { return Ok(None) };
        let value = member(&self.object, name);
        if value.is_undefined() { Ok(None) } else { seed.deserialize(FromJs(value)).map(Some) }
    }
}

/// A variant of an enum, and its data.
struct Variant {
    index: u64,
    data: JsValue,
}

impl<'de> EnumAccess<'de> for Variant {
    type Error = Mismatch;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Mismatch> {
        let index: U64Deserializer<Mismatch> = self.index.into_deserializer();
        Ok((seed.deserialize(index)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant {
    type Error = Mismatch;

    fn unit_variant(self) -> Result<(), Mismatch> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Mismatch> {
        seed.deserialize(FromJs(self.data))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Mismatch> {
        FromJs(self.data).deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        FromJs(self.data).deserialize_struct("", fields, visitor)
    }
}
