//! The form of a member's weight and status.

use super::{
    FORM_ID,
    bid_voiding::open_bids,
    form_control::{ControlKind, FormControl, controls_error_summary, edit_conflict, form_control},
    form_page,
    form_review::{FormReview, ReviewRow, form_review},
    id_in_path, messages,
};
use crate::{
    components::{form_field::user_field, time_tag::time_to_second},
    form_input::UserInput,
    format::isolated,
    layout::render_page,
    page_context::{FormStep, PageContext},
};
use domain::{
    ApiError, ErrorCode, UserId,
    api::accounts::{UpdateUser, User, UserStatus},
};
use leptos::prelude::*;

/// `/admin/users/{id}`.
#[component]
pub fn UserPage() -> impl IntoView {
    render_page(move |context: PageContext| async move {
        let actor = context.admin()?;
        let t = messages(&context);
        let id: UserId = id_in_path(&context)?;
        let old = context.engine.accounts.user(actor, id).await?;
        let input = if context.form_step() == FormStep::Initial { UserInput::of(&old) } else { context.form_input() };
        let body = match (context.form_step(), input.update(&old)) {
            (FormStep::Review, Ok(change)) => {
                let (rows, effects) = (rows(&context, &old, change), effects(&context, &old, change));
                let (action, confirm) = ("/api/ui/update_user", t.save);
                let id = Some(id.to_string());
                let is_final = change.status == Some(UserStatus::Inactive);
                form_review(&context, FormReview { action, id, input: &input, rows, effects, confirm, is_final })
            }
            (FormStep::Review, Err(error)) => {
                context.set_error_status(&error);
                form(&context, &input, &old, Some(&error))
            }
            _ => form(&context, &input, &old, context.form_error().as_ref()),
        };
        let body = if context.form_step() == FormStep::Review {
            body
        } else {
            let bids = context.engine.void_bids.open_bids(actor, id).await?;
            view! { {body} {open_bids(&context, &old, &bids)} }.into_any()
        };
        Ok(form_page(&context, old.username, body))
    })
}

fn form(context: &PageContext, input: &UserInput, old: &User, error: Option<&ApiError>) -> AnyView {
    let t = messages(context);
    let choices = [UserStatus::Active, UserStatus::Inactive];
    let choices = choices.map(|status| (status.as_str().to_owned(), word(context, status).to_owned()));
    let controls = vec![
        FormControl::new("weight", t.weight, &input.weight, ControlKind::Number("0.5", "5", "any")).hint(t.rule_weight),
        FormControl::new("status", t.status, &input.status, ControlKind::Choice(choices.to_vec())),
    ];
    // After an edit conflict the form is based on the record as it is now.
    let saved = error.filter(|error| error.code == ErrorCode::Conflict).map(|_| UserInput::of(old));
    let fingerprint = saved.as_ref().unwrap_or(input).fingerprint.clone();
    let problems = match &saved {
        Some(saved) => Some(edit_conflict(context, &controls, saved, t.differs_hint)),
        None => controls_error_summary(context, &controls, error),
    };
    let controls: Vec<_> = controls.into_iter().map(|it| form_control(context, it, error)).collect();
    view! {
        <div class="card form-card">
            <dl class="list">
                <div>
                    <dt>{t.email}</dt>
                    <dd><bdi>{old.email.clone()}</bdi></dd>
                </div>
                <div>
                    <dt>{t.since}</dt>
                    <dd>{time_to_second(context, old.created_at)}</dd>
                </div>
                <div>
                    <dt>{t.admin}</dt>
                    <dd>{if old.is_admin { t.yes } else { t.no }}</dd>
                </div>
            </dl>
            <form class="form" id=FORM_ID method="post" action=context.path.clone() novalidate>
                {user_field(context)}
                {problems}
                {controls}
                <input type="hidden" name="fingerprint" value=fingerprint />
                <div class="actions">
                    <button class="primary" name="step" value="review">{t.to_review}</button>
                    <a class="button" href="/admin/users">{t.leave}</a>
                </div>
            </form>
        </div>
    }
    .into_any()
}

fn word(context: &PageContext, status: UserStatus) -> &'static str {
    let t = messages(context);
    if status == UserStatus::Active { t.user_active } else { t.user_inactive }
}

fn rows(context: &PageContext, old: &User, change: UpdateUser) -> Vec<ReviewRow> {
    let t = messages(context);
    let weight = change.weight.unwrap_or(old.weight);
    let status = change.status.unwrap_or(old.status);
    vec![
        ReviewRow::new(t.weight, Some(old.weight.get().to_string()), weight.get().to_string()),
        ReviewRow::new(t.status, Some(word(context, old.status).to_owned()), word(context, status)),
    ]
}

fn effects(context: &PageContext, old: &User, change: UpdateUser) -> Vec<String> {
    let t = messages(context);
    let mut effects = Vec::new();
    if change.weight.is_some() {
        effects.push(t.weight_effect(&isolated(&old.username)));
    }
    if change.status == Some(UserStatus::Inactive) {
        effects.push(t.block_effect(&isolated(&old.username)));
    }
    effects
}
