//! What is around every page: the navigation, the switches, who is signed in.

use super::{
    name::name,
    switches::{language_switch, theme_switch},
    visit::{Page, Visit},
};
use crate::server_fns::request::with_next;
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
                <div class="account">{language_switch(visit)} {theme_switch(visit)} {account(visit)}</div>
            </div>
        </header>
        {session_notice(visit)}
        <main id="main" tabindex="-1">
            <h1>{name(visit, &page.title)}</h1>
            {page.body}
        </main>
        <footer class="site-footer">
            <p>{t.tagline}</p>
            <p>{t.times_in} " " <span data-zone translate="no">"UTC"</span></p>
        </footer>
    }
}

/// What the page's script says when the session is not, or will soon not be, what the page shows
/// (see `shell/session.js`). Without scripts the server says it, once something is sent.
fn session_notice(visit: &Visit) -> impl IntoView + use<> {
    let t = visit.page_texts();
    let user = visit.user.as_ref().map(|user| user.user_id.to_string());
    let changed = if user.is_some() { t.session_changed } else { t.session_begun };
    view! {
        <div
            class="session"
            id="session"
            role="status"
            data-user=user.unwrap_or_default()
            data-now=visit.engine.now().unix_millis().to_string()
            data-length=visit.engine.session_length().as_secs().to_string()
        ></div>
        <template data-session="ending">
            <p>{t.session_ending}</p>
            <button type="button" data-renew>
                {t.session_stay}
            </button>
        </template>
        <template data-session="over">
            <p>{t.session_over}</p>
            <a class="button" href=with_next("/login", &visit.here())>
                {t.sign_in}
            </a>
        </template>
        <template data-session="changed">
            <p>{changed}</p>
            <a class="button" href=visit.here()>
                {t.session_reload}
            </a>
        </template>
    }
}

fn navigation(visit: &Visit) -> impl IntoView + use<> {
    let t = visit.page_texts();
    let path = visit.path.clone();
    let link = move |href: &'static str, text: &'static str| {
        let is_within = href != "/" && path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'));
        let current = if path == href { Some("page") } else { is_within.then_some("true") };
        view! { <a href=href aria-current=current>{text}</a> }
    };
    let is_member = visit.user.is_some();
    let is_admin = visit.user.as_ref().is_some_and(|user| user.is_admin);
    view! {
        <nav aria-label=t.nav_label>
            {link("/", t.nav_campaigns)} {is_member.then(|| link("/bids", t.nav_bids))}
            {is_member.then(|| link("/orders", t.nav_orders))} {is_admin.then(|| link("/admin", t.nav_admin))}
        </nav>
    }
}

fn account(visit: &Visit) -> impl IntoView + use<> {
    let t = visit.page_texts();
    if let Some(user) = &visit.user {
        let initial = user.username.chars().next().map(|first| first.to_uppercase().to_string());
        let current = (visit.path == "/profile").then_some("page");
        view! {
            <a class="who" href="/profile" aria-current=current>
                <span class="avatar" aria-hidden="true">{initial}</span>
                <span class="visually-hidden">{t.profile_of}" "</span>
                <span class="who-name">{name(visit, &user.username)}</span>
            </a>
        }
        .into_any()
    } else {
        view! {
            <a class="button" href=login_address(&visit.path)>{t.sign_in}</a>
            <a class="button primary wide-only" href="/register">{t.register}</a>
        }
        .into_any()
    }
}

/// The sign-in page that leads back here, where back makes sense.
fn login_address(path: &str) -> String {
    if path.starts_with("/campaigns/") { format!("/login?next={path}") } else { "/login".to_owned() }
}
