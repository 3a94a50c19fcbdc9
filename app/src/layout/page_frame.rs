//! What surrounds every page: the navigation, the language and theme switches, the signed-in user.

use super::page_content::{PageContent, PageForm};
use crate::{
    components::{
        display_name::display_name,
        escaped_text::document_title,
        preferences::{language_switch, theme_switch},
    },
    page_context::PageContext,
    post_redirect_get::REVIEW,
};
use leptos::prelude::*;

/// A page within the layout.
pub(super) fn page_frame(context: &PageContext, page: PageContent) -> impl IntoView + use<> {
    let t = context.page_messages();
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
                {navigation(context)}
                <div class="account">
                    {language_switch(context, form_id)} {theme_switch(context, form_id)} {account(context)}
                </div>
            </div>
        </header>
        {session_notice(context)}
        <main id="main" class=page.class tabindex="-1">
            <h1>{display_name(context, &page.title)}</h1>
            {page.body}
        </main>
        <footer class="site-footer">
            <p>{t.tagline}</p>
            <p>{t.times_in} " " <span data-zone translate="no">"UTC"</span></p>
        </footer>
    }
}

/// The notices that a script shows when the session differs from the one the page was rendered for, or is about to
/// expire (see `shell/session_watch.js`). Without scripts the server refuses the next form instead.
fn session_notice(context: &PageContext) -> impl IntoView + use<> {
    let t = context.page_messages();
    let user = context.user.as_ref().map(|user| user.user_id.to_string());
    let changed = match (&user, context.is_blocked) {
        (Some(_), _) => t.session_changed,
        (None, true) => t.account_active_again,
        (None, false) => t.session_begun,
    };
    let blocked = || view! { <p>{context.common_messages().error_account_inactive}</p> };
    view! {
        <div
            class="session"
            id="session"
            role="status"
            data-user=user.unwrap_or_default()
            data-now=context.engine.clock.now().unix_millis().to_string()
            data-length=context.engine.accounts.session_length().as_secs().to_string()
        >
            {context.is_blocked.then(blocked)}
        </div>
        <template data-session="ending">
            <p>{t.session_ending}</p>
            <button type="button" data-renew>
                {t.session_stay}
            </button>
        </template>
        <template data-session="over">
            <p>{t.session_over} <span data-typed>" " {t.session_typed}</span></p>
            <a class="button" href=context.sign_in_url()>
                {t.sign_in}
            </a>
        </template>
        <template data-session="blocked">{blocked()}</template>
        <template data-session="changed">
            <p>{changed}</p>
            <a class="button" href=context.current_url()>
                {t.session_reload}
            </a>
        </template>
    }
}

fn navigation(context: &PageContext) -> impl IntoView + use<> {
    let t = context.page_messages();
    let path = context.path.clone();
    let link = move |href: &'static str, text: &'static str| {
        let is_within = href != "/" && path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'));
        let current = if path == href { Some("page") } else { is_within.then_some("true") };
        view! { <a href=href aria-current=current>{text}</a> }
    };
    let is_member = context.user.is_some();
    let is_admin = context.user.as_ref().is_some_and(|user| user.is_admin);
    view! {
        <nav aria-label=t.nav_label>
            {link("/", t.nav_campaigns)} {is_member.then(|| link("/bids", t.nav_bids))}
            {is_member.then(|| link("/orders", t.nav_orders))} {is_admin.then(|| link("/admin", t.nav_admin))}
        </nav>
    }
}

fn account(context: &PageContext) -> impl IntoView + use<> {
    let t = context.page_messages();
    if let Some(user) = &context.user {
        let initial = user.username.chars().next().map(|first| first.to_uppercase().to_string());
        let current = (context.path == "/profile").then_some("page");
        view! {
            <a class="who" href="/profile" aria-current=current>
                <span class="avatar" aria-hidden="true">{initial}</span>
                <span class="visually-hidden">{t.profile_of}" "</span>
                <span class="who-name">{display_name(context, &user.username)}</span>
            </a>
        }
        .into_any()
    } else {
        view! {
            <a class="button" href=context.sign_in_url()>{t.sign_in}</a>
            <a class="button primary wide-only" href="/register">{t.register}</a>
        }
        .into_any()
    }
}

/// The button that the Enter key in a form's fields activates. Browsers take the form's first button, which would be the
/// header's language switch.
fn default_button(form: PageForm) -> impl IntoView {
    let PageForm { id, enter } = form;
    // Only what goes to the review must be valid.
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
