//! What is around every page: the navigation, the switches, who is signed in.

use super::{
    name::name,
    raw_text::document_title,
    switches::{language_switch, theme_switch},
    visit::{Page, PageForm, Visit},
};
use crate::{
    page_url::{local_path, query, sign_in_url},
    saved_form::REVIEW,
};
use leptos::prelude::*;

/// A page in its frame.
pub(super) fn layout(visit: &Visit, page: Page) -> impl IntoView + use<> {
    let t = visit.page_messages();
    let form_id = page.form.map(|form| form.id);
    view! {
        {document_title(&format!("{} · Gavel", page.title))}
        {page.form.map(default_button)}
        <a class="skip" href="#main">{t.skip_to_content}</a>
        <header class="site-header">
            <div class="site-header-inner">
                <a class="brand" href="/">
                    <img src="/favicon.svg" alt="" width="28" height="28" />
                    "Gavel"
                </a>
                {navigation(visit)}
                <div class="account">
                    {language_switch(visit, form_id)} {theme_switch(visit, form_id)} {account(visit)}
                </div>
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
    let t = visit.page_messages();
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
            <a class="button" href=sign_in_url(&visit.here())>
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
    let t = visit.page_messages();
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
    let t = visit.page_messages();
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
            <a class="button" href=login_address(visit)>{t.sign_in}</a>
            <a class="button primary wide-only" href="/register">{t.register}</a>
        }
        .into_any()
    }
}

/// The button that the Enter key presses in a form's fields. Browsers take a form's first one, and that
/// would be a switch of the header.
fn default_button(form: PageForm) -> impl IntoView {
    let PageForm { id, enter } = form;
    // The browser checks what is to be reviewed.
    let unchecked = enter != REVIEW;
    view! {
        <button
            class="visually-hidden"
            form=id
            name="step"
            value=enter
            formnovalidate=unchecked
            tabindex="-1"
            aria-hidden="true"
        ></button>
    }
}

/// The sign-in page that leads back here, or to where signing in here leads.
fn login_address(visit: &Visit) -> String {
    let next = match visit.path.as_str() {
        "/login" | "/register" => visit.query(query::NEXT).unwrap_or_default(),
        _ => visit.here(),
    };
    sign_in_url(local_path(&next))
}
