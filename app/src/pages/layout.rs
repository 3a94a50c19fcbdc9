//! What is around every page: the navigation, the language switch, who is signed in.

use super::visit::{Page, Visit};
use crate::i18n::Lang;
use leptos::prelude::*;
use leptos_meta::Title;

/// A page in its frame.
pub(super) fn layout(visit: &Visit, page: Page) -> impl IntoView + use<> {
    let t = visit.page_texts();
    view! {
        <Title text=format!("{} · Gavel", page.title) />
        <a class="skip" href="#main">{t.skip_to_content}</a>
        <header class="site-header">
            <div class="site-header-inner">
                <a class="brand" href="/">
                    <img src="/favicon.svg" alt="" width="28" height="28" />
                    "Gavel"
                </a>
                {navigation(visit)}
                <div class="account">{language_switch(visit)} {account(visit)}</div>
            </div>
        </header>
        <main id="main" tabindex="-1">
            <h1>{page.title}</h1>
            {page.body}
        </main>
        <footer class="site-footer">
            <p>{t.tagline}</p>
        </footer>
    }
}

fn navigation(visit: &Visit) -> impl IntoView + use<> {
    let t = visit.page_texts();
    let path = visit.path.clone();
    let link = move |href: &'static str, text: &'static str| {
        let current = (path == href).then_some("page");
        view! { <a href=href aria-current=current>{text}</a> }
    };
    let is_admin = visit.user.as_ref().is_some_and(|user| user.is_admin);
    view! {
        <nav aria-label=t.nav_label>
            {link("/", t.nav_campaigns)}
            {visit.user.is_some().then(|| link("/orders", t.nav_orders))}
            {is_admin.then(|| link("/admin", t.nav_admin))}
        </nav>
    }
}

fn language_switch(visit: &Visit) -> impl IntoView + use<> {
    let current = visit.lang;
    let others = Lang::ALL.into_iter().filter(move |lang| *lang != current).map(|lang| {
        view! {
            <button class="plain" name="lang" value=lang.tag() lang=lang.tag()>{lang.name()}</button>
        }
    });
    view! {
        <form method="post" action="/api/ui/set_language" aria-label=visit.page_texts().language>
            <input type="hidden" name="next" value=visit.path.clone() />
            {others.collect_view()}
        </form>
    }
}

fn account(visit: &Visit) -> impl IntoView + use<> {
    let t = visit.page_texts();
    match &visit.user {
        Some(user) => view! {
            <span class="who">
                <span class="visually-hidden">{t.signed_in_as}" "</span>
                {user.username.clone()}
            </span>
            <form method="post" action="/api/ui/sign_out">
                <button>{t.sign_out}</button>
            </form>
        }
        .into_any(),
        None => view! {
            <a href=login_address(&visit.path)>{t.sign_in}</a>
            <a class="button" href="/register">{t.register}</a>
        }
        .into_any(),
    }
}

/// The sign-in page that leads back here, where back makes sense.
fn login_address(path: &str) -> String {
    if path.starts_with("/campaigns/") { format!("/login?next={path}") } else { "/login".to_owned() }
}
