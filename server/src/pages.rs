//! The pages: rendered by `app`, with what they need as context.

use crate::{http::failure::Failure, state::AppState};
use app::{App, pages::PostedForm, shell};
use axum::{
    Form, Router,
    body::{Body, Bytes},
    extract::{Request, State, rejection::BytesRejection},
    response::{IntoResponse, Response},
    routing::post,
};
use domain::ErrorCode;
use http::request::Parts;
use leptos::prelude::provide_context;
use leptos_axum::{LeptosRoutes, generate_route_list};
use tower_http::compression::CompressionLayer;

/// Pages whose forms are posted to themselves: to be reviewed, or to be shown again as they were
/// typed. Nothing is changed by that.
const FORMS: [&str; 6] = [
    "/admin/products/new",
    "/admin/products/{id}",
    "/admin/campaigns/new",
    "/admin/campaigns/{id}/edit",
    "/admin/campaigns/{id}/cancel",
    "/admin/users/{id}",
];

/// Routes of the pages and of their server functions.
pub fn router(state: &AppState) -> Router<AppState> {
    let routes = generate_route_list(App);
    let options = state.leptos.clone();
    let pages = Router::new().leptos_routes_with_context(state, routes, context(state), move || shell(&options));
    FORMS
        .into_iter()
        .fold(pages, |router, address| router.route(address, post(posted_page)))
        .fallback(page)
        .layer(CompressionLayer::new())
        .route("/api/ui/{*function}", post(server_function))
}

/// Any other address: the app's own "not found" page.
async fn page(State(state): State<AppState>, request: Request) -> Response {
    let options = state.leptos.clone();
    let render = leptos_axum::render_app_async_with_context(context(&state), move || shell(&options));
    render(request).await.into_response()
}

/// A page with the fields of its own form.
async fn posted_page(
    State(state): State<AppState>,
    parts: Parts,
    Form(fields): Form<Vec<(String, String)>>,
) -> Response {
    let (options, context) = (state.leptos.clone(), context(&state));
    let context = move || {
        context();
        provide_context(PostedForm(fields.clone()));
    };
    let render = leptos_axum::render_app_async_with_context(context, move || shell(&options));
    render(Request::from_parts(parts, Body::empty())).await.into_response()
}

/// A server function, with the fields it is given: whose page they come from is for all functions to know.
async fn server_function(State(state): State<AppState>, parts: Parts, body: Result<Bytes, BytesRejection>) -> Response {
    let Ok(body) = body else {
        return Failure::new(ErrorCode::PayloadTooLarge, "The body is too large or was cut short.").into_response();
    };
    let (context, form) = (context(&state), PostedForm::parse(&body));
    let context = move || {
        context();
        provide_context(form.clone());
    };
    let request = Request::from_parts(parts, Body::from(body));
    leptos_axum::handle_server_fns_with_context(context, request).await.into_response()
}

fn context(state: &AppState) -> impl Fn() + Clone + Send + Sync + 'static + use<> {
    let (engine, secure_cookies) = (state.engine.clone(), state.secure_cookies());
    move || {
        provide_context(engine.clone());
        provide_context(secure_cookies);
    }
}
