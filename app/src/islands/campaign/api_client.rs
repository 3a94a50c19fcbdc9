//! Requests to the API, in the reader's session.

use crate::islands::from_js::from_js;
use js_sys::futures::JsFuture;
use leptos::prelude::window;
use serde::de::DeserializeOwned;
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{AbortSignal, Headers, RequestInit, Response};

/// Requests are aborted after this time.
const TIMEOUT_MS: u32 = 8_000;

/// A response: its status and the value in its body.
pub(super) struct ApiResponse {
    /// The HTTP status.
    pub(super) status: u16,
    /// The parsed JSON, to be decoded.
    pub(super) body: JsValue,
}

/// Requests what is at `path`; none unless the response is good.
pub(super) async fn get<T: DeserializeOwned>(path: &str) -> Option<T> {
    let response = fetch(path, &RequestInit::new()).await?;
    if response.status == 200 { from_js(response.body) } else { None }
}

/// Posts JSON to `path`; none without a response that is JSON.
pub(super) async fn post(path: &str, json: &str) -> Option<ApiResponse> {
    let headers = Headers::new().ok()?;
    headers.set("Content-Type", "application/json").ok()?;
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_headers(&headers);
    request.set_body(&JsValue::from_str(json));
    fetch(path, &request).await
}

async fn fetch(path: &str, request: &RequestInit) -> Option<ApiResponse> {
    request.set_signal(Some(&AbortSignal::timeout_with_u32(TIMEOUT_MS)));
    let response = JsFuture::from(window().fetch_with_str_and_init(path, request)).await.ok()?;
    let response: Response = response.dyn_into().ok()?;
    let body = JsFuture::from(response.json().ok()?).await.ok()?;
    Some(ApiResponse { status: response.status(), body })
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
