//! The pages: rendered by `app`, with what they need as context.

use crate::state::AppState;
use app::{App, shell};
use axum::{
    Router,
    extract::{Request, State},
    response::{IntoResponse, Response},
    routing::post,
};
use leptos::prelude::provide_context;
use leptos_axum::{LeptosRoutes, generate_route_list};
use tower_http::compression::CompressionLayer;

/// Routes of the pages and of their server functions.
pub fn router(state: &AppState) -> Router<AppState> {
    let routes = generate_route_list(App);
    let options = state.leptos.clone();
    Router::new()
        .leptos_routes_with_context(state, routes, context(state), move || shell(options.clone()))
        .fallback(page)
        .layer(CompressionLayer::new())
        .route("/api/ui/{*function}", post(server_function))
}

/// Any other address: the app's own "not found" page.
async fn page(State(state): State<AppState>, request: Request) -> Response {
    let options = state.leptos.clone();
    let render = leptos_axum::render_app_async_with_context(context(&state), move || shell(options.clone()));
    render(request).await.into_response()
}

async fn server_function(State(state): State<AppState>, request: Request) -> Response {
    leptos_axum::handle_server_fns_with_context(context(&state), request).await.into_response()
}

fn context(state: &AppState) -> impl Fn() + Clone + Send + Sync + 'static + use<> {
    let (engine, secure_cookies) = (state.engine.clone(), state.secure_cookies());
    move || {
        provide_context(engine.clone());
        provide_context(secure_cookies);
    }
}
