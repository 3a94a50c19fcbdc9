//! Optional texts of a request body.

use serde::{Deserialize, Deserializer, de};
use std::{borrow::Cow, str::FromStr};

/// A text that may be left out: `null` and the empty text, which forms send, mean none.
pub(super) fn optional_text<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err = &'static str>,
{
    match Option::<Cow<'de, str>>::deserialize(deserializer)? {
        Some(text) if !text.trim().is_empty() => text.parse().map(Some).map_err(de::Error::custom),
        _ => Ok(None),
    }
}

/// A text of a PATCH body: absent leaves the value as it is, `null` and the empty text clear it.
/// Use with `#[serde(default)]`, which makes an absent field `None`.
#[expect(clippy::option_option, reason = "three cases: leave, clear, set")]
pub(super) fn clearable_text<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err = &'static str>,
{
    optional_text(deserializer).map(Some)
}
