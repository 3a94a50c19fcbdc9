//! What every request handler shares.

use crate::{api::health::LastLook, config::ServerConfig, http::rate_limit::RateLimits};
use app::session::SecureCookies;
use axum::extract::FromRef;
use engine::Engine;
use leptos::config::LeptosOptions;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Shared by all requests; cheap to clone.
#[derive(Clone, FromRef)]
pub struct AppState {
    /// The bidding core.
    pub engine: Engine,
    /// What the process was told at its start.
    pub config: Arc<ServerConfig>,
    /// Where the pages find the browser's files.
    pub leptos: LeptosOptions,
    /// Request limits.
    pub limits: Arc<RateLimits>,
    /// What the stores said last.
    pub last_look: Arc<LastLook>,
    /// Where the process is in its life.
    pub lifecycle: Lifecycle,
}

/// Where the process is in its life.
#[derive(Clone, Default)]
pub struct Lifecycle {
    draining: Arc<AtomicBool>,
    /// Cancelled when websockets are to close.
    pub closing: CancellationToken,
    /// Every open websocket.
    pub sockets: TaskTracker,
}

impl AppState {
    /// The state of a fresh server.
    pub fn new(engine: Engine, config: ServerConfig) -> Self {
        let leptos = LeptosOptions::builder()
            .output_name("gavel")
            .site_root(config.site_root.to_string_lossy())
            .site_pkg_dir("pkg")
            .hash_files(true)
            // An absolute path: leptos would look beside the executable.
            .hash_file(hash_file(&config))
            .build();
        Self {
            engine,
            limits: Arc::new(RateLimits::new(&config)),
            config: Arc::new(config),
            leptos,
            last_look: Arc::default(),
            lifecycle: Lifecycle::default(),
        }
    }

    /// Whether cookies are for HTTPS only.
    pub fn secure_cookies(&self) -> SecureCookies {
        SecureCookies(self.config.secure_cookies())
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
