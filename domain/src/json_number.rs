//! Numbers in requests: wherever the API sends a number, it accepts a JSON number or a numeric string.

use serde::{Deserializer, de};
#[cfg(not(target_arch = "wasm32"))]
use std::fmt;

/// Passes a JSON number, or the text of a JSON string, to `parse`.
///
/// Integers are passed as decimal text and floats as `f64`, so that a type can require exact decimals (money) or take
/// the nearest double.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn number_or_string<'de, D, T>(
    deserializer: D,
    expecting: &'static str,
    from_f64: fn(f64) -> Result<T, &'static str>,
    from_text: fn(&str) -> Result<T, &'static str>,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(NumberOrString { expecting, from_f64, from_text })
}

/// The same in the browser, which reads only what the server writes: numbers. The code that reads a double from a
/// text would be a tenth of its code.
#[cfg(target_arch = "wasm32")]
pub(crate) fn number_or_string<'de, D, T>(
    deserializer: D,
    _expecting: &'static str,
    from_f64: fn(f64) -> Result<T, &'static str>,
    _from_text: fn(&str) -> Result<T, &'static str>,
) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
{
    from_f64(serde::Deserialize::deserialize(deserializer)?).map_err(de::Error::custom)
}

#[cfg(not(target_arch = "wasm32"))]
struct NumberOrString<T> {
    expecting: &'static str,
    from_f64: fn(f64) -> Result<T, &'static str>,
    from_text: fn(&str) -> Result<T, &'static str>,
}

#[cfg(not(target_arch = "wasm32"))]
impl<T> de::Visitor<'_> for NumberOrString<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expecting)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<T, E> {
        (self.from_f64)(value).map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<T, E> {
        (self.from_text)(&value.to_string()).map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<T, E> {
        (self.from_text)(&value.to_string()).map_err(E::custom)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<T, E> {
        (self.from_text)(value.trim()).map_err(E::custom)
    }
}

/// Parses plain decimal text (`12`, `-3.5`) as the nearest double; no exponents, no `inf`, no `nan`.
pub(crate) fn decimal(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+'));
    if plain { text.parse().ok() } else { None }
}
