//! The page that shows an error, with the error's status.

use super::page_content::PageContent;
use crate::{
    components::icon::{Icon, icon},
    page_context::{PageContext, PageError},
};
use domain::{ApiError, ErrorCode};
use leptos::prelude::*;
use web::status_of;

/// The error page; without a user that a page requires, a redirect to the sign-in page.
pub(super) fn error_page(context: &PageContext, error: PageError) -> PageContent {
    let error = match error {
        PageError::Failed(error) => error,
        PageError::SignInRequired => {
            context.redirect_to_sign_in();
            ApiError::new(ErrorCode::NotAuthenticated, "")
        }
    };
    if error.code != ErrorCode::NotAuthenticated {
        context.set_error_status(&error);
    }
    let (t, messages) = (context.page_messages(), context.common_messages());
    let (title, hint) = match status_of(error.code).as_u16() {
        404 => (t.not_found_title, t.not_found_hint.to_owned()),
        401 | 403 => (t.forbidden_title, messages.error(&error)),
        _ => (t.failed_title, messages.error(&error)),
    };
    // A user without the rights may have another account that has them.
    let may_sign_in = context.user.is_none() || error.code == ErrorCode::AdminRequired;
    let sign_in = may_sign_in.then(|| {
        view! { <a class="button" href=context.sign_in_url()>{t.sign_in}</a> }
    });
    let kept = error.code == ErrorCode::AdminRequired && context.has_shared_form();
    let kept = kept.then(|| view! { <p class="muted">{t.forbidden_form_kept}</p> });
    let body = view! {
        <div class="empty">
            {icon(Icon::Empty)} <p role="alert">{hint}</p> {kept} <p class="actions">
                <a class="button primary" href="/">{t.back_home}</a>
                {sign_in}
            </p>
        </div>
    };
    PageContent::new(title, body)
}
