//! The messages of the user interface in every language.
//!
//! [`IslandMessages`] is compiled into the browser's code; the other catalogs stay on the server. All are structs, so a
//! language that lacks a message does not compile.

#[cfg(feature = "ssr")]
mod accept_language;
#[cfg(feature = "ssr")]
mod admin_messages;
mod catalog;
#[cfg(feature = "ssr")]
mod common_messages;
mod island_messages;
#[cfg(feature = "ssr")]
mod message_lookup;
#[cfg(feature = "ssr")]
mod page_messages;

#[cfg(feature = "ssr")]
pub use accept_language::LANG_COOKIE;
#[cfg(feature = "ssr")]
pub use admin_messages::AdminMessages;
#[cfg(feature = "ssr")]
pub use common_messages::CommonMessages;
pub use island_messages::IslandMessages;
#[cfg(feature = "ssr")]
pub use page_messages::PageMessages;

use crate::lang::Lang;

impl Lang {
    /// The messages of the live campaign.
    pub fn island_messages(self) -> &'static IslandMessages {
        match self {
            Self::En => &island_messages::EN,
            Self::ZhTw => &island_messages::ZH_TW,
        }
    }

    /// The messages of forms and errors, and words that many pages share.
    #[cfg(feature = "ssr")]
    pub fn common_messages(self) -> &'static CommonMessages {
        match self {
            Self::En => &common_messages::EN,
            Self::ZhTw => &common_messages::ZH_TW,
        }
    }

    /// The messages of the admin area.
    #[cfg(feature = "ssr")]
    pub fn admin_messages(self) -> &'static AdminMessages {
        match self {
            Self::En => &admin_messages::EN,
            Self::ZhTw => &admin_messages::ZH_TW,
        }
    }

    /// The messages of the pages for visitors and members.
    #[cfg(feature = "ssr")]
    pub fn page_messages(self) -> &'static PageMessages {
        match self {
            Self::En => &page_messages::EN,
            Self::ZhTw => &page_messages::ZH_TW,
        }
    }
}
