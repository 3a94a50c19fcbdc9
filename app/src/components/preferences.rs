//! The choice of language and theme: as switches in the header, in full in the profile.
//!
//! On a page with a form, the header's buttons belong to that form: they post it to the page's own URL, which shows it
//! again as it was typed (see [`crate::post_redirect_get`]).

use super::icon::{Icon, icon};
use crate::{lang::Lang, page_context::PageContext, theme::Theme};
use leptos::prelude::*;

/// A button for every language but the current one.
pub(crate) fn language_switch(context: &PageContext, form: Option<&'static str>) -> impl IntoView + use<> {
    let current = context.lang;
    let others = Lang::ALL.into_iter().filter(move |lang| *lang != current).map(|lang| {
        view! {
            <button
                class="plain"
                name="lang"
                value=lang.tag()
                lang=lang.tag()
                form=form
                formaction=form.map(|_| context.current_url())
                formnovalidate=form.is_some()
            >
                {lang.name()}
            </button>
        }
    });
    view! {
        <form method="post" action="/api/ui/set_language" aria-label=context.page_messages().language>
            <input type="hidden" name="next" value=context.current_url() />
            {others.collect_view()}
        </form>
    }
}

/// A button for the next theme.
pub(crate) fn theme_switch(context: &PageContext, form: Option<&'static str>) -> impl IntoView + use<> {
    let t = context.page_messages();
    let next = context.theme.next();
    let label = t.theme_switch(theme_name(context, context.theme), theme_name(context, next));
    view! {
        <form method="post" action="/api/ui/set_theme" aria-label=t.theme>
            <input type="hidden" name="next" value=context.current_url() />
            <button
                class="plain square"
                name="theme"
                value=next.name()
                aria-label=label.clone()
                title=label
                form=form
                formaction=form.map(|_| context.current_url())
                formnovalidate=form.is_some()
            >
                {icon(theme_icon(context.theme))}
            </button>
        </form>
    }
}

/// A button for every language, the current one pressed.
pub(crate) fn language_choice(context: &PageContext) -> impl IntoView + use<> {
    let current = context.lang;
    let buttons = Lang::ALL.into_iter().map(|lang| {
        let pressed = if lang == current { "true" } else { "false" };
        view! {
            <button name="lang" value=lang.tag() lang=lang.tag() aria-pressed=pressed>{lang.name()}</button>
        }
    });
    view! {
        <form method="post" action="/api/ui/set_language">
            <input type="hidden" name="next" value=context.current_url() />
            <div class="segments" role="group" aria-label=context.page_messages().language>
                {buttons.collect_view()}
            </div>
        </form>
    }
}

/// A button for every theme, the current one pressed.
pub(crate) fn theme_choice(context: &PageContext) -> impl IntoView + use<> {
    let buttons = Theme::ALL.into_iter().map(|theme| {
        let pressed = if theme == context.theme { "true" } else { "false" };
        view! {
            <button name="theme" value=theme.name() aria-pressed=pressed>
                {icon(theme_icon(theme))} {theme_name(context, theme)}
            </button>
        }
    });
    view! {
        <form method="post" action="/api/ui/set_theme">
            <input type="hidden" name="next" value=context.current_url() />
            <div class="segments" role="group" aria-label=context.page_messages().theme>
                {buttons.collect_view()}
            </div>
        </form>
    }
}

fn theme_name(context: &PageContext, theme: Theme) -> &'static str {
    let t = context.page_messages();
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
