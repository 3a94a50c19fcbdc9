//! One member: weight and status.

use super::{
    FORM_ID,
    control::{Control, Kind, control, differences, problems},
    form_page, id_in_path, messages,
    review::{Review, Row, review},
};
use crate::{
    components::{form_field::user_field, time_tag::time_to_second},
    form_input::UserInput,
    format::{fill, isolated},
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
    render_page(move |visit: PageContext| async move {
        let actor = visit.admin()?;
        let t = messages(&visit);
        let id: UserId = id_in_path(&visit)?;
        let old = visit.engine.member(actor, id).await?;
        let draft = if visit.form_step() == FormStep::Initial { UserInput::of(&old) } else { visit.form_input() };
        let body = match (visit.form_step(), draft.update(&old)) {
            (FormStep::Review, Ok(change)) => {
                let (rows, effects) = (rows(&visit, &old, change), effects(&visit, &old, change));
                let (action, confirm) = ("/api/ui/update_user", t.save);
                let id = Some(id.to_string());
                let is_final = change.status == Some(UserStatus::Inactive);
                review(&visit, Review { action, id, draft: &draft, rows, effects, confirm, is_final })
            }
            (FormStep::Review, Err(error)) => {
                visit.set_error_status(&error);
                form(&visit, &draft, &old, Some(&error))
            }
            _ => form(&visit, &draft, &old, visit.form_error().as_ref()),
        };
        Ok(form_page(&visit, old.username, body))
    })
}

fn form(visit: &PageContext, draft: &UserInput, old: &User, error: Option<&ApiError>) -> AnyView {
    let t = messages(visit);
    let choices = [UserStatus::Active, UserStatus::Inactive];
    let choices = choices.map(|status| (status.as_str().to_owned(), word(visit, status).to_owned()));
    let controls = vec![
        Control::new("weight", t.weight, &draft.weight, Kind::Number("0.5", "5", "any")).hint(t.rule_weight),
        Control::new("status", t.status, &draft.status, Kind::Choice(choices.to_vec())),
    ];
    // Someone else has changed them meanwhile: from here on the form is about what is there now.
    let saved = error.filter(|error| error.code == ErrorCode::Conflict).map(|_| UserInput::of(old));
    let fingerprint = saved.as_ref().unwrap_or(draft).fingerprint.clone();
    let problems = match &saved {
        Some(saved) => Some(differences(visit, &controls, saved)),
        None => problems(visit, &controls, error),
    };
    let controls: Vec<_> = controls.into_iter().map(|it| control(visit, it, error)).collect();
    view! {
        <div class="card form-card">
            <dl class="list">
                <div>
                    <dt>{t.email}</dt>
                    <dd><bdi>{old.email.clone()}</bdi></dd>
                </div>
                <div>
                    <dt>{t.since}</dt>
                    <dd>{time_to_second(visit, old.created_at)}</dd>
                </div>
                <div>
                    <dt>{t.admin}</dt>
                    <dd>{if old.is_admin { t.yes } else { t.no }}</dd>
                </div>
            </dl>
            <form class="form" id=FORM_ID method="post" action=visit.path.clone()>
                {user_field(visit)}
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

fn word(visit: &PageContext, status: UserStatus) -> &'static str {
    let t = messages(visit);
    if status == UserStatus::Active { t.user_active } else { t.user_inactive }
}

fn rows(visit: &PageContext, old: &User, change: UpdateUser) -> Vec<Row> {
    let t = messages(visit);
    let weight = change.weight.unwrap_or(old.weight);
    let status = change.status.unwrap_or(old.status);
    vec![
        Row::new(t.weight, Some(old.weight.get().to_string()), weight.get().to_string()),
        Row::new(t.status, Some(word(visit, old.status).to_owned()), word(visit, status)),
    ]
}

fn effects(visit: &PageContext, old: &User, change: UpdateUser) -> Vec<String> {
    let t = messages(visit);
    let mut effects = Vec::new();
    if change.weight.is_some() {
        effects.push(fill(t.weight_effect, &[&isolated(&old.username)]));
    }
    if change.status == Some(UserStatus::Inactive) {
        effects.push(fill(t.block_effect, &[&isolated(&old.username)]));
    }
    effects
}
