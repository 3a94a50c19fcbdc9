//! The pages to sign in and to register.

use crate::{
    components::form_field::{TextField, form_error_summary, text_field},
    layout::{PageContent, render_page},
    page_context::PageContext,
    page_url::{local_path, query, with_query},
};
use leptos::prelude::*;

/// `/login`.
#[component]
pub fn LoginPage() -> impl IntoView {
    render_page(async |visit: PageContext| {
        let t = visit.page_messages();
        let fields = vec![
            email(t.email),
            TextField {
                name: "password",
                label: t.password,
                hint: None,
                kind: "password",
                autocomplete: "current-password",
            },
        ];
        let register = onward("/register", &visit);
        let body = view! {
            <div class="card narrow">
                {form(&visit, "/api/ui/sign_in", t.sign_in, fields)}
                <p class="muted">{t.no_account_yet} " " <a href=register>{t.register}</a></p>
            </div>
        };
        Ok(PageContent { title: t.sign_in.to_owned(), body: body.into_any(), form: None })
    })
}

/// `/register`.
#[component]
pub fn RegisterPage() -> impl IntoView {
    render_page(async |visit: PageContext| {
        let t = visit.page_messages();
        let fields = vec![
            email(t.email),
            TextField {
                name: "username",
                label: t.username,
                hint: Some(t.username_hint),
                kind: "text",
                autocomplete: "nickname",
            },
            TextField {
                name: "password",
                label: t.password,
                hint: Some(visit.common_messages().rule_password),
                kind: "password",
                autocomplete: "new-password",
            },
        ];
        let login = onward("/login", &visit);
        let body = view! {
            <div class="card narrow">
                {form(&visit, "/api/ui/register", t.register, fields)}
                <p class="muted">{t.have_account} " " <a href=login>{t.sign_in}</a></p>
            </div>
        };
        Ok(PageContent { title: t.register.to_owned(), body: body.into_any(), form: None })
    })
}

fn form(
    visit: &PageContext,
    action: &'static str,
    submit: &'static str,
    fields: Vec<TextField>,
) -> impl IntoView + use<> {
    let error_summary = form_error_summary(visit, &fields);
    let fields = fields.into_iter().map(|field| text_field(visit, field)).collect_view();
    view! {
        <form class="form" method="post" action=action>
            {error_summary}
            <input type="hidden" name="next" value=next(visit) />
            {fields}
            <button class="primary">{submit}</button>
        </form>
    }
}

fn next(visit: &PageContext) -> String {
    local_path(&visit.query(query::NEXT).unwrap_or_default()).to_owned()
}

fn onward(page: &str, visit: &PageContext) -> String {
    with_query(page, &[(query::NEXT, Some(&next(visit)))])
}

/// For password managers, the e-mail address is the user name.
fn email(label: &'static str) -> TextField {
    TextField { name: "email", label, hint: None, kind: "email", autocomplete: "username" }
}
