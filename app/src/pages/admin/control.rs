//! The fields of admins' forms: plain HTML that holds what was typed, with the error beside each
//! field that is wrong.

use super::messages;
use crate::{
    components::{
        escaped_text::text_area,
        form_field::{FieldAria, error_summary, labelled_field},
    },
    form_input::zones_by_area,
    i18n::AdminMessages,
    page_context::PageContext,
};
use domain::ApiError;
use leptos::prelude::*;
use serde::Serialize;

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
    /// A line.
    Line,
    /// Several lines.
    Lines,
    /// A number: the least, the greatest, the step.
    Number(&'static str, &'static str, &'static str),
    /// A date and a time; the zone is another field.
    Moment,
    /// A time zone.
    Zone,
    /// One of several: value and label.
    Choice(Vec<(String, String)>),
}

impl Kind {
    /// Whether two texts typed into such a field mean the same.
    fn is_same(&self, one: &str, other: &str) -> bool {
        let number = |text: &str| text.trim().parse::<f64>().ok();
        match self {
            Self::Number(..) => match (number(one), number(other)) {
                (Some(one), Some(other)) => one.total_cmp(&other).is_eq(),
                _ => one.trim() == other.trim(),
            },
            Self::Moment => with_seconds(one) == with_seconds(other),
            Self::Line | Self::Lines | Self::Zone | Self::Choice(_) => {
                one.replace("\r\n", "\n").trim() == other.replace("\r\n", "\n").trim()
            }
        }
    }

    /// How a reader sees what such a field holds.
    fn shown(&self, text: &str, t: &AdminMessages) -> String {
        let label = match self {
            Self::Choice(choices) => choices.iter().find(|(choice, _)| choice == text).map(|(_, label)| label.as_str()),
            _ => None,
        };
        Some(label.unwrap_or(text)).filter(|text| !text.is_empty()).unwrap_or(t.none).to_owned()
    }
}

impl Control {
    /// A field that must be filled in, without a hint.
    pub(super) fn new(name: &'static str, label: impl Into<String>, value: &str, kind: Kind) -> Self {
        Self { name, label: label.into(), hint: None, value: value.to_owned(), kind, required: true, rule: None }
    }

    /// The same, to be left empty if one likes.
    pub(super) fn optional(self, t: &AdminMessages) -> Self {
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
pub(super) fn problems(visit: &PageContext, controls: &[Control], error: Option<&ApiError>) -> Option<AnyView> {
    let error = error?;
    let wrong = controls.iter().filter(|control| is_wrong(error, control.name));
    Some(error_summary(visit, error, wrong.map(|control| (control.name, control.label.clone()))))
}

/// A field with its label, hint and error.
pub(super) fn control(visit: &PageContext, control: Control, error: Option<&ApiError>) -> AnyView {
    let Control { name, label, hint, value, kind, required, rule } = control;
    let wrong =
        error.filter(|error| is_wrong(error, name)).map(|_| rule.unwrap_or_else(|| messages(visit).field_rule(name)));
    labelled_field(name, label, hint, wrong, |FieldAria { described_by, invalid }| match kind {
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
            let is_listed = value == "UTC" || zones_by_area().values().flatten().any(|(id, _)| *id == value);
            let other = (!is_listed).then(|| option(&value, &value));
            let areas = zones_by_area().iter().map(|(area, places)| {
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
        Kind::Lines => text_area(name, &value, required, FieldAria { described_by, invalid }),
        Kind::Line => view! {
            <input
                type="text"
                id=name
                name=name
                value=value
                required=required
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

/// What someone else has saved since the admin saw it, beside what was typed, field by field.
pub(super) fn differences(visit: &PageContext, controls: &[Control], saved: &impl Serialize) -> AnyView {
    let t = messages(visit);
    let saved = serde_json::to_value(saved).unwrap_or_default();
    let rows: Vec<AnyView> = controls
        .iter()
        .filter_map(|control| {
            let theirs = saved.get(control.name)?.as_str()?;
            let differs = !control.kind.is_same(theirs, &control.value);
            differs.then(|| {
                let (theirs, typed) = (control.kind.shown(theirs, t), control.kind.shown(&control.value, t));
                view! {
                    <tr data-differs=control.name>
                        <th scope="row">{control.label.clone()}</th>
                        <td><bdi>{theirs}</bdi></td>
                        <td><bdi>{typed}</bdi></td>
                    </tr>
                }
                .into_any()
            })
        })
        .collect();
    if rows.is_empty() {
        return overtaken(t.differs_nothing);
    }
    view! {
        {overtaken(t.differs_hint)}
        <div class="scroll differences" tabindex="0" role="region" aria-label=t.differs_title>
            <table>
                <caption>{t.differs_title}</caption>
                <thead>
                    <tr>
                        <th scope="col">{t.review_what}</th>
                        <th scope="col">{t.differs_saved}</th>
                        <th scope="col">{t.differs_typed}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// A sentence above a form that has the focus, like what is wrong with one.
fn overtaken(sentence: &'static str) -> AnyView {
    view! {
        <div class="notice bad" role="alert" tabindex="-1" autofocus>
            <p>{sentence}</p>
        </div>
    }
    .into_any()
}

/// A time as browsers write it: they leave a whole minute without its seconds.
fn with_seconds(text: &str) -> String {
    const WITHOUT_SECONDS: usize = "2026-01-31T12:00".len();

    if text.len() == WITHOUT_SECONDS { format!("{text}:00") } else { text.to_owned() }
}

fn is_wrong(error: &ApiError, name: &str) -> bool {
    error.errors.iter().any(|wrong| wrong.field == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_differ_where_they_mean_something_else() {
        let number = Kind::Number("0", "1", "any");
        assert!(number.is_same("800", "800.00") && number.is_same("", " ") && !number.is_same("800", "801"));
        assert!(!number.is_same("800", "x"));
        assert!(Kind::Moment.is_same("2026-01-31T12:00", "2026-01-31T12:00:00"));
        assert!(!Kind::Moment.is_same("2026-01-31T12:00", "2026-01-31T12:00:01"));
        assert!(Kind::Lines.is_same("two\nlines", "two\r\nlines ") && !Kind::Lines.is_same("a\nb", "a b"));
    }
}
