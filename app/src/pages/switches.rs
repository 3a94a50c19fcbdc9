//! The reader's language and theme: small in the header, spelled out in the profile.
//!
//! Where a page has a form, the buttons of the header belong to it: they post what is typed to the
//! page's own address, which shows it again (see [`crate::saved_form`]).

use super::{
    icon::{Icon, icon},
    visit::Visit,
};
use crate::{format::fill, lang::Lang, theme::Theme};
use leptos::prelude::*;

/// A button for every language but the reader's.
pub(super) fn language_switch(visit: &Visit, form: Option<&'static str>) -> impl IntoView + use<> {
    let current = visit.lang;
    let others = Lang::ALL.into_iter().filter(move |lang| *lang != current).map(|lang| {
        view! {
            <button
                class="plain"
                name="lang"
                value=lang.tag()
                lang=lang.tag()
                form=form
                formaction=form.map(|_| visit.here())
                formnovalidate=form.is_some()
            >
                {lang.name()}
            </button>
        }
    });
    view! {
        <form method="post" action="/api/ui/set_language" aria-label=visit.page_messages().language>
            <input type="hidden" name="next" value=visit.here() />
            {others.collect_view()}
        </form>
    }
}

/// One button that goes through the themes.
pub(super) fn theme_switch(visit: &Visit, form: Option<&'static str>) -> impl IntoView + use<> {
    let t = visit.page_messages();
    let next = visit.theme.next();
    let label = fill(t.theme_switch, &[theme_name(visit, visit.theme), theme_name(visit, next)]);
    view! {
        <form method="post" action="/api/ui/set_theme" aria-label=t.theme>
            <input type="hidden" name="next" value=visit.here() />
            <button
                class="plain square"
                name="theme"
                value=next.name()
                aria-label=label.clone()
                title=label
                form=form
                formaction=form.map(|_| visit.here())
                formnovalidate=form.is_some()
            >
                {icon(theme_icon(visit.theme))}
            </button>
        </form>
    }
}

/// All languages, the reader's marked.
pub(super) fn language_choice(visit: &Visit) -> impl IntoView + use<> {
    let current = visit.lang;
    let buttons = Lang::ALL.into_iter().map(|lang| {
        let pressed = if lang == current { "true" } else { "false" };
        view! {
            <button name="lang" value=lang.tag() lang=lang.tag() aria-pressed=pressed>{lang.name()}</button>
        }
    });
    view! {
        <form method="post" action="/api/ui/set_language">
            <input type="hidden" name="next" value=visit.here() />
            <div class="segments" role="group" aria-label=visit.page_messages().language>
                {buttons.collect_view()}
            </div>
        </form>
    }
}

/// All themes, the reader's marked.
pub(super) fn theme_choice(visit: &Visit) -> impl IntoView + use<> {
    let buttons = Theme::ALL.into_iter().map(|theme| {
        let pressed = if theme == visit.theme { "true" } else { "false" };
        view! {
            <button name="theme" value=theme.name() aria-pressed=pressed>
                {icon(theme_icon(theme))} {theme_name(visit, theme)}
            </button>
        }
    });
    view! {
        <form method="post" action="/api/ui/set_theme">
            <input type="hidden" name="next" value=visit.here() />
            <div class="segments" role="group" aria-label=visit.page_messages().theme>
                {buttons.collect_view()}
            </div>
        </form>
    }
}

fn theme_name(visit: &Visit, theme: Theme) -> &'static str {
    let t = visit.page_messages();
    match theme {
        Theme::System => t.theme_system,
        Theme::Light => t.theme_light,
        Theme::Dark => t.theme_dark,
    }
}

fn theme_icon(theme: Theme) -> Icon {
    match theme {
        Theme::System => Icon::Auto,
        Theme::Light => Icon::Sun,
        Theme::Dark => Icon::Moon,
    }
}
