//! The browser's files: bundles under hashed names, kept for ever; pictures and icons, for an hour.

use crate::{api, state::AppState};
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

/// A bundle's name changes with its content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const AN_HOUR: &str = "public, max-age=3600";
/// Our files have far shorter paths. What a file system cannot even look for would be told as a fault of ours.
const PATH_BYTES_MAX: usize = 200;

/// Routes of the files in the site root; compressed copies made by the build are preferred.
pub fn router(site_root: &Path) -> Router<AppState> {
    let directory = |name| ServeDir::new(site_root.join(name)).precompressed_br().precompressed_gzip();
    let bundles = Router::new().nest_service("/pkg", directory("pkg")).layer(cached(FOR_EVER));
    let mut files = Router::new().nest_service("/img", directory("img"));
    for name in ["favicon.svg", "robots.txt"] {
        let file = ServeFile::new(site_root.join(name)).precompressed_br().precompressed_gzip();
        files = files.route_service(&format!("/{name}"), file);
    }
    bundles.merge(files.layer(cached(AN_HOUR))).layer(from_fn(refuse_long))
}

async fn refuse_long(request: Request, next: Next) -> Response {
    if request.uri().path().len() > PATH_BYTES_MAX {
        return api::not_found().await.into_response();
    }
    next.run(request).await
}

fn cached(policy: &'static str) -> SetResponseHeaderLayer<impl Fn(&Response) -> Option<HeaderValue> + Clone> {
    // A missing file is not to be remembered as missing.
    SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, move |response: &Response| {
        response.status().is_success().then(|| HeaderValue::from_static(policy))
    })
}
