//! What every request handler shares.

use crate::{cached_health::CachedHealth, config::ServerConfig, http::rate_limit::RateLimits};
use app::cookies::SecureCookies;
use axum::extract::FromRef;
use engine::{Engine, ThreadPool, Urgency};
use leptos::config::LeptosOptions;
use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Cores per thread that writes to websockets.
const CORES_PER_FEED_THREAD: usize = 2;

/// Shared by all requests. A clone is one count: axum clones the state several times per request.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

/// What [`AppState`] gives access to.
pub struct Shared {
    /// The bidding core.
    pub engine: Engine,
    /// What the process was told at its start.
    pub config: ServerConfig,
    /// Where the pages find the browser's files.
    pub leptos: LeptosOptions,
    /// Request limits.
    pub limits: Arc<RateLimits>,
    /// The health of the stores.
    pub health: Arc<CachedHealth>,
    /// Where the process is in its life.
    pub lifecycle: Lifecycle,
    /// Where websockets are written: a frame for all of them must not keep requests waiting, and those who bid
    /// go before those who look.
    pub feed_threads: ThreadPool,
}

/// Where the process is in its life.
#[derive(Default)]
pub struct Lifecycle {
    draining: AtomicBool,
    /// Cancelled when websockets are to close.
    pub closing: CancellationToken,
    /// Every open websocket.
    pub sockets: TaskTracker,
}

impl AppState {
    /// The state of a fresh server. An error if the system gives it no threads.
    pub fn new(engine: Engine, config: ServerConfig) -> engine::Result<Self> {
        let leptos = LeptosOptions::builder()
            .output_name("gavel")
            .site_root(config.site_root.to_string_lossy())
            .site_pkg_dir("pkg")
            .hash_files(true)
            // An absolute path: leptos would look beside the executable.
            .hash_file(hash_file(&config))
            .build();
        Ok(Self(Arc::new(Shared {
            engine,
            limits: Arc::new(RateLimits::new(&config)),
            config,
            leptos,
            health: Arc::default(),
            lifecycle: Lifecycle::default(),
            feed_threads: ThreadPool::start("feed", CORES_PER_FEED_THREAD, Urgency::Low)?,
        })))
    }

    /// Whether cookies are for HTTPS only.
    pub fn secure_cookies(&self) -> SecureCookies {
        SecureCookies(self.config.secure_cookies())
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl FromRef<AppState> for Engine {
    fn from_ref(state: &AppState) -> Self {
        state.engine.clone()
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}

impl Lifecycle {
    /// Whether the process has been told to stop.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }

    /// From now on the process is not ready: load balancers are to look elsewhere.
    pub fn start_draining(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }
}

fn hash_file(config: &ServerConfig) -> Arc<str> {
    let file = config.site_root.join("hash.txt");
    file.canonicalize().unwrap_or(file).to_string_lossy().into()
}
