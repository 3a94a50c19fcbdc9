//! What must hold of every request, whatever its bytes: it is answered, and not by an error of the server. The fuzz target
//! `requests` looks for bytes that break this; `http/fuzz_corpus.rs` replays what is worth keeping.

use axum::{Router, body::Body};
use domain::validated::Password;
use engine::SignInSource;
use http::{Request, StatusCode};
use secrecy::ExposeSecret;
use server::{config::ServerConfig, router, state::AppState};
use std::time::Duration;
use testkit::{LOCALHOST, PASSWORD, World};
use tower::ServiceExt;

/// More headers than that are refused before the router sees them.
const HEADERS_MAX: usize = 100;
/// A request that takes longer has no answer.
const ANSWER_MAX: Duration = Duration::from_secs(20);

/// The routes of a server on stores of its own, with an admin, a member, a product and a campaign.
pub struct Target {
    router: Router,
    /// What stands in an input for what is different each time.
    names: Vec<(&'static str, String)>,
    _world: World,
}

impl Target {
    pub async fn new(world: World, config: ServerConfig) -> Self {
        let member = world.member("ann").await;
        let (admin, member) = (token(&world, &world.admin.email).await, token(&world, &member.email).await);
        let product = world.product(5).await;
        let campaign = world.campaign(&product, 2).await;
        let names = vec![
            ("{ADMIN}", admin),
            ("{MEMBER}", member),
            ("{PRODUCT}", product.product_id.to_string()),
            ("{CAMPAIGN}", campaign.to_string()),
        ];
        let state = AppState::new(world.engine.clone(), config).expect("threads");
        Self { router: router::router(state), names, _world: world }
    }

    /// Sends a request as it would arrive in a connection: its head, an empty line, its body.
    pub async fn check(&self, data: &[u8]) {
        let Some(request) = self.request(data) else { return };
        let answered = tokio::time::timeout(ANSWER_MAX, async {
            let response = self.router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
            let (head, body) = response.into_parts();
            (head.status, axum::body::to_bytes(body, usize::MAX).await.expect("a whole body"))
        });
        let (status, body) = answered.await.expect("an answer");
        let is_error = status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE;
        assert!(!is_error, "{status}: {}", String::from_utf8_lossy(&body));
    }

    /// The request, unless hyper would refuse it.
    fn request(&self, data: &[u8]) -> Option<Request<Body>> {
        let text = String::from_utf8_lossy(data);
        let text = self.names.iter().fold(text.into_owned(), |text, (name, value)| text.replace(name, value));
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut head = httparse::Request::new(&mut headers);
        let httparse::Status::Complete(length) = head.parse(text.as_bytes()).ok()? else { return None };
        let mut request = Request::builder().method(head.method?).uri(head.path?);
        for header in head.headers.iter() {
            request = request.header(header.name, header.value);
        }
        request.body(Body::from(text.as_bytes()[length..].to_vec())).ok()
    }
}

async fn token(world: &World, email: &str) -> String {
    let password = Password::claimed(PASSWORD).expect("a password");
    let session = world.engine.accounts.sign_in(email, &password, SignInSource::at(LOCALHOST)).await;
    session.expect("signs in").token.expose_secret().to_owned()
}
