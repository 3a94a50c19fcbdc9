//! The HTTP API, one file per subject.

mod accounts;
mod bids;
mod campaigns;
pub mod health;
mod orders;
mod products;
mod rankings;

use crate::{http::failure::Failure, state::AppState};
use axum::{
    Router,
    routing::{get, patch, post},
};
use domain::ErrorCode;

/// The routes under `/api/v1`.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/auth/register", post(accounts::register))
        .route("/auth/login", post(accounts::login))
        .route("/auth/me", get(accounts::me))
        .route("/auth/logout", post(accounts::logout))
        .route("/users/{id}", patch(accounts::update))
        .route("/products", get(products::list).post(products::create))
        .route("/products/{id}", get(products::show).patch(products::update))
        .route("/campaigns", get(campaigns::list).post(campaigns::create))
        .route("/campaigns/{id}", get(campaigns::show).patch(campaigns::update))
        .route("/campaigns/{id}/cancel", post(campaigns::cancel))
        .route("/bids", post(bids::place))
        .route("/bids/{id}/history", get(bids::history))
        .route("/rankings/{id}", get(rankings::show))
        .route("/rankings/{id}/me", get(rankings::mine))
        .route("/orders", get(orders::mine))
        .route("/orders/campaign/{id}", get(orders::of_campaign))
        .method_not_allowed_fallback(method_not_allowed)
}

/// The routes a monitor asks, exempt from every limit.
pub fn health_router() -> Router<AppState> {
    Router::new()
        .route("/health", get(health::health))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .method_not_allowed_fallback(method_not_allowed)
}

/// Nothing at this address.
pub async fn not_found() -> Failure {
    Failure::new(ErrorCode::NotFound, "There is nothing at this address.")
}

/// Something at this address, but not with this method.
pub async fn method_not_allowed() -> Failure {
    Failure::new(ErrorCode::MethodNotAllowed, "This address does not take that method.")
}
