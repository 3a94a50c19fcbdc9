//! The languages of the user interface.
//!
//! [`LiveTexts`] holds what the live campaign says and is compiled into the browser's code; everything
//! else stays on the server: `PageTexts` for pages, `Texts` for forms and errors. All are structs, so
//! a language that lacks a text does not compile.

#[cfg(feature = "ssr")]
mod admin;
mod live;
#[cfg(feature = "ssr")]
mod pages;
#[cfg(feature = "ssr")]
mod request;
#[cfg(feature = "ssr")]
mod texts;
#[cfg(feature = "ssr")]
mod wording;

#[cfg(feature = "ssr")]
pub use admin::AdminTexts;
pub use live::LiveTexts;
#[cfg(feature = "ssr")]
pub use pages::PageTexts;
#[cfg(feature = "ssr")]
pub use request::LANG_COOKIE;
#[cfg(feature = "ssr")]
pub use texts::Texts;

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
    /// All of them, in the order of the switch.
    pub const ALL: [Self; 2] = [Self::En, Self::ZhTw];

    /// The language's tag, as in `<html lang>`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::ZhTw => "zh-TW",
        }
    }

    /// The language's name in itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::ZhTw => "中文",
        }
    }

    /// The language of a tag, where there is one.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.tag().eq_ignore_ascii_case(tag))
    }

    /// What the live campaign says in it.
    pub fn live_texts(self) -> &'static LiveTexts {
        match self {
            Self::En => &live::EN,
            Self::ZhTw => &live::ZH_TW,
        }
    }

    /// What forms and errors say in it.
    #[cfg(feature = "ssr")]
    pub fn texts(self) -> &'static Texts {
        match self {
            Self::En => &texts::EN,
            Self::ZhTw => &texts::ZH_TW,
        }
    }

    /// What the admin area says in it.
    #[cfg(feature = "ssr")]
    pub fn admin_texts(self) -> &'static AdminTexts {
        match self {
            Self::En => &admin::EN,
            Self::ZhTw => &admin::ZH_TW,
        }
    }

    /// What pages say in it.
    #[cfg(feature = "ssr")]
    pub fn page_texts(self) -> &'static PageTexts {
        match self {
            Self::En => &pages::EN,
            Self::ZhTw => &pages::ZH_TW,
        }
    }
}
