//! Signing in and making an account.

use super::{
    form::{Line, line, problems},
    visit::{Page, Visit, page},
};
use crate::page_url::{local_path, query, with_query};
use leptos::prelude::*;

/// `/login`.
#[component]
pub fn LoginPage() -> impl IntoView {
    page(async |visit: Visit| {
        let t = visit.page_messages();
        let lines = vec![
            email(t.email),
            Line {
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
                {form(&visit, "/api/ui/sign_in", t.sign_in, lines)}
                <p class="muted">{t.no_account_yet} " " <a href=register>{t.register}</a></p>
            </div>
        };
        Ok(Page { title: t.sign_in.to_owned(), body: body.into_any(), form: None })
    })
}

/// `/register`.
#[component]
pub fn RegisterPage() -> impl IntoView {
    page(async |visit: Visit| {
        let t = visit.page_messages();
        let lines = vec![
            email(t.email),
            Line {
                name: "username",
                label: t.username,
                hint: Some(t.username_hint),
                kind: "text",
                autocomplete: "nickname",
            },
            Line {
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
                {form(&visit, "/api/ui/register", t.register, lines)}
                <p class="muted">{t.have_account} " " <a href=login>{t.sign_in}</a></p>
            </div>
        };
        Ok(Page { title: t.register.to_owned(), body: body.into_any(), form: None })
    })
}

fn form(visit: &Visit, action: &'static str, submit: &'static str, lines: Vec<Line>) -> impl IntoView + use<> {
    let problems = problems(visit, &lines);
    let lines = lines.into_iter().map(|one| line(visit, one)).collect_view();
    view! {
        <form class="form" method="post" action=action>
            {problems}
            <input type="hidden" name="next" value=next(visit) />
            {lines}
            <button class="primary">{submit}</button>
        </form>
    }
}

fn next(visit: &Visit) -> String {
    local_path(&visit.query(query::NEXT).unwrap_or_default()).to_owned()
}

fn onward(page: &str, visit: &Visit) -> String {
    with_query(page, &[(query::NEXT, Some(&next(visit)))])
}

/// Password managers take the e-mail address for the user name.
fn email(label: &'static str) -> Line {
    Line { name: "email", label, hint: None, kind: "email", autocomplete: "username" }
}
