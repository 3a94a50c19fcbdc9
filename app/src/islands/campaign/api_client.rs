//! Requests to the server, in the reader's session.

use crate::{islands::browser::timeout, json_decoder::from_json};
use gloo_net::http::Request;
use js_sys::futures::JsFuture;
use leptos::{prelude::window, server_fn::ServerFn};
use serde::{Serialize, de::DeserializeOwned};
use std::time::Duration;

/// Requests what is at `path` of the API; none unless the response is good.
pub(super) async fn get<T: DeserializeOwned>(path: &str) -> Option<T> {
    let response = Request::get(path).abort_signal(Some(&timeout())).send().await.ok()?;
    if response.ok() { from_json(&response.text().await.ok()?) } else { None }
}

/// Calls a server function as its form would; none without an answer from it.
///
/// The framework's client does the same with three times the code (docs/adr/0006-browser-bundle-size.md).
pub(super) async fn call<F>(input: &F) -> Option<Result<F::Output, F::Error>>
where
    F: ServerFn<Output: DeserializeOwned, Error: DeserializeOwned> + Serialize,
{
    let request = Request::post(F::PATH)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .header("Accept", "application/json")
        .abort_signal(Some(&timeout()))
        .body(serde_urlencoded::to_string(input).ok()?);
    let response = request.ok()?.send().await.ok()?;
    let answer = response.text().await.ok()?;
    if response.ok() { from_json(&answer).map(Ok) } else { from_json(&answer).map(Err) }
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
