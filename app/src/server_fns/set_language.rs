//! Sets the preferred language.

use super::error::AppError;
use leptos::prelude::*;

/// Sets the language cookie and redirects to `next`, a path on this site. An unknown language changes nothing.
#[server(prefix = "/api/ui", endpoint = "set_language")]
pub async fn set_language(#[server(default)] lang: String, #[server(default)] next: String) -> Result<(), AppError> {
    use super::form_request::FormRequest;
    use crate::{i18n::LANG_COOKIE, lang::Lang, page_url::local_path};
    use web::cookie_headers;

    let request = FormRequest::current();
    if let Some(lang) = Lang::from_tag(&lang) {
        request.set_cookie(cookie_headers::preference_cookie(LANG_COOKIE, lang.tag(), request.secure));
    }
    request.redirect(local_path(&next));
    Ok(())
}
