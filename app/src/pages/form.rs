//! Forms of plain HTML. The browser checks what it can, the server everything: a form it refuses
//! comes back with what was typed and a word beside each wrong field.

use super::{
    icon::{Icon, icon},
    visit::Visit,
};
use domain::{ApiError, ErrorCode};
use leptos::{either::Either, prelude::*};

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
    /// Least and most characters.
    pub(super) chars: (usize, usize),
}

/// What is wrong with the form posted last, above it: a sentence and the way to each wrong field.
/// It has the focus, so that it is read and the next key press goes on from there.
pub(super) fn problems(visit: &Visit, lines: &[Line]) -> impl IntoView + use<> {
    let error = visit.form_error()?;
    let wrong = lines.iter().filter(|line| problem(visit, Some(&error), line.name).is_some());
    let ways =
        wrong.map(|Line { name, label, .. }| view! { <li><a href=format!("#{name}")>{*label}</a></li> }).collect_view();
    Some(view! {
        <div class="notice bad" role="alert" tabindex="-1" autofocus>
            <p>{visit.texts().error(&error)}</p>
            <ul>{ways}</ul>
        </div>
    })
}

/// A labelled line, with what was typed and what was wrong with it.
pub(super) fn line(visit: &Visit, line: Line) -> impl IntoView + use<> {
    let t = visit.page_texts();
    let error = visit.form_error();
    let wrong = problem(visit, error.as_ref(), line.name);
    let error_id = format!("{}-error", line.name);
    let hint_id = format!("{}-hint", line.name);
    // What is wrong may say the same as the hint.
    let hint = line.hint.filter(|hint| wrong != Some(*hint));
    let described_by = match (wrong.is_some(), hint.is_some()) {
        (true, true) => Some(format!("{error_id} {hint_id}")),
        (true, false) => Some(error_id.clone()),
        (false, true) => Some(hint_id.clone()),
        (false, false) => None,
    };
    let value = error.is_some().then(|| visit.typed(line.name)).flatten();
    let input = view! {
        <input
            type=line.kind
            id=line.name
            name=line.name
            value=value
            required
            minlength=line.chars.0
            maxlength=line.chars.1
            autocomplete=line.autocomplete
            autocapitalize="off"
            spellcheck="false"
            aria-invalid=wrong.is_some().then_some("true")
            aria-describedby=described_by
        />
    };
    let input = if line.kind == "password" {
        Either::Left(view! {
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
        })
    } else {
        Either::Right(input)
    };
    view! {
        <div class="field">
            <label for=line.name>{line.label}</label>
            {input}
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
            {wrong.map(|wrong| view! { <p class="field-error" id=error_id>{wrong}</p> })}
        </div>
    }
}

/// What is wrong with a field.
fn problem(visit: &Visit, error: Option<&ApiError>, field: &str) -> Option<&'static str> {
    let (error, texts) = (error?, visit.texts());
    if error.code == ErrorCode::EmailTaken && field == "email" {
        return Some(texts.error_email_taken);
    }
    error.errors.iter().any(|wrong| wrong.field == field).then(|| texts.field_rule(field))
}
