//! Servers within the test process, on free ports and stores of their own.

use super::{
    client::{Client, Member, Response},
    deadline::{DEADLINE, read_to_end},
    websocket::Websocket,
};
use clap::Parser;
use domain::{CampaignId, api::accounts::User, validated::Password};
use engine::{Engine, SignInSource};
use http::header::HeaderName;
use secrecy::ExposeSecret;
use server::{
    cli::{Cli, Command},
    config::ServerConfig,
    serve::{self, Listeners},
};
use std::{net::SocketAddr, ops::Deref, sync::Arc};
use testkit::{LOCALHOST, PASSWORD, Stores, World, eventually};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

/// A running server on stores of its own, with a clock that the test sets.
pub struct Server {
    pub world: World,
    process: ServerProcess,
}

/// What would be one process of `gavel serve`, as a task of the test.
pub struct ServerProcess {
    endpoint: Endpoint,
    /// The port for probes and metrics.
    pub management: Endpoint,
    shutdown: CancellationToken,
    running: JoinHandle<Result<(), String>>,
}

/// The address of a server, and clients for it.
pub struct Endpoint {
    pub address: SocketAddr,
    http: reqwest::Client,
}

impl Server {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// A server with these flags of `gavel serve`.
    pub async fn start_with(flags: &[&str]) -> Self {
        let world = World::new().await;
        let process = ServerProcess::start(&world, world.engine.clone(), flags).await;
        Self { world, process }
    }

    /// Another process on the same stores.
    pub async fn another_process(&self) -> ServerProcess {
        self.another_process_with(&[]).await
    }

    /// The same with these flags of `gavel serve`.
    pub async fn another_process_with(&self, flags: &[&str]) -> ServerProcess {
        let engine = self.world.another_process().await;
        engine.start();
        ServerProcess::start(&self.world, engine, flags).await
    }

    /// A process with this engine, which is on the same stores.
    pub async fn process_with(&self, engine: Engine) -> ServerProcess {
        ServerProcess::start(&self.world, engine, &[]).await
    }

    /// A new user, signed in.
    pub async fn member(&self, name: &str) -> Member {
        let user = self.world.member(name).await;
        self.sign_in(user).await
    }

    /// The admin, signed in.
    pub async fn admin(&self) -> Member {
        let recorded = async || {
            let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM audit_log WHERE action = 'user.sign_in'");
            count.fetch_one(&self.world.pool).await.expect("counts")
        };
        let before = recorded().await;
        let admin = self.sign_in(Arc::new(self.world.admin.clone())).await;
        // In the background; tests count entries.
        eventually("the sign-in is recorded", async || (recorded().await > before).then_some(())).await;
        admin
    }

    /// Runs a statement in the database, bypassing the server.
    pub async fn sql(&self, statement: &'static str) {
        sqlx::query(statement).execute(&self.world.pool).await.expect("the statement runs");
    }

    async fn sign_in(&self, user: Arc<User>) -> Member {
        let password = Password::claimed(PASSWORD).expect("a password");
        let source = SignInSource::at(LOCALHOST);
        let session = self.world.engine.accounts.sign_in(&user.email, &password, source).await.expect("signs in");
        Member::new(user, session.token.expose_secret().to_owned(), self.anonymous())
    }
}

impl Deref for Server {
    type Target = ServerProcess;

    fn deref(&self) -> &ServerProcess {
        &self.process
    }
}

impl ServerProcess {
    async fn start(world: &World, engine: Engine, flags: &[&str]) -> Self {
        let listen = async || TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = |listener: &TcpListener| Endpoint::at(listener.local_addr().expect("an address"));
        let (main, management) = (listen().await, listen().await);
        let (endpoint, management_endpoint) = (endpoint(&main), endpoint(&management));
        let listeners = Listeners { main, management: Some(management) };
        let shutdown = CancellationToken::new();
        let signal = shutdown.clone().cancelled_owned();
        let running = serve::run_until(signal, listeners, engine, config(&world.stores, flags));
        Self { endpoint, management: management_endpoint, running: tokio::spawn(running), shutdown }
    }

    /// Sends the shutdown signal, without waiting for the end.
    pub fn begin_shutdown(&self) {
        self.shutdown.cancel();
    }

    /// Whether the process has not ended yet.
    pub fn is_running(&self) -> bool {
        !self.running.is_finished()
    }
}

impl Deref for ServerProcess {
    type Target = Endpoint;

    fn deref(&self) -> &Endpoint {
        &self.endpoint
    }
}

impl Endpoint {
    /// The server at an address.
    pub fn at(address: SocketAddr) -> Self {
        let http = reqwest::Client::builder().timeout(DEADLINE).no_proxy().redirect(reqwest::redirect::Policy::none());
        Self { address, http: http.build().expect("a client") }
    }

    /// The origin that browsers send.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A client that is not signed in.
    pub fn anonymous(&self) -> Client {
        Client::new(self.http.clone(), self.origin())
    }

    /// A client with a bearer token.
    pub fn with_token(&self, token: &str) -> Client {
        self.anonymous().with_token(token)
    }

    /// A TCP connection.
    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("connects")
    }

    /// Sends bytes as they are, and returns everything up to the end of the connection.
    pub async fn send_raw(&self, request: &[u8]) -> String {
        let mut stream = self.connect().await;
        stream.write_all(request).await.expect("sends");
        read_to_end(&mut stream).await
    }

    /// Opens the live feed as a spectator.
    pub async fn watch(&self, campaign: CampaignId) -> Websocket {
        self.open(&format!("/ws/{campaign}"), &[]).await.expect("opens")
    }

    /// Opens the live feed with a token in the query.
    pub async fn watch_as(&self, campaign: CampaignId, token: &str) -> Websocket {
        self.open(&format!("/ws/{campaign}?token={token}"), &[]).await.expect("opens")
    }

    /// Opens a websocket, or returns the response that refuses it.
    pub async fn open(&self, path: &str, headers: &[(HeaderName, &str)]) -> Result<Websocket, Response> {
        Websocket::connect(&format!("ws://{}{path}", self.address), headers).await
    }
}

/// The arguments of `gavel serve` for these stores: on a free port, with an empty directory of browser files.
pub fn serve_arguments(stores: &Stores) -> Vec<String> {
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

/// The configuration of a server on these stores, with these flags of `gavel serve`.
pub fn config(stores: &Stores, flags: &[&str]) -> ServerConfig {
    let flags = flags.iter().map(|flag| (*flag).to_owned());
    let command_line = ["gavel".to_owned()].into_iter().chain(serve_arguments(stores)).chain(flags);
    match Cli::try_parse_from(command_line).expect("the flags are valid").command {
        Command::Serve(config) => {
            config.check().expect("the configuration is valid");
            *config
        }
        _ => unreachable!("the subcommand is serve"),
    }
}
