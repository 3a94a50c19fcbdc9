//! The languages of the user interface.

use serde::{Deserialize, Serialize};

/// A language of the user interface.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Traditional Chinese, as written in Taiwan.
    ZhTw,
}

impl Lang {
    /// All languages, in the order of the language switch.
    pub const ALL: [Self; 2] = [Self::En, Self::ZhTw];

    /// The BCP 47 tag, as in `<html lang>`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::ZhTw => "zh-TW",
        }
    }

    /// The language's own name for itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::ZhTw => "中文",
        }
    }

    /// The language with this tag, in any case; none if it is not supported.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.tag().eq_ignore_ascii_case(tag))
    }
}
