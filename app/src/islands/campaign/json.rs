//! JSON by the browser's own parser.
//!
//! Deserializers made for every type would be a third of the browser's code. The browser has a
//! parser, which also reads every double exactly; what is left is to ask for values by name.

use js_sys::{Array, Date, JSON, Reflect};
use std::str::FromStr;
use wasm_bindgen::JsValue;

/// A JSON value, perhaps a missing one.
pub(super) struct Json(JsValue);

impl Json {
    /// The value of a text; none if it is not JSON.
    pub(super) fn parse(text: &str) -> Option<Self> {
        JSON::parse(text).ok().map(Self)
    }

    /// A member of an object.
    pub(super) fn get(&self, name: &str) -> Self {
        Self(Reflect::get(&self.0, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED))
    }

    /// Whether there is anything.
    pub(super) fn exists(&self) -> bool {
        !self.0.is_null() && !self.0.is_undefined()
    }

    /// A number.
    pub(super) fn number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    /// A number that counts something.
    pub(super) fn count(&self) -> Option<u64> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates")]
        self.number().map(|number| number as u64)
    }

    /// Whole milliseconds.
    pub(super) fn millis(&self) -> Option<i64> {
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of our time fit")]
        self.number().map(|number| number.floor() as i64)
    }

    /// A text.
    pub(super) fn text(&self) -> Option<String> {
        self.0.as_string()
    }

    /// A yes or no; a missing one is no.
    pub(super) fn is_true(&self) -> bool {
        self.0.as_bool() == Some(true)
    }

    /// A text that means something.
    pub(super) fn parsed<T: FromStr>(&self) -> Option<T> {
        self.text()?.parse().ok()
    }

    /// A time in RFC 3339, in milliseconds since the Unix epoch.
    pub(super) fn time_ms(&self) -> Option<f64> {
        Some(Date::parse(&self.text()?)).filter(|millis| !millis.is_nan())
    }

    /// The items of an array; of anything else none.
    pub(super) fn items(&self) -> Vec<Self> {
        if Array::is_array(&self.0) { Array::from(&self.0).iter().map(Self).collect() } else { Vec::new() }
    }
}

impl From<JsValue> for Json {
    fn from(value: JsValue) -> Self {
        Self(value)
    }
}
