//! A server on a free port, and clients that hold every answer to the wire's conventions.

use clap::Parser;
use domain::{CampaignId, api::accounts::User, validated::Password, websocket::ServerEvent};
use engine::Engine;
use futures_util::{SinkExt, StreamExt};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use reqwest::RequestBuilder;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use server::{
    config::{Cli, Command, ServerConfig},
    lifecycle,
};
use std::{net::SocketAddr, ops::Deref, sync::Arc, time::Duration};
use testkit::{PASSWORD, Stores, World};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::timeout,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest, protocol::frame::coding::CloseCode},
};
use tokio_util::sync::CancellationToken;

/// An id that nothing has.
pub const NOBODY: &str = "00000000-0000-7000-8000-000000000000";
/// What has not arrived by then never will.
const PATIENCE: Duration = Duration::from_secs(20);

/// A serving process on stores of its own, under a clock that tests turn.
pub struct Server {
    pub world: World,
    process: Process,
}

/// A serving process, within the test's own.
pub struct Process {
    site: Site,
    stop: CancellationToken,
    running: JoinHandle<Result<(), String>>,
}

/// Where something serves.
pub struct Site {
    pub address: SocketAddr,
    http: reqwest::Client,
}

impl Server {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// A server with flags of `gavel serve`.
    pub async fn start_with(flags: &[&str]) -> Self {
        let world = World::new().await;
        let process = Process::start(&world, world.engine.clone(), flags).await;
        Self { world, process }
    }

    /// Another process on the same stores.
    pub async fn another_process(&self) -> Process {
        let engine = self.world.another_process().await;
        engine.start();
        self.process_of(engine).await
    }

    /// A process around an engine on the same stores.
    pub async fn process_of(&self, engine: Engine) -> Process {
        Process::start(&self.world, engine, &[]).await
    }

    /// A new member, signed in.
    pub async fn member(&self, name: &str) -> Member {
        let user = self.world.member(name).await;
        self.sign_in(user).await
    }

    /// The admin, signed in.
    pub async fn admin(&self) -> Member {
        self.sign_in(Arc::new(self.world.admin.clone())).await
    }

    /// Runs a statement past the server.
    pub async fn sql(&self, statement: &'static str) {
        sqlx::query(statement).execute(&self.world.pool).await.expect("the statement runs");
    }

    async fn sign_in(&self, user: Arc<User>) -> Member {
        let password = Password::claimed(PASSWORD).expect("a password");
        let session = self.world.engine.accounts.sign_in(&user.email, &password).await.expect("signs in");
        let token = session.token.expose_secret().to_owned();
        Member { client: self.with_token(&token), user, token }
    }
}

impl Deref for Server {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.process
    }
}

impl Process {
    async fn start(world: &World, engine: Engine, flags: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let stop = CancellationToken::new();
        let running = lifecycle::run(listener, engine, config(&world.stores, flags), stop.clone().cancelled_owned());
        Self { site: Site::at(address), running: tokio::spawn(running), stop }
    }

    /// Tells the process to stop, without waiting for it.
    pub fn tell_to_stop(&self) {
        self.stop.cancel();
    }

    /// Whether the process is still there.
    pub fn is_running(&self) -> bool {
        !self.running.is_finished()
    }
}

impl Deref for Process {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

impl Site {
    /// What serves at an address.
    pub fn at(address: SocketAddr) -> Self {
        let http = reqwest::Client::builder().timeout(PATIENCE).no_proxy().redirect(reqwest::redirect::Policy::none());
        Self { address, http: http.build().expect("a client") }
    }

    /// The address as browsers name it.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A client that is not signed in.
    pub fn anyone(&self) -> Client {
        Client { http: self.http.clone(), origin: self.origin(), token: None }
    }

    /// A client with a bearer token.
    pub fn with_token(&self, token: &str) -> Client {
        Client { token: Some(token.to_owned()), ..self.anyone() }
    }

    /// A bare connection.
    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("connects")
    }

    /// Sends bytes as they are, and returns everything up to the end of the connection.
    pub async fn raw(&self, request: &[u8]) -> String {
        let mut stream = self.connect().await;
        stream.write_all(request).await.expect("sends");
        read_to_end(&mut stream).await
    }

    /// Opens the live feed as a spectator.
    pub async fn watch(&self, campaign: CampaignId) -> Socket {
        self.open(&format!("/ws/{campaign}"), &[]).await.expect("opens")
    }

