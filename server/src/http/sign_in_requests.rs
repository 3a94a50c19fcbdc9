//! Which requests sign in or register: they count against the limits of such attempts.

use engine::AttemptKind;
use http::{Method, request::Parts};

/// What a request attempts, by its method and path, whether it comes from the API or from a page's form.
pub fn attempt_kind(request: &Parts) -> Option<AttemptKind> {
    if request.method != Method::POST {
        return None;
    }
    match request.uri.path() {
        "/api/v1/auth/login" | "/api/ui/sign_in" | "/api/ui/sign_in_with_code" => Some(AttemptKind::SignIn),
        "/api/v1/auth/register" | "/api/ui/register" => Some(AttemptKind::Register),
        _ => None,
    }
}
