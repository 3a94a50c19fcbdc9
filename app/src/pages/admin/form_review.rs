//! The review of a form before it is executed: old and new values, their effects, and buttons to confirm or go back.

use super::{FORM_ID, messages};
use crate::{components::form_field::user_field, page_context::PageContext, page_url::query};
use leptos::prelude::*;
use serde::Serialize;
use serde_json::Value;

/// A field of the review.
pub(super) struct ReviewRow {
    /// Its label.
    pub(super) label: String,
    /// The current value; none for a new record.
    pub(super) before: Option<String>,
    /// The new value.
    pub(super) after: String,
}

impl ReviewRow {
    /// A row with this label and these values.
    pub(super) fn new(label: impl Into<String>, before: Option<String>, after: impl Into<String>) -> Self {
        Self { label: label.into(), before, after: after.into() }
    }
}

/// A form under review.
pub(super) struct FormReview<'a, T> {
    /// The URL of the server function that executes it.
    pub(super) action: &'static str,
    /// The id of the record, unless it is new.
    pub(super) id: Option<String>,
    /// The form's values.
    pub(super) input: &'a T,
    /// The fields and their changes.
    pub(super) rows: Vec<ReviewRow>,
    /// The effects on others, in words.
    pub(super) effects: Vec<String>,
    /// The label of the button that confirms.
    pub(super) confirm: &'static str,
    /// Whether it cannot be undone, which makes the button red.
    pub(super) is_final: bool,
}

/// Renders the review.
pub(super) fn form_review<T: Serialize>(context: &PageContext, review: FormReview<'_, T>) -> AnyView {
    let t = messages(context);
    let is_new = review.rows.iter().all(|row| row.before.is_none());
    let changed = review.rows.iter().filter(|row| row.before.as_ref() != Some(&row.after)).count();
    let rows = review.rows.into_iter().map(|row| {
        let is_changed = !is_new && row.before.as_ref() != Some(&row.after);
        view! {
            <tr class:changed=is_changed>
                <th scope="row">{row.label}</th>
                {(!is_new).then(|| view! { <td><bdi>{row.before.unwrap_or_default()}</bdi></td> })}
                <td>
                    <bdi>{row.after}</bdi>
                    {is_changed.then(|| view! { " " <span class="badge">{t.changed}</span> })}
                </td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    let effects = review.effects.into_iter().map(|effect| view! { <li>{effect}</li> }).collect_view();
    let class = if review.is_final { "danger" } else { "primary" };
    view! {
        <div class="card review">
            <h2>{t.review_title}</h2>
            <p class="muted">{if changed == 0 { t.review_nothing } else { t.review_hint }}</p>
            <div class="scroll" tabindex="0" role="region" aria-label=t.review_title>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{t.review_what}</th>
                            {(!is_new).then(|| view! { <th scope="col">{t.review_before}</th> })}
                            <th scope="col">{t.review_after}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
            <ul class="effects">{effects}</ul>
            <form id=FORM_ID method="post" action=review.action>
                {user_field(context)}
                {context.query(query::FORM).map(|form| view! { <input type="hidden" name=query::FORM value=form /> })}
                {review.id.map(|id| view! { <input type="hidden" name="id" value=id /> })}
                {hidden(review.input)}
                <div class="actions">
                    <button class=class disabled={changed == 0}>{review.confirm}</button>
                    <button formaction=context.path.clone() name="step" value="edit">{t.review_back}</button>
                </div>
            </form>
        </div>
    }
    .into_any()
}

/// The form's fields as hidden inputs.
fn hidden(input: &impl Serialize) -> AnyView {
    let Ok(Value::Object(fields)) = serde_json::to_value(input) else { return ().into_any() };
    let inputs = fields.into_iter().map(|(name, value)| {
        let value = value.as_str().unwrap_or_default().to_owned();
        view! { <input type="hidden" name=name value=value /> }
    });
    inputs.collect_view().into_any()
}