    /// Opens the live feed with a token in the query.
    pub async fn watch_as(&self, campaign: CampaignId, token: &str) -> Socket {
        self.open(&format!("/ws/{campaign}?token={token}"), &[]).await.expect("opens")
    }

    /// Opens a websocket; or the answer that refuses it.
    pub async fn open(&self, path: &str, headers: &[(header::HeaderName, &str)]) -> Result<Socket, Answer> {
        let mut request = format!("ws://{}{path}", self.address).into_client_request().expect("a request");
        for (name, value) in headers {
            request.headers_mut().insert(name, HeaderValue::from_str(value).expect("a header"));
        }
        match patiently("an answer to the handshake", connect_async(request)).await {
            Ok((stream, _)) => Ok(Socket { stream, version: 0 }),
            Err(tungstenite::Error::Http(response)) => {
                let (head, body) = response.into_parts();
                let text = String::from_utf8(body.unwrap_or_default()).expect("a text");
                Err(Answer { status: head.status, headers: head.headers, text })
            }
            Err(error) => panic!("no websocket: {error}"),
        }
    }
}

/// The arguments of `gavel serve` for these stores, on a free port, without the browser's files.
pub fn arguments(stores: &Stores) -> Vec<String> {
    let site_root = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("site");
    std::fs::create_dir_all(site_root.join("pkg")).expect("a site without files");
    std::fs::write(site_root.join("hash.txt"), "js: 1\nwasm: 1\ncss: 1\n").expect("a site");
    let site_root = site_root.to_str().expect("a path");
    let config = stores.config();
    let pooled = config.database_pooled.to_string();
    let options = [
        ("--port", "0"),
        ("--site-root", site_root),
        ("--jwt-secret", config.jwt_secret.expose_secret()),
        ("--database-url", config.database_url.expose_secret()),
        ("--database-pooled", &pooled),
        ("--redis-url", &stores.redis_url),
        ("--redis-prefix", &stores.redis_prefix),
    ];
    let options = options.iter().flat_map(|(name, value)| [(*name).to_owned(), (*value).to_owned()]);
    ["serve".to_owned()].into_iter().chain(options).collect()
}

fn config(stores: &Stores, flags: &[&str]) -> ServerConfig {
    let flags = flags.iter().map(|flag| (*flag).to_owned());
    let command_line = ["gavel".to_owned()].into_iter().chain(arguments(stores)).chain(flags);
    match Cli::try_parse_from(command_line).expect("the flags are right").command {
        Command::Serve(config) => {
            config.check().expect("the configuration is sound");
            *config
        }
        _ => unreachable!("the command is serve"),
    }
}

/// Everything up to the end of the connection.
pub async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset after the answer is an end too.
    let _ = patiently("the end of the connection", stream.read_to_end(&mut bytes)).await;
    String::from_utf8(bytes).expect("a text")
}

/// Waits for something, but not for ever, whatever else may come meanwhile.
async fn patiently<T>(what: &str, wanted: impl Future<Output = T>) -> T {
    timeout(PATIENCE, wanted).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

/// A signed-in user and their client.
pub struct Member {
    pub user: Arc<User>,
    pub token: String,
    client: Client,
}

impl Deref for Member {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// Sends requests, with a bearer token or without.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    origin: String,
    token: Option<String>,
}

impl Client {
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.origin));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::PATCH, path).json(&body)).await
    }

    /// Posts a body as it is.
    pub async fn post_bytes(&self, path: &str, body: impl Into<reqwest::Body>) -> Answer {
        send(self.request(Method::POST, path).body(body)).await
    }

    /// Bids in a campaign.
    pub async fn bid(&self, campaign: CampaignId, price: impl Into<Value>) -> Answer {
        self.post("/api/v1/bids", json!({ "campaign_id": campaign, "price": price.into() })).await
    }

    /// Signs in.
    pub async fn sign_in(&self, email: &str, password: &str) -> Answer {
        self.post("/api/v1/auth/login", json!({ "email": email, "password": password })).await
    }
}

