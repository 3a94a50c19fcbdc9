//! A form that keeps what was typed when it is refused.
//!
//! As HTML it is a plain form that is posted and redirected back. Hydrated, it posts the same
//! fields itself, shows what was wrong beside each field and leaves the page only on success. Its
//! fields are data, so that one island serves every form.

use crate::i18n::Lang;
use domain::ApiError;
use leptos::{either::EitherOf3, ev::SubmitEvent, prelude::*};
use serde::{Deserialize, Serialize};

/// A form.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FormSpec {
    /// The reader's language.
    pub lang: Lang,
    /// The path it posts to.
    pub action: String,
    /// Its fields, in their order.
    pub fields: Vec<Field>,
    /// The text of its button.
    pub submit: String,
    /// The path to go on to, for actions that ask for it.
    pub next: Option<String>,
    /// What was wrong with the plain form posted last.
    pub error: Option<ApiError>,
}

/// A field of a form.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Field {
    /// Its name in the form.
    pub name: String,
    /// What it is called.
    pub label: String,
    /// What to know before typing.
    pub hint: Option<String>,
    /// What it is typed into.
    pub kind: FieldKind,
    /// What it holds at first; several lines are always empty.
    pub value: String,
    /// What the browser may fill in (the `autocomplete` attribute).
    pub autocomplete: String,
    /// Whether it must be filled in.
    pub required: bool,
    /// Least and most characters.
    pub chars: Option<(usize, usize)>,
}

/// What a field is typed into.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub enum FieldKind {
    /// A line of text.
    #[default]
    Text,
    /// An e-mail address.
    Email,
    /// A password.
    Password,
    /// A number: its least value and its step.
    Number(String, String),
    /// A date and a time without a zone.
    DateTime,
    /// Several lines of text.
    Lines,
    /// One of several.
    Choice(Vec<Choice>),
}

/// One of a field's choices.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
}

/// How the form stands.
#[derive(Clone, PartialEq, Debug)]
#[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only a browser sends the form itself"))]
enum State {
    Idle,
    Sending,
    Refused(ApiError),
    Unanswered,
}

/// A form that keeps what was typed.
#[island]
pub fn KeptForm(
    /// The form.
    spec: FormSpec,
) -> impl IntoView {
    let texts = spec.lang.texts();
    let state = RwSignal::new(spec.error.map_or(State::Idle, State::Refused));
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        if state.get_untracked() != State::Sending {
            state.set(State::Sending);
            #[cfg(feature = "hydrate")]
            send::send(&event, state);
        }
    };
    let message = move || {
        let text = match state.get() {
            State::Refused(error) => texts.error(&error),
            State::Unanswered => texts.form_unanswered.to_owned(),
            State::Idle | State::Sending => return None,
        };
        Some(view! { <p class="notice bad">{text}</p> })
    };
    let lang = spec.lang;
    let fields = spec.fields.into_iter().map(|field| field_view(field, lang, state)).collect_view();
    let submit = spec.submit;
    view! {
        <form class="form" method="post" action=spec.action on:submit=on_submit>
            <div role="alert">{message}</div>
            {spec.next.map(|next| view! { <input type="hidden" name="next" value=next /> })}
            {fields}
            <button class="primary" disabled=move || state.get() == State::Sending>
                {move || if state.get() == State::Sending { texts.form_sending.to_owned() } else { submit.clone() }}
            </button>
        </form>
    }
}

fn field_view(field: Field, lang: Lang, state: RwSignal<State>) -> impl IntoView {
    let texts = lang.texts();
    let name = field.name.clone();
    let wrong = Memo::new(move |_| {
        state.with(|state| matches!(state, State::Refused(error) if error.errors.iter().any(|e| e.field == name)))
    });
    let rule = texts.field_rule(&field.name);
    let error_id = format!("{}-error", field.name);
    let hint_id = format!("{}-hint", field.name);
    let described_by = format!("{error_id} {hint_id}");
    let id = field.name.clone();
    let hint = field.hint.clone().map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> });
    view! {
        <div class="field">
            <label for=id>{field.label.clone()}</label>
            {input_view(field, described_by, wrong)}
            {hint}
            <p class="field-error" id=error_id>{move || wrong.get().then_some(rule)}</p>
        </div>
    }
}

