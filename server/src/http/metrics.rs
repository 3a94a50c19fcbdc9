//! Metrics of the HTTP side.

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
    REQUESTS: IntCounterVec = register_int_counter_vec!("http_requests_total", "HTTP requests", &["method", "endpoint", "status"])
}
metric! {
    /// Time to the head of the answer.
    SECONDS: HistogramVec = register_histogram_vec!(
        "http_request_duration_seconds", "Time of HTTP requests", &["method", "endpoint"],
        prometheus::exponential_buckets(0.0005, 2.0, 16).unwrap_or_default()
    )
}
metric! {
    /// Requests being answered.
    ACTIVE: IntGauge = register_int_gauge!("http_requests_active", "HTTP requests under way")
}
metric! {
    /// Refused requests by code.
    REFUSED: IntCounterVec = register_int_counter_vec!("requests_refused_total", "Refused requests by code", &["code"])
}
metric! {
    /// Open websockets.
    WEBSOCKETS: IntGauge = register_int_gauge!("websocket_connections", "Open websockets")
}

/// Makes the number of websockets appear before the first one: a panel without data looks like a
/// fault.
pub fn register() {
    LazyLock::force(&WEBSOCKETS);
}

/// The middleware. Requests that match no route share one label, so that a scan of the address
/// space does not become a million time series.
pub async fn measure(request: Request, next: Next) -> Response {
    let method = known(request.method());
    let endpoint = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let start = Instant::now();
    let active = Active::begin();
    let response = next.run(request).await;
    drop(active);
    SECONDS.with_label_values(&[method, &endpoint]).observe(start.elapsed().as_secs_f64());
    REQUESTS.with_label_values(&[method, &endpoint, response.status().as_str()]).inc();
    response
}

/// A request under way, until it is answered or its client hangs up and the handler is dropped.
struct Active;

impl Active {
    fn begin() -> Self {
        ACTIVE.inc();
        Self
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        ACTIVE.dec();
    }
}

/// The method as a label: clients may invent methods, but not time series.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
