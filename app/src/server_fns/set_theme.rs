//! Sets the preferred theme.

use super::error::AppError;
use leptos::prelude::*;

/// Sets the theme cookie and redirects to `next`, a path on this site. An unknown theme changes nothing.
#[server(prefix = "/api/ui", endpoint = "set_theme")]
pub async fn set_theme(#[server(default)] theme: String, #[server(default)] next: String) -> Result<(), AppError> {
    use super::form_request::FormRequest;
    use crate::{
        page_url::local_path,
        theme::{THEME_COOKIE, Theme},
    };
    use web::cookie_headers;

    let request = FormRequest::current();
    if let Some(theme) = Theme::from_name(&theme) {
        request.set_cookie(cookie_headers::preference_cookie(THEME_COOKIE, theme.name(), request.secure));
    }
    request.redirect(local_path(&next));
    Ok(())
}
