//! The JSON API under `/api/v1`: handlers, one file per resource. The types of requests and responses are in
//! `domain::api`.

mod accounts;
mod bids;
mod campaigns;
mod orders;
mod products;
mod rankings;

use crate::{http::fallbacks::method_not_allowed, state::AppState};
use axum::{
    Router,
    routing::{delete, get, patch, post, put},
};

/// The API's routes, relative to `/api/v1`.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/auth/register", post(accounts::register))
        .route("/auth/login", post(accounts::login))
        .route("/auth/me", get(accounts::me))
        .route("/auth/logout", post(accounts::logout))
        .route("/auth/sessions", get(accounts::sessions).delete(accounts::end_other_sessions))
        .route("/auth/sessions/{id}", delete(accounts::end_session))
        .route("/auth/password", put(accounts::change_password))
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
