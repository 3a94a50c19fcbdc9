//! What an admin's form sends to its own page: in the query (to see a preview) or posted (to review
//! what would happen, or to go on editing). Nothing is changed by either; that is for the server
//! functions.

use crate::server_fns::request::query::ERROR;
use http::{StatusCode, request::Parts};
use leptos::prelude::{expect_context, use_context};
use leptos_axum::ResponseOptions;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The fields of a form that was posted, to a page or to a server function. The server provides them
/// as context.
#[derive(Clone, Debug, Default)]
pub struct PostedForm(pub Vec<(String, String)>);

impl PostedForm {
    /// The fields of a form's body.
    pub fn parse(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// The value of a field.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }
}

/// What the reader asks of a form's page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// The form as it is at first.
    Fresh,
    /// The form as it was typed.
    Typed,
    /// What would happen.
    Review,
}

/// A form's fields, and what to do with them.
#[derive(Clone)]
pub(super) struct Input {
    pub(super) step: Step,
    fields: Map<String, Value>,
    response: ResponseOptions,
}

impl Input {
    /// The current request's. Call it before the first await: afterwards the context may be gone.
    pub(super) fn current() -> Self {
        let posted = use_context::<PostedForm>();
        let query = use_context::<Parts>().and_then(|parts| parts.uri.query().map(str::to_owned)).unwrap_or_default();
        let is_posted = posted.is_some();
        // Sent back here, it is to be shown again, whatever it asked for.
        let is_refused = form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == ERROR);
        let pairs = match posted {
            Some(PostedForm(pairs)) => pairs,
            None => form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        };
        let fields: Map<String, Value> = pairs.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
        let step = match fields.get("step").and_then(Value::as_str) {
            Some("review") if is_posted && !is_refused => Step::Review,
            Some(_) => Step::Typed,
            None if is_posted => Step::Typed,
            None => Step::Fresh,
        };
        Self { step, fields, response: expect_context() }
    }

    /// The fields as a draft; those that are missing are empty.
    pub(super) fn draft<T: DeserializeOwned + Default>(&self) -> T {
        serde_json::from_value(Value::Object(self.fields.clone())).unwrap_or_default()
    }

    /// One field.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).and_then(Value::as_str)
    }

    /// Says by its status that the form cannot be carried out.
    pub(super) fn refuse(&self, status: u16) {
        if let Ok(status) = StatusCode::from_u16(status) {
            self.response.set_status(status);
        }
    }
}
