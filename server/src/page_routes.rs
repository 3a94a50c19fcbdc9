//! Routes of the pages, their forms and their server functions. The crate `app` renders them; this file provides its
//! context.

use crate::{
    http::{
        authentication::CurrentUser,
        error_response::ErrorResponse,
        fallbacks::{method_not_allowed, not_found},
    },
    state::AppState,
};
use app::{
    App,
    post_redirect_get::{SavedFormId, save_form_of_other_user, save_posted_form},
    rendered_for_user::FormUser,
    shell,
};
use axum::{
    Form, Router,
    body::{Body, Bytes},
    extract::{
        Request, State,
        rejection::{BytesRejection, FormRejection},
    },
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use domain::ErrorCode;
use engine::require_admin;
use http::{header, request::Parts};
use leptos::{prelude::provide_context, server_fn::axum::server_fn_paths};
use leptos_axum::{LeptosRoutes, generate_route_list};
use tower_http::compression::CompressionLayer;

/// Pages whose forms are posted to the page itself: the input is stored, and the response redirects to the page that
/// shows it. Nothing else changes.
const PAGES_WITH_POSTED_FORMS: [&str; 7] = [
    "/admin/products/new",
    "/admin/products/{id}",
    "/admin/campaigns/new",
    "/admin/campaigns/{id}/edit",
    "/admin/campaigns/{id}/cancel",
    "/admin/campaigns/{id}/bids/{user}/void",
    "/admin/users/{id}",
];

/// Routes of the pages and of their server functions.
pub fn router() -> Router<AppState> {
    // With our own handler: the framework's registration would add routes for the server functions, without the user
    // that a form was rendered for.
    let pages = Router::new().leptos_routes_with_handler(generate_route_list(App), page);
    PAGES_WITH_POSTED_FORMS
        .into_iter()
        .fold(pages, |router, path| router.route(path, post(posted_form)))
        .fallback(page)
        .layer(CompressionLayer::new())
        .route("/api/ui/{*function}", post(server_function).fallback(method_not_allowed))
}

/// Renders the page at an address, or the app's "not found" page.
async fn page(State(state): State<AppState>, request: Request) -> Response {
    let options = state.leptos.clone();
    let render = leptos_axum::render_app_async_with_context(context(&state), move || shell(&options));
    render(request).await.into_response()
}

/// Stores an admin's form and redirects to the page that shows it. For anyone else the page explains that it is for
/// admins only, and has the form as it was typed, once an admin has signed in.
async fn posted_form(
    State(state): State<AppState>,
    user: Result<CurrentUser, ErrorResponse>,
    parts: Parts,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Response {
    let user = match user {
        Ok(CurrentUser(user)) if require_admin(&user).is_ok() => user,
        user => {
            // Perhaps an admin's form, sent after somebody else had signed in.
            if let (Ok(CurrentUser(user)), Ok(Form(fields))) = (user, form)
                && let Ok(Some(url)) = save_form_of_other_user(&state.engine, &user, &parts.uri, fields).await
            {
                return Redirect::to(&url).into_response();
            }
            return page(State(state), Request::from_parts(parts, Body::empty())).await;
        }
    };
    let Ok(Form(fields)) = form else {
        return ErrorResponse::new(ErrorCode::PayloadTooLarge, "The form is too large or was cut short.")
            .into_response();
    };
    match save_posted_form(&state.engine, &user, &parts.uri, fields, state.secure_cookies()).await {
        Ok(redirect) => {
            let mut response = Redirect::to(&redirect.url).into_response();
            if let Some(cookie) = redirect.cookie {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        Err(error) => ErrorResponse::from(error).into_response(),
    }
}

/// Calls a server function, with the user that its form was rendered for in the context.
async fn server_function(State(state): State<AppState>, parts: Parts, body: Result<Bytes, BytesRejection>) -> Response {
    let Ok(body) = body else {
        return ErrorResponse::new(ErrorCode::PayloadTooLarge, "The body is too large or was cut short.")
            .into_response();
    };
    if server_fn_paths().all(|(path, method)| path != parts.uri.path() || method != parts.method) {
        return not_found().await.into_response();
    }
    let (context, form_user, saved_form) = (context(&state), FormUser::of_body(&body), SavedFormId::of_body(&body));
    let context = move || {
        context();
        provide_context(form_user);
        provide_context(saved_form.clone());
    };
    let request = Request::from_parts(parts, Body::from(body));
    leptos_axum::handle_server_fns_with_context(context, request).await.into_response()
}

/// What every page and server function needs from the server.
fn context(state: &AppState) -> impl Fn() + Clone + Send + Sync + 'static + use<> {
    let (engine, secure_cookies) = (state.engine.clone(), state.secure_cookies());
    move || {
        provide_context(engine.clone());
        provide_context(secure_cookies);
    }
}
