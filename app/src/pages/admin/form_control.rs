//! The controls of admins' forms, with the typed values and the error at each invalid one.

use super::messages;
use crate::{
    components::{
        escaped_text::text_area,
        form_field::{FieldAria, error_summary, labelled_field},
    },
    form_input::{Zone, zones_by_area},
    i18n::AdminMessages,
    page_context::PageContext,
};
use domain::{ApiError, ErrorCode};
use leptos::prelude::*;
use serde::Serialize;

/// A labelled control.
pub(super) struct FormControl {
    /// Its name and `id`.
    pub(super) name: &'static str,
    /// Its label.
    pub(super) label: String,
    /// A hint under it.
    pub(super) hint: Option<String>,
    /// Its value.
    pub(super) value: String,
    /// The kind of input.
    pub(super) kind: ControlKind,
    /// Whether it is required.
    pub(super) required: bool,
    /// The rule shown if it is invalid, in place of the field's general one.
    pub(super) rule: Option<&'static str>,
}

/// The kind of a control's input.
pub(super) enum ControlKind {
    /// A single line of text.
    Text,
    /// Several lines of text.
    TextArea,
    /// A number: the minimum, the maximum, the step.
    Number(&'static str, &'static str, &'static str),
    /// A date and time; the time zone is another field.
    DateTime,
    /// A time zone.
    Zone,
    /// One of several: value and label.
    Choice(Vec<(String, String)>),
}

impl ControlKind {
    /// Whether two values of such a control mean the same, in forms with these time zones.
    fn is_same(&self, one: &str, other: &str, zones: [&Zone; 2]) -> bool {
        let number = |text: &str| text.trim().parse::<f64>().ok();
        match self {
            Self::Number(..) => match (number(one), number(other)) {
                (Some(one), Some(other)) => one.total_cmp(&other).is_eq(),
                _ => one.trim() == other.trim(),
            },
            Self::DateTime => match (zones[0].instant(one), zones[1].instant(other)) {
                (Ok(one), Ok(other)) => one == other,
                _ => with_seconds(one) == with_seconds(other),
            },
            Self::Text | Self::TextArea | Self::Zone | Self::Choice(_) => {
                one.replace("\r\n", "\n").trim() == other.replace("\r\n", "\n").trim()
            }
        }
    }

    /// A value as it is shown to the admin, in a form with this time zone.
    fn display(&self, text: &str, zone: &Zone, t: &AdminMessages) -> String {
        let label = match self {
            Self::Choice(choices) => choices.iter().find(|(choice, _)| choice == text).map(|(_, label)| label.clone()),
            Self::DateTime => zone.instant(text).ok().map(|at| zone.show(at)),
            _ => None,
        };
        Some(label.unwrap_or_else(|| text.to_owned()))
            .filter(|text| !text.is_empty())
            .unwrap_or_else(|| t.none.to_owned())
    }
}

impl FormControl {
    /// A required control without a hint.
    pub(super) fn new(name: &'static str, label: impl Into<String>, value: &str, kind: ControlKind) -> Self {
        Self { name, label: label.into(), hint: None, value: value.to_owned(), kind, required: true, rule: None }
    }

    /// Makes the control optional, and says so in its label.
    pub(super) fn optional(self, t: &AdminMessages) -> Self {
        Self { label: format!("{} ({})", self.label, t.optional), required: false, ..self }
    }

    /// Adds a hint.
    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Sets the rule that is shown if the value is invalid.
    pub(super) fn rule(self, rule: &'static str) -> Self {
        Self { rule: Some(rule), ..self }
    }
}

/// The summary of a form's error above it.
pub(super) fn controls_error_summary(
    context: &PageContext,
    controls: &[FormControl],
    error: Option<&ApiError>,
) -> Option<AnyView> {
    let error = error?;
    Some(summary_with_message(context, controls, error, context.common_messages().error(error)))
}

/// The same with a message of the form's own.
pub(super) fn summary_with_message(
    context: &PageContext,
    controls: &[FormControl],
    error: &ApiError,
    message: String,
) -> AnyView {
    let wrong = controls.iter().filter_map(|control| {
        let problem = problem(context, control.name, control.rule, Some(error))?;
        Some((control.name, context.common_messages().field_problem(&control.label, problem)))
    });
    error_summary(message, wrong)
}

/// What is wrong with a field, if the error is about it: the field's own rule, or the usual one.
fn problem(
    context: &PageContext,
    name: &'static str,
    rule: Option<&'static str>,
    error: Option<&ApiError>,
) -> Option<&'static str> {
    error.filter(|error| is_wrong(error, name)).map(|_| rule.unwrap_or_else(|| messages(context).field_rule(name)))
}

