//! Static files for the browser. Bundles have hashed names and are cached forever; pictures and icons for an hour.

use crate::{http::fallbacks::not_found, state::AppState};
use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use std::path::Path;
use tower_http::{
    services::{ServeDir, ServeFile},
    set_header::SetResponseHeaderLayer,
};

/// For bundles: their names change with their content.
const CACHE_FOREVER: &str = "public, max-age=31536000, immutable";
/// For files whose names stay the same.
const CACHE_ONE_HOUR: &str = "public, max-age=3600";
/// Longer paths are refused as not found: the file system rejects names over 255 bytes, which would be reported as a
/// server error. Our files have far shorter paths.
const PATH_BYTES_MAX: usize = 200;

/// Routes of the files in the site root. Copies that the build has compressed are preferred.
pub fn router(site_root: &Path) -> Router<AppState> {
    let directory = |name| ServeDir::new(site_root.join(name)).precompressed_br().precompressed_gzip();
    let bundles = Router::new().nest_service("/pkg", directory("pkg")).layer(cache_control(CACHE_FOREVER));
    let mut files = Router::new().nest_service("/img", directory("img"));
    for name in ["favicon.svg", "robots.txt"] {
        let file = ServeFile::new(site_root.join(name)).precompressed_br().precompressed_gzip();
        files = files.route_service(&format!("/{name}"), file);
    }
    bundles.merge(files.layer(cache_control(CACHE_ONE_HOUR))).layer(from_fn(refuse_long_path))
}

async fn refuse_long_path(request: Request, next: Next) -> Response {
    if request.uri().path().len() > PATH_BYTES_MAX {
        return not_found().await.into_response();
    }
    next.run(request).await
}

fn cache_control(policy: &'static str) -> SetResponseHeaderLayer<impl Fn(&Response) -> Option<HeaderValue> + Clone> {
    // Only for files that exist: browsers must not cache a 404.
    SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, move |response: &Response| {
        response.status().is_success().then(|| HeaderValue::from_static(policy))
    })
}