/// Sends a request.
pub async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status(), response.headers().clone());
    let answer = Answer { status, headers, text: response.text().await.expect("a text") };
    assert_eq!(answer.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    answer
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    /// A header's text, empty without the header.
    pub fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a text"))
    }

    /// The JSON body of an answer with this status.
    pub fn json(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header(header::CONTENT_TYPE), "application/json");
        serde_json::from_str(&self.text).expect("JSON")
    }

    /// The body of a refusal with this status and code, in the form every refusal has.
    pub fn refused(&self, status: u16, code: &str) -> Value {
        let body = self.json(status);
        assert_eq!(body["code"], code, "{body}");
        assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{body}");
        let expected = if status == 401 { "Bearer" } else { "" };
        assert_eq!(self.header(header::WWW_AUTHENTICATE), expected, "{body}");
        if matches!(status, 429 | 503) {
            assert!(body["retry_after_ms"].as_u64().is_some_and(|ms| ms > 0), "{body}");
            assert!(self.header(header::RETRY_AFTER).parse::<u64>().is_ok_and(|seconds| seconds > 0), "{body}");
        }
        body
    }

    /// The field of a 422 that names one.
    pub fn invalid_field(&self) -> String {
        let body = self.refused(422, "VALIDATION");
        let errors = body["errors"].as_array().expect("errors");
        assert_eq!(errors.len(), 1, "{body}");
        assert!(errors[0]["message"].as_str().is_some_and(|message| !message.is_empty()), "{body}");
        errors[0]["field"].as_str().expect("a field").to_owned()
    }
}

/// Insists that an object has all these fields, separated by blanks.
pub fn has_fields(object: &Value, fields: &str) {
    for field in fields.split_whitespace() {
        assert!(object.get(field).is_some(), "no {field} in {object}");
    }
}

/// One field of each element of a list.
pub fn column(list: &Value, field: &str) -> Vec<Value> {
    list.as_array().expect("a list").iter().map(|row| row[field].clone()).collect()
}

/// An open websocket.
#[derive(Debug)]
pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// The newest version seen.
    version: u64,
}

impl Socket {
    pub async fn send(&mut self, text: &str) {
        self.stream.send(Message::text(text)).await.expect("sends");
    }

    /// Pings as the protocol has it, and waits for the answer.
    pub async fn protocol_ping(&mut self) {
        let payload = "still there?".as_bytes();
        self.stream.send(Message::Ping(payload.into())).await.expect("sends");
        let answered = async {
            while self.message().await.expect("a message").expect("no error") != Message::Pong(payload.into()) {}
        };
        patiently("a pong", answered).await;
    }

    /// The data of the next event of this name; others are passed over.
    pub async fn event(&mut self, name: &str) -> Value {
        self.event_where(name, |_| true).await
    }

    /// The data of the next event of this name that is as wanted.
    pub async fn event_where(&mut self, name: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        patiently(name, self.find_event(name, wanted)).await
    }

    async fn find_event(&mut self, name: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let text = self.text().await;
            let Ok(mut frame) = serde_json::from_str::<Value>(&text) else { continue };
            if frame["event"] == "ranking_update" {
                let version = frame["data"]["version"].as_u64().expect("a version");
                assert!(version >= self.version, "the version goes back: {frame}");
                self.version = version;
            }
            if frame["event"] == name && wanted(&frame["data"]) {
                return frame["data"].take();
            }
        }
    }

    /// The next event, whatever it is.
    pub async fn server_event(&mut self) -> ServerEvent {
        loop {
            if let Ok(event) = serde_json::from_str(&self.text().await) {
                return event;
            }
        }
    }

    /// The ranking once this many take part.
    pub async fn ranking_of(&mut self, participants: u64) -> Value {
        self.event_where("ranking_update", |data| data["total_participants"] == participants).await
    }

    /// The next text that is no event.
    pub async fn plain_text(&mut self) -> String {
        let found = async {
            loop {
                let text = self.text().await;
                if !text.starts_with('{') {
                    return text;
                }
            }
        };
        patiently("a plain text", found).await
    }

    /// Reads until the server closes; the close code, if it told one.
    pub async fn close_code(mut self) -> Option<CloseCode> {
        let closed = async {
            loop {
                match self.message().await {
                    Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return None,
                }
            }
        };
        patiently("the end of the socket", closed).await
    }

    async fn text(&mut self) -> String {
        loop {
            match self.message().await {
                Some(Ok(Message::Text(text))) => return text.to_string(),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("no text but {other:?}"),
            }
        }
    }

    async fn message(&mut self) -> Option<Result<Message, tungstenite::Error>> {
        self.stream.next().await
    }
}
