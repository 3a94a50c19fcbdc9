//! The picture on a campaign's page that shows how the points developed.

use crate::{
    http::{
        authentication::CurrentUser,
        error_response::{ErrorResponse, HandlerResult},
        url_params::PathId,
    },
    state::AppState,
};
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use domain::CampaignId;
use http::{HeaderMap, header};

/// The picture has its style within itself and loads nothing.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// The route of the picture.
pub fn router() -> Router<AppState> {
    Router::new().route("/campaigns/{id}/chart.svg", get(chart))
}

/// Anyone may see the curve of the last winning place; members see their own as well.
async fn chart(
    State(state): State<AppState>,
    PathId(id): PathId<CampaignId>,
    user: Result<CurrentUser, ErrorResponse>,
    headers: HeaderMap,
) -> HandlerResult<Response> {
    let user = user.ok().map(|CurrentUser(user)| user);
    let svg = app::campaign_chart(&state.engine, &headers, user.as_deref(), id).await;
    let svg = svg.map_err(ErrorResponse::for_path_resource)?;
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "private, no-cache"),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    ];
    Ok((headers, svg).into_response())
}