fn input_view(field: Field, described_by: String, wrong: Memo<bool>) -> impl IntoView {
    let invalid = move || wrong.get().then_some("true");
    let (min_chars, max_chars) = field.chars.unzip();
    let (kind, min, step) = match field.kind {
        FieldKind::Choice(choices) => {
            let options = choices.into_iter().map(|choice| {
                let selected = choice.value == field.value;
                view! { <option value=choice.value selected=selected>{choice.label}</option> }
            });
            return EitherOf3::A(view! {
                <select
                    id=field.name.clone()
                    name=field.name
                    required=field.required
                    aria-describedby=described_by
                    aria-invalid=invalid
                >
                    {options.collect_view()}
                </select>
            });
        }
        FieldKind::Lines => {
            return EitherOf3::B(view! {
                <textarea
                    id=field.name.clone()
                    name=field.name
                    rows="4"
                    required=field.required
                    maxlength=max_chars
                    aria-describedby=described_by
                    aria-invalid=invalid
                ></textarea>
            });
        }
        FieldKind::Text => ("text", None, None),
        FieldKind::Email => ("email", None, None),
        FieldKind::Password => ("password", None, None),
        FieldKind::Number(min, step) => ("number", Some(min), Some(step)),
        // A step of a second, for short campaigns; it would be a minute.
        FieldKind::DateTime => ("datetime-local", None, Some("1".to_owned())),
    };
    EitherOf3::C(view! {
        <input
            type=kind
            id=field.name.clone()
            name=field.name
            value=field.value
            required=field.required
            min=min
            step=step
            minlength=min_chars
            maxlength=max_chars
            autocomplete=field.autocomplete
            aria-describedby=described_by
            aria-invalid=invalid
        />
    })
}

#[cfg(feature = "hydrate")]
mod send {
    use super::State;
    use crate::error::AppError;
    use gloo_net::http::{Request, Response};
    use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};
    use server_fn::redirect::REDIRECT_HEADER;
    use wasm_bindgen::JsCast;
    use web_sys::{FormData, HtmlFormElement, UrlSearchParams};

    /// Posts the form's fields and leaves the page on success.
    pub(super) fn send(event: &SubmitEvent, state: RwSignal<State>) {
        let form = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
        let Some((form, body)) = form.and_then(|form| body(&form).map(|body| (form, body))) else {
            state.set(State::Unanswered);
            return;
        };
        let request = Request::post(&form.action())
            .header("Accept", "application/json")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(body);
        spawn_local(async move {
            let answer = match request {
                Ok(request) => request.send().await,
                Err(error) => Err(error),
            };
            match answer {
                Ok(response) => finish(response, state).await,
                Err(_) => state.set(State::Unanswered),
            }
        });
    }

    fn body(form: &HtmlFormElement) -> Option<String> {
        let data = FormData::new_with_form(form).ok()?;
        let pairs = UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?;
        Some(pairs.to_string().into())
    }

    async fn finish(response: Response, state: RwSignal<State>) {
        if response.ok() {
            let headers = response.headers();
            let address = headers.get(REDIRECT_HEADER).and_then(|_| headers.get("location"));
            // The button stays as it is until the next page is here.
            if window().location().set_href(address.as_deref().unwrap_or("/")).is_err() {
                state.set(State::Idle);
            }
            return;
        }
        state.set(match response.json::<AppError>().await {
            Ok(AppError::Refused(error)) => State::Refused(error),
            Ok(AppError::Unanswered) | Err(_) => State::Unanswered,
        });
    }
}
