//! Metrics of HTTP requests.

use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use http::Method;
use prometheus::{
    HistogramVec, IntCounterVec, IntGauge, register_histogram_vec, register_int_counter_vec, register_int_gauge,
};
use std::{sync::LazyLock, time::Instant};

macro_rules! metric {
    ($(#[$doc:meta])* $name:ident: $type:ty = $registration:expr) => {
        $(#[$doc])*
        pub static $name: LazyLock<$type> = LazyLock::new(|| $registration.expect("metric names are unique"));
    };
}

metric! {
    /// Requests by method, route template and status.
    REQUESTS: IntCounterVec = register_int_counter_vec!(
        "http_requests_total", "HTTP requests", &["method", "endpoint", "status"]
    )
}
metric! {
    /// Time until the response begins.
    REQUEST_SECONDS: HistogramVec = register_histogram_vec!(
        "http_request_duration_seconds", "Time of HTTP requests", &["method", "endpoint"],
        prometheus::exponential_buckets(0.0005, 2.0, 16).unwrap_or_default()
    )
}
metric! {
    /// Requests in progress.
    ACTIVE_REQUESTS: IntGauge = register_int_gauge!("http_requests_active", "HTTP requests under way")
}
metric! {
    /// Refused requests by error code.
    REFUSED_REQUESTS: IntCounterVec = register_int_counter_vec!(
        "requests_refused_total", "Refused requests by code", &["code"]
    )
}

/// Middleware that counts and times requests. Requests that match no route share one label, so that a scan of random
/// paths does not create a time series for each.
pub async fn record_request(request: Request, next: Next) -> Response {
    let method = method_label(request.method());
    let endpoint = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let start = Instant::now();
    let active = ActiveRequest::start();
    let response = next.run(request).await;
    drop(active);
    REQUEST_SECONDS.with_label_values(&[method, &endpoint]).observe(start.elapsed().as_secs_f64());
    REQUESTS.with_label_values(&[method, &endpoint, response.status().as_str()]).inc();
    response
}

/// A request in progress: until its response begins or, if the client hangs up, until its handler is dropped.
struct ActiveRequest;

impl ActiveRequest {
    fn start() -> Self {
        ACTIVE_REQUESTS.inc();
        Self
    }
}

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        ACTIVE_REQUESTS.dec();
    }
}

/// The label of a method. Methods that clients make up share one, so that they cannot create time series.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
