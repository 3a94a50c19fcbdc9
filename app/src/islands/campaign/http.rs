//! Questions to the API, in the reader's session.

use super::json::Json;
use js_sys::futures::JsFuture;
use leptos::prelude::window;
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortSignal, Headers, RequestInit, Response};

/// After this long without an answer there will be none.
const TIMEOUT_MS: u32 = 8_000;

/// An answer.
pub(super) struct Answer {
    /// The HTTP status.
    pub(super) status: u16,
    /// What it says.
    pub(super) body: Json,
}

/// Asks for what is at `path`; none where there is no good answer.
pub(super) async fn get(path: &str) -> Option<Json> {
    let answer = fetch(path, &RequestInit::new()).await?;
    (answer.status == 200).then_some(answer.body)
}

/// Posts JSON to `path`; none without an answer that can be read.
pub(super) async fn post(path: &str, json: &str) -> Option<Answer> {
    let headers = Headers::new().ok()?;
    headers.set("Content-Type", "application/json").ok()?;
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_headers(&headers);
    request.set_body(&JsValue::from_str(json));
    fetch(path, &request).await
}

async fn fetch(path: &str, request: &RequestInit) -> Option<Answer> {
    request.set_signal(Some(&AbortSignal::timeout_with_u32(TIMEOUT_MS)));
    let response = JsFuture::from(window().fetch_with_str_and_init(path, request)).await.ok()?;
    let response: Response = response.dyn_into().ok()?;
    let body = JsFuture::from(response.json().ok()?).await.ok()?;
    Some(Answer { status: response.status(), body: Json::from(body) })
}

/// Waits.
pub(super) async fn sleep(time: Duration) {
    let millis = i32::try_from(time.as_millis()).unwrap_or(i32::MAX);
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        // Without a timer the promise never resolves; a window has one.
        let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, millis);
    });
    let _ = JsFuture::from(promise).await;
}
