//! The pages to sign in and to register.

use crate::{
    components::{
        done_line::done_line,
        form_field::{TextField, form_error_summary, text_field},
    },
    layout::{PageContent, render_page},
    page_context::PageContext,
    page_url::{FORGOT_PASSWORD_URL, local_path, query, with_query},
};
use leptos::prelude::*;

/// `/login`.
#[component]
pub fn LoginPage() -> impl IntoView {
    render_page(async |context: PageContext| {
        let t = context.page_messages();
        let fields = vec![
            email(t.email),
            TextField {
                name: "password",
                label: t.password,
                hint: None,
                kind: "password",
                autocomplete: "current-password",
                rule: Some(t.password_missing),
            },
        ];
        let register = onward("/register", &context);
        let body = view! {
            <div class="card narrow">
                {done_line(&context)} {form(&context, "/api/ui/sign_in", t.sign_in, fields)}
                <p class="muted">
                    <a href=FORGOT_PASSWORD_URL>{t.forgot_password}</a>
                </p>
                <p class="muted">{t.no_account_yet} " " <a href=register>{t.register}</a></p>
            </div>
        };
        Ok(PageContent { class: Some("small-page"), ..PageContent::new(t.sign_in, body) })
    })
}

/// `/register`.
#[component]
pub fn RegisterPage() -> impl IntoView {
    render_page(async |context: PageContext| {
        let t = context.page_messages();
        let fields = vec![
            email(t.email),
            TextField {
                name: "username",
                label: t.username,
                hint: Some(t.username_hint),
                kind: "text",
                autocomplete: "nickname",
                rule: None,
            },
            TextField {
                name: "password",
                label: t.password,
                hint: Some(context.common_messages().rule_password),
                kind: "password",
                autocomplete: "new-password",
                rule: None,
            },
        ];
        let login = onward("/login", &context);
        let body = view! {
            <div class="card narrow">
                {form(&context, "/api/ui/register", t.register, fields)}
                <p class="muted">{t.have_account} " " <a href=login>{t.sign_in}</a></p>
            </div>
        };
        Ok(PageContent { class: Some("small-page"), ..PageContent::new(t.register, body) })
    })
}

fn form(
    context: &PageContext,
    action: &'static str,
    submit: &'static str,
    fields: Vec<TextField>,
) -> impl IntoView + use<> {
    let error_summary = form_error_summary(context, &fields);
    let fields = fields.into_iter().map(|field| text_field(context, field)).collect_view();
    view! {
        <form class="form" method="post" action=action novalidate>
            {error_summary}
            <input type="hidden" name="next" value=next(context) />
            {fields}
            <button class="primary">{submit}</button>
        </form>
    }
}

fn next(context: &PageContext) -> String {
    local_path(&context.query(query::NEXT).unwrap_or_default()).to_owned()
}

fn onward(page: &str, context: &PageContext) -> String {
    with_query(page, &[(query::NEXT, Some(&next(context)))])
}

/// For password managers, the e-mail address is the user name.
fn email(label: &'static str) -> TextField {
    TextField { name: "email", label, hint: None, kind: "email", autocomplete: "username", rule: None }
}
