//! Keeps a reader's choice of language.

use crate::error::AppError;
use leptos::prelude::*;

/// Sets the language cookie and goes on to `next`, a path of ours. An unknown language changes
/// nothing.
#[server(prefix = "/api/ui", endpoint = "set_language")]
pub async fn set_language(#[server(default)] lang: String, #[server(default)] next: String) -> Result<(), AppError> {
    use super::request::{Request, local_path};
    use crate::{
        i18n::{LANG_COOKIE, Lang},
        session,
    };

    const YEAR_S: u64 = 365 * 24 * 3600;

    let request = Request::current();
    if let Some(lang) = Lang::from_tag(&lang) {
        request.set_cookie(session::set_cookie(LANG_COOKIE, lang.tag(), YEAR_S, "", request.secure));
    }
    request.go_to(local_path(&next));
    Ok(())
}
