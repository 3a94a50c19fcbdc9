//! The pages around links in e-mails: to ask for a new password and set it, and to confirm an address.

use crate::{
    components::{
        done_line::done_line,
        form_field::{TextField, form_error_summary, text_field},
    },
    layout::{PageContent, render_page},
    page_context::PageContext,
    page_url::{FORGOT_PASSWORD_URL, query},
};
use domain::api::accounts::User;
use leptos::{either::Either, prelude::*};

/// `/forgot-password`.
#[component]
pub fn ForgotPasswordPage() -> impl IntoView {
    render_page(async |context: PageContext| {
        let t = context.page_messages();
        let form = if context.engine.mailer.is_available() {
            Either::Left(request_form(&context))
        } else {
            Either::Right(view! { <p class="notice">{t.reset_unavailable}</p> })
        };
        let body = view! {
            <div class="card narrow">
                {done_line(&context)} {form} <p class="muted">
                    <a href="/login">{t.sign_in}</a>
                </p>
            </div>
        };
        Ok(PageContent { class: Some("small-page"), ..PageContent::new(t.forgot_password, body) })
    })
}

fn request_form(context: &PageContext) -> impl IntoView + use<> {
    let t = context.page_messages();
    let email =
        TextField { name: "email", label: t.email, hint: None, kind: "email", autocomplete: "username", rule: None };
    view! {
        <form class="form" method="post" action="/api/ui/request_password_reset" novalidate>
            {form_error_summary(context, &[email])} <p>{t.reset_request_hint}</p> {text_field(context, email)}
            <button class="primary">{t.reset_request}</button>
        </form>
    }
}

/// `/reset-password`, which the link in an e-mail leads to.
#[component]
pub fn ResetPasswordPage() -> impl IntoView {
    render_page(async |context: PageContext| {
        let t = context.page_messages();
        let token = context.query(query::TOKEN).unwrap_or_default();
        let body = match context.engine.accounts.password_reset_user(&token).await {
            Ok(user) => Either::Left(reset_form(&context, &user, token)),
            Err(engine::Error::Refused(..)) => Either::Right(view! {
                <p class="notice">{t.link_used_up}</p>
                <p>
                    <a href=FORGOT_PASSWORD_URL>{t.reset_again}</a>
                </p>
            }),
            Err(error) => return Err(error.into()),
        };
        let body = view! { <div class="card narrow">{body}</div> };
        Ok(PageContent { class: Some("small-page"), ..PageContent::new(t.reset_title, body) })
    })
}

/// The form for the new password. For password managers it names the account.
fn reset_form(context: &PageContext, user: &User, token: String) -> impl IntoView + use<> {
    let t = context.page_messages();
    let password = TextField {
        name: "new_password",
        label: t.new_password,
        hint: Some(context.common_messages().rule_password),
        kind: "password",
        autocomplete: "new-password",
        rule: None,
    };
    view! {
        <form class="form" method="post" action="/api/ui/reset_password" novalidate>
            {form_error_summary(context, &[password])} <input type="hidden" name="token" value=token />
            <input type="text" name="username" value=user.email.clone() autocomplete="username" hidden />
            <p>{t.email} ": " <bdi>{user.email.clone()}</bdi></p> {text_field(context, password)}
            <p class="hint">{t.reset_hint}</p> <button class="primary">{t.reset_button}</button>
        </form>
    }
}

/// `/confirm-email`, which the link in an e-mail leads to.
#[component]
pub fn ConfirmEmailPage() -> impl IntoView {
    render_page(async |context: PageContext| {
        let t = context.page_messages();
        let token = context.query(query::TOKEN).unwrap_or_default();
        let body = match context.engine.accounts.confirmation_user(&token).await {
            Ok(user) => Either::Left(view! {
                <form class="form" method="post" action="/api/ui/confirm_email">
                    {form_error_summary(&context, &[])} <input type="hidden" name="token" value=token />
                    <p>{t.email} ": " <bdi>{user.email}</bdi></p> <button class="primary">{t.confirm_button}</button>
                </form>
            }),
            Err(engine::Error::Refused(..)) => Either::Right(view! {
                <p class="notice">{t.link_used_up}</p>
                <p>
                    <a href="/profile">{t.confirm_again}</a>
                </p>
            }),
            Err(error) => return Err(error.into()),
        };
        let body = view! { <div class="card narrow">{body}</div> };
        Ok(PageContent { class: Some("small-page"), ..PageContent::new(t.confirm_title, body) })
    })
}
