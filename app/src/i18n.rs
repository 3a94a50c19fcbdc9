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

use crate::lang::Lang;

impl Lang {
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
