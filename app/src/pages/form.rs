//! Forms of plain HTML. The browser checks what it can, the server everything: a form it refuses
//! comes back with what was typed and a word beside each wrong field.
//!
//! Lengths are for the server alone: browsers count an emoji twice, cut off what is pasted, and say
//! nothing of it.

use super::{
    icon::{Icon, icon},
    visit::Visit,
};
use crate::form_user::USER_FIELD as PAGE_USER;
use domain::{ApiError, ErrorCode};
use leptos::prelude::*;

/// A line to fill in.
#[derive(Clone, Copy)]
pub(super) struct Line {
    /// Its name in the form.
    pub(super) name: &'static str,
    /// What it is called.
    pub(super) label: &'static str,
    /// What to know before typing.
    pub(super) hint: Option<&'static str>,
    /// What is typed (the `type` attribute).
    pub(super) kind: &'static str,
    /// What the browser may fill in (the `autocomplete` attribute).
    pub(super) autocomplete: &'static str,
}

/// What a field's input says about it to those who cannot see it.
pub(super) struct Described {
    /// Where its error and its hint are (the `aria-describedby` attribute).
    pub(super) described_by: Option<String>,
    /// The `aria-invalid` attribute.
    pub(super) invalid: Option<&'static str>,
}

/// Says whose page a form is on. Every form that does something in a member's name has it: without it,
/// or in another's session, it is refused (see [`crate::form_user`]).
pub(super) fn page_user(visit: &Visit) -> AnyView {
    let user = visit.user.as_ref().map(|user| user.user_id.to_string());
    view! { <input type="hidden" name=PAGE_USER value=user /> }.into_any()
}

/// A field: its label, its input, what to know before filling it in and what was wrong with it.
pub(super) fn field(
    name: &'static str,
    label: String,
    hint: Option<String>,
    wrong: Option<&'static str>,
    input: impl FnOnce(Described) -> AnyView,
) -> AnyView {
    // What is wrong may say the same as the hint.
    let hint = hint.filter(|hint| wrong != Some(hint));
    let (error_id, hint_id) = (format!("{name}-error"), format!("{name}-hint"));
    let by = [wrong.is_some().then_some(&*error_id), hint.is_some().then_some(&*hint_id)];
    let by = by.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let described = Described { described_by: Some(by).filter(|by| !by.is_empty()), invalid: wrong.map(|_| "true") };
    view! {
        <div class="field">
            <label for=name>{label}</label>
            {input(described)}
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
            {wrong.map(|wrong| view! { <p class="field-error" id=error_id>{wrong}</p> })}
        </div>
    }
    .into_any()
}

/// What is wrong with a form, above it: a sentence and the ways to the wrong fields, which are
/// given by name and label. It has the focus, so that it is read and the next key press goes on
/// from there.
pub(super) fn error_summary(
    visit: &Visit,
    error: &ApiError,
    wrong: impl Iterator<Item = (&'static str, String)>,
) -> AnyView {
    let ways = wrong.map(|(name, label)| view! { <li><a href=format!("#{name}")>{label}</a></li> });
    let ways = ways.collect_view();
    view! {
        <div class="notice bad" role="alert" tabindex="-1" autofocus>
            <p>{visit.common_messages().error(error)}</p>
            <ul>{ways}</ul>
        </div>
    }
    .into_any()
}

/// What is wrong with the form posted last, above it.
pub(super) fn problems(visit: &Visit, lines: &[Line]) -> Option<AnyView> {
    let error = visit.form_error()?;
    let wrong = lines.iter().filter(|line| problem(visit, Some(&error), line.name).is_some());
    Some(error_summary(visit, &error, wrong.map(|line| (line.name, line.label.to_owned()))))
}

/// A labelled line, with what was typed and what was wrong with it.
pub(super) fn line(visit: &Visit, line: Line) -> AnyView {
    let t = visit.page_messages();
    let error = visit.form_error();
    let wrong = problem(visit, error.as_ref(), line.name);
    let value = error.is_some().then(|| visit.typed(line.name)).flatten();
    field(line.name, line.label.to_owned(), line.hint.map(str::to_owned), wrong, |described| {
        let input = view! {
            <input
                type=line.kind
                id=line.name
                name=line.name
                value=value
                required
                autocomplete=line.autocomplete
                autocapitalize="off"
                spellcheck="false"
                aria-invalid=described.invalid
                aria-describedby=described.described_by
            />
        };
        if line.kind != "password" {
            return input.into_any();
        }
        view! {
            <div class="with-button">
                {input}
                // The page's script shows it: without scripts it could do nothing.
                <button
                    type="button"
                    class="square"
                    hidden
                    data-reveal=line.name
                    aria-pressed="false"
                    aria-label=t.show_password
                    title=t.show_password
                >
                    {icon(Icon::Eye)}
                    {icon(Icon::EyeOff)}
                </button>
            </div>
        }
        .into_any()
    })
}

/// What is wrong with a field.
fn problem(visit: &Visit, error: Option<&ApiError>, field: &str) -> Option<&'static str> {
    let (error, messages) = (error?, visit.common_messages());
    if error.code == ErrorCode::EmailTaken && field == "email" {
        return Some(messages.error_email_taken);
    }
    error.errors.iter().any(|wrong| wrong.field == field).then(|| messages.field_rule(field))
}