/// The error of a form with the field that asks for stock. If there is too little, the engine names no field.
pub(super) fn with_stock_field(error: &ApiError, field: &str) -> ApiError {
    let mut error = error.clone();
    if error.code == ErrorCode::InsufficientStock && error.errors.is_empty() {
        error.errors = ApiError::field(field, "").errors;
    }
    error
}

/// A control with its label, hint and error.
pub(super) fn form_control(context: &PageContext, control: FormControl, error: Option<&ApiError>) -> AnyView {
    let FormControl { name, label, hint, value, kind, required, rule } = control;
    let wrong = problem(context, name, rule, error);
    labelled_field(name, label, hint, wrong, |FieldAria { described_by, invalid }| match kind {
        ControlKind::Choice(choices) => {
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
        ControlKind::Zone => {
            let option = |id: &str, label: &str| {
                let selected = id == value;
                view! { <option value=id.to_owned() selected=selected>{label.to_owned()}</option> }
            };
            // An offset, or a zone that belongs to no area.
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
        ControlKind::TextArea => text_area(name, &value, required, FieldAria { described_by, invalid }),
        ControlKind::Text => view! {
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
        ControlKind::Number(min, max, step) => view! {
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
        // A step of one second, for short campaigns; the default is a minute.
        ControlKind::DateTime => view! {
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

/// After an edit conflict: what has been saved meanwhile beside what was typed, for each field that differs, below
/// `hint`.
pub(super) fn edit_conflict(
    context: &PageContext,
    controls: &[FormControl],
    saved: &impl Serialize,
    hint: &'static str,
) -> AnyView {
    let t = messages(context);
    let saved = serde_json::to_value(saved).unwrap_or_default();
    // Each form has its own zone; forms without times have none.
    let zone = |name: Option<&str>| name.and_then(|name| Zone::parse(name).ok()).unwrap_or_default();
    let saved_zone = zone(saved.get("zone").and_then(serde_json::Value::as_str));
    let typed_zone = zone(controls.iter().find(|control| control.name == "zone").map(|control| control.value.as_str()));
    let rows: Vec<AnyView> = controls
        .iter()
        .filter_map(|control| {
            let theirs = saved.get(control.name)?.as_str()?;
            let differs = !control.kind.is_same(theirs, &control.value, [&saved_zone, &typed_zone]);
            differs.then(|| {
                let theirs = control.kind.display(theirs, &saved_zone, t);
                let typed = control.kind.display(&control.value, &typed_zone, t);
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
        return conflict_notice(t.differs_nothing);
    }
    view! {
        {conflict_notice(hint)}
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

/// A message above a form, with the focus like an error summary.
fn conflict_notice(sentence: &'static str) -> AnyView {
    view! {
        <div class="notice bad" role="alert" tabindex="-1" autofocus>
            <p>{sentence}</p>
        </div>
    }
    .into_any()
}

/// A `datetime-local` value with seconds, which browsers omit if they are zero.
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
    use crate::lang::Lang;

    #[test]
    fn a_shortage_of_stock_is_the_error_of_a_field() {
        let refused = |code| ApiError::new(code, "");
        assert!(is_wrong(&with_stock_field(&refused(ErrorCode::InsufficientStock), "quota"), "quota"));
        assert!(!is_wrong(&with_stock_field(&refused(ErrorCode::Conflict), "quota"), "quota"));
    }

    #[test]
    fn values_differ_only_if_they_mean_something_else() {
        let is_same = |kind: &ControlKind, one, other| kind.is_same(one, other, [&Zone::UTC, &Zone::UTC]);
        let number = ControlKind::Number("0", "1", "any");
        assert!(is_same(&number, "800", "800.00") && is_same(&number, "", " ") && !is_same(&number, "800", "801"));
        assert!(!is_same(&number, "800", "x"));
        assert!(is_same(&ControlKind::DateTime, "2026-01-31T12:00", "2026-01-31T12:00:00"));
        assert!(!is_same(&ControlKind::DateTime, "2026-01-31T12:00", "2026-01-31T12:00:01"));
        assert!(is_same(&ControlKind::TextArea, "two\nlines", "two\r\nlines "));
        assert!(!is_same(&ControlKind::TextArea, "a\nb", "a b"));
    }

    #[test]
    fn times_are_compared_and_shown_with_their_zones() {
        let taipei = Zone::parse("Asia/Taipei").expect("a zone");
        let time = ControlKind::DateTime;
        assert!(time.is_same("2026-01-31T12:00", "2026-01-31T20:00", [&Zone::UTC, &taipei]));
        assert!(!time.is_same("2026-01-31T12:00", "2026-01-31T12:00", [&Zone::UTC, &taipei]));
        let t = Lang::En.admin_messages();
        let shown = time.display("2026-01-31T20:00", &taipei, t);
        assert_eq!(shown, "2026-01-31 20:00:00 CST (UTC+08:00) = 2026-01-31 12:00:00 UTC");
        assert_eq!(time.display("soon", &taipei, t), "soon");
    }
}
