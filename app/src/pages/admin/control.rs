//! The fields of admins' forms: plain HTML that holds what was typed, with the error beside each
//! field that is wrong.

use super::texts;
use crate::{
    drafts::places,
    i18n::AdminTexts,
    pages::{
        form::{Described, error_summary, field},
        visit::Visit,
    },
};
use domain::ApiError;
use leptos::prelude::*;

/// A field.
pub(super) struct Control {
    /// Its name in the form.
    pub(super) name: &'static str,
    /// What it is called.
    pub(super) label: String,
    /// What to know before typing.
    pub(super) hint: Option<String>,
    /// What it holds.
    pub(super) value: String,
    /// What it is typed into.
    pub(super) kind: Kind,
    /// Whether it must be filled in.
    pub(super) required: bool,
    /// What it must be, where there is more to say than the field's rule.
    pub(super) rule: Option<&'static str>,
}

/// What a field is typed into.
pub(super) enum Kind {
    /// A line of so many characters at most.
    Line(usize),
    /// Several lines of so many characters at most.
    Lines(usize),
    /// A number: the least, the greatest, the step.
    Number(&'static str, &'static str, &'static str),
    /// A date and a time; the zone is another field.
    Moment,
    /// A time zone.
    Zone,
    /// One of several: value and label.
    Choice(Vec<(String, String)>),
}

impl Control {
    /// A field that must be filled in, without a hint.
    pub(super) fn new(name: &'static str, label: impl Into<String>, value: &str, kind: Kind) -> Self {
        Self { name, label: label.into(), hint: None, value: value.to_owned(), kind, required: true, rule: None }
    }

    /// The same, to be left empty if one likes.
    pub(super) fn optional(self, t: &AdminTexts) -> Self {
        Self { label: format!("{} ({})", self.label, t.optional), required: false, ..self }
    }

    /// The same with a hint.
    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The same that, when it is wrong, must be this.
    pub(super) fn rule(self, rule: &'static str) -> Self {
        Self { rule: Some(rule), ..self }
    }
}

/// What is wrong with a form, above it.
pub(super) fn problems(visit: &Visit, controls: &[Control], error: Option<&ApiError>) -> Option<AnyView> {
    let error = error?;
    let wrong = controls.iter().filter(|control| is_wrong(error, control.name));
    Some(error_summary(visit, error, wrong.map(|control| (control.name, control.label.clone()))))
}

/// A field with its label, hint and error.
pub(super) fn control(visit: &Visit, control: Control, error: Option<&ApiError>) -> AnyView {
    let Control { name, label, hint, value, kind, required, rule } = control;
    let wrong =
        error.filter(|error| is_wrong(error, name)).map(|_| rule.unwrap_or_else(|| texts(visit).field_rule(name)));
    field(name, label, hint, wrong, |Described { described_by, invalid }| match kind {
        Kind::Choice(choices) => {
            let options = choices.into_iter().map(|(choice, label)| {
                let selected = choice == value;
                view! { <option value=choice selected=selected>{label}</option> }
            });
            view! {
                <select id=name name=name required=required aria-describedby=described_by aria-invalid=invalid>
                    {options.collect_view()}
                </select>
            }
            .into_any()
        }
        Kind::Zone => {
            let option = |id: &str, label: &str| {
                let selected = id == value;
                view! { <option value=id.to_owned() selected=selected>{label.to_owned()}</option> }
            };
            // An offset, or a place without an area.
            let is_listed = value == "UTC" || places().values().flatten().any(|(id, _)| *id == value);
            let other = (!is_listed).then(|| option(&value, &value));
            let areas = places().iter().map(|(area, places)| {
                let options = places.iter().map(|(id, label)| option(id, label)).collect_view();
                view! { <optgroup label=area.clone()>{options}</optgroup> }
            });
            let areas = areas.collect_view();
            view! {
                <select id=name name=name required=required aria-describedby=described_by aria-invalid=invalid>
                    {option("UTC", "UTC")}
                    {other}
                    {areas}
                </select>
            }
            .into_any()
        }
        Kind::Lines(chars) => view! {
            <textarea
                id=name
                name=name
                rows="4"
                required=required
                maxlength=chars
                aria-describedby=described_by
                aria-invalid=invalid
            >
                {value}
            </textarea>
        }
        .into_any(),
        Kind::Line(chars) => view! {
            <input
                type="text"
                id=name
                name=name
                value=value
                required=required
                maxlength=chars
                autocomplete="off"
                aria-describedby=described_by
                aria-invalid=invalid
            />
        }
        .into_any(),
        Kind::Number(min, max, step) => view! {
            <input
                type="number"
                id=name
                name=name
                value=value
                required=required
                min=min
                max=max
                step=step
                inputmode="decimal"
                aria-describedby=described_by
                aria-invalid=invalid
            />
        }
        .into_any(),
        // A step of a second, for short campaigns; it would be a minute.
        Kind::Moment => view! {
            <input
                type="datetime-local"
                id=name
                name=name
                value=value
                required=required
                step="1"
                aria-describedby=described_by
                aria-invalid=invalid
            />
        }
        .into_any(),
    })
}

fn is_wrong(error: &ApiError, name: &str) -> bool {
    error.errors.iter().any(|wrong| wrong.field == name)
}
