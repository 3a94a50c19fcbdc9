//! Fields of plain HTML forms. The server checks everything: a form that it refuses is shown again as it was typed, with
//! a message at each invalid field.
//!
//! Browsers check nothing (`novalidate`): they name one problem at a time, in their own language, and count an emoji as two
//! characters.

use super::icon::{Icon, icon};
use crate::{page_context::PageContext, rendered_for_user::USER_FIELD};
use domain::{ApiError, ErrorCode};
use leptos::prelude::*;

/// A single-line text field.
#[derive(Clone, Copy)]
pub(crate) struct TextField {
    /// Its name and `id`.
    pub(crate) name: &'static str,
    /// Its label.
    pub(crate) label: &'static str,
    /// A hint under it.
    pub(crate) hint: Option<&'static str>,
    /// The `type` attribute.
    pub(crate) kind: &'static str,
    /// The `autocomplete` attribute.
    pub(crate) autocomplete: &'static str,
    /// What is said if it is wrong, unless the usual rule of fields with this name is right.
    pub(crate) rule: Option<&'static str>,
}

/// The ARIA attributes of a field's input.
pub(crate) struct FieldAria {
    /// The `aria-describedby` attribute: its error and hint.
    pub(crate) described_by: Option<String>,
    /// The `aria-invalid` attribute.
    pub(crate) invalid: Option<&'static str>,
}

/// The hidden field with the user. Every form that acts in a member's name has it (see [`crate::rendered_for_user`]).
pub(crate) fn user_field(context: &PageContext) -> AnyView {
    let user = context.user.as_ref().map(|user| user.user_id.to_string());
    view! { <input type="hidden" name=USER_FIELD value=user /> }.into_any()
}

/// A field with its label, input, hint and error.
pub(crate) fn labelled_field(
    name: &'static str,
    label: String,
    hint: Option<String>,
    wrong: Option<&'static str>,
    input: impl FnOnce(FieldAria) -> AnyView,
) -> AnyView {
    // The error may be the same as the hint.
    let hint = hint.filter(|hint| wrong != Some(hint));
    let (error_id, hint_id) = (format!("{name}-error"), format!("{name}-hint"));
    let by = [wrong.is_some().then_some(&*error_id), hint.is_some().then_some(&*hint_id)];
    let by = by.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let described = FieldAria { described_by: Some(by).filter(|by| !by.is_empty()), invalid: wrong.map(|_| "true") };
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

/// The summary of a form's error above it: a message and links to the invalid fields, given by name and problem. It has
/// the focus, so that screen readers announce it and the Tab key continues from there.
pub(crate) fn error_summary(message: String, wrong: impl Iterator<Item = (&'static str, String)>) -> AnyView {
    let links = wrong.map(|(name, problem)| view! { <li><a href=format!("#{name}")>{problem}</a></li> });
    let links = links.collect_view();
    view! {
        <div class="notice bad" role="alert" tabindex="-1" autofocus>
            <p>{message}</p>
            <ul>{links}</ul>
        </div>
    }
    .into_any()
}

/// The summary of the error that the form was redirected with, if any.
pub(crate) fn form_error_summary(context: &PageContext, fields: &[TextField]) -> Option<AnyView> {
    let error = context.form_error()?;
    let messages = context.common_messages();
    let wrong = fields.iter().filter_map(|field| {
        // The message says it all.
        let problem = field_error(context, Some(&error), *field).filter(|_| error.code != ErrorCode::EmailTaken)?;
        Some((field.name, messages.field_problem(field.label, problem)))
    });
    Some(error_summary(messages.error(&error), wrong))
}

/// A labelled text field, with the typed value and error of a refused form.
pub(crate) fn text_field(context: &PageContext, field: TextField) -> AnyView {
    let t = context.page_messages();
    let error = context.form_error();
    let wrong = field_error(context, error.as_ref(), field);
    let value = error.is_some().then(|| context.typed(field.name)).flatten();
    labelled_field(field.name, field.label.to_owned(), field.hint.map(str::to_owned), wrong, |described| {
        let input = view! {
            <input
                type=field.kind
                id=field.name
                name=field.name
                value=value
                required
                autocomplete=field.autocomplete
                autocapitalize="off"
                spellcheck="false"
                aria-invalid=described.invalid
                aria-describedby=described.described_by
            />
        };
        if field.kind != "password" {
            return input.into_any();
        }
        view! {
            <div class="with-button">
                {input}
                // Hidden until the page's script shows it: without scripts it would not work.
                <button
                    type="button"
                    class="square"
                    hidden
                    data-reveal=field.name
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

/// The message for a field, if the error is about it.
pub(crate) fn field_error(context: &PageContext, error: Option<&ApiError>, field: TextField) -> Option<&'static str> {
    let (error, messages) = (error?, context.common_messages());
    if error.code == ErrorCode::EmailTaken && field.name == "email" {
        return Some(messages.error_email_taken);
    }
    let is_wrong = error.errors.iter().any(|wrong| wrong.field == field.name);
    is_wrong.then(|| field.rule.unwrap_or_else(|| messages.field_rule(field.name)))
}
