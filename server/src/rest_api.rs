//! The JSON API under `/api/v1`: handlers, one file per resource. The types of requests and responses are in
//! `domain::api`.

mod accounts;
mod bids;
mod campaigns;
mod orders;
mod products;
mod rankings;

use crate::state::AppState;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The API's routes, relative to `/api/v1`, and their description. A route that is not described does not compile.
pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(accounts::register))
        .routes(routes!(accounts::login))
        .routes(routes!(accounts::me))
        .routes(routes!(accounts::logout))
        .routes(routes!(accounts::sessions, accounts::end_other_sessions))
        .routes(routes!(accounts::end_session))
        .routes(routes!(accounts::change_password))
        .routes(routes!(accounts::data))
        .routes(routes!(accounts::erase))
        .routes(routes!(accounts::websocket_ticket))
        .routes(routes!(accounts::api_keys, accounts::create_api_key))
        .routes(routes!(accounts::revoke_api_key))
        .routes(routes!(accounts::update))
        .routes(routes!(products::list, products::create))
        .routes(routes!(products::show, products::update))
        .routes(routes!(campaigns::list, campaigns::create))
        .routes(routes!(campaigns::show, campaigns::update))
        .routes(routes!(campaigns::cancel))
        .routes(routes!(bids::place))
        .routes(routes!(bids::history))
        .routes(routes!(bids::declare_void, bids::restore))
        .routes(routes!(rankings::show))
        .routes(routes!(rankings::mine))
        .routes(routes!(orders::mine))
        .routes(routes!(orders::of_campaign))
}
