//! The state that all request handlers share.

use crate::{
    config::ServerConfig, http::connection_limits::ConnectionLimits, request_rate_limits::RateLimits,
    shutdown::Shutdown, store_health_cache::StoreHealth,
};
use axum::extract::FromRef;
use engine::{Engine, ThreadPool, Urgency};
use leptos::config::LeptosOptions;
use std::{ops::Deref, sync::Arc};
use web::cookie_headers::SecureCookies;

/// Cores per thread that writes to websockets.
const CORES_PER_FEED_THREAD: usize = 2;

/// A shared handle of the state. axum clones it several times per request, which only increments a reference count.
#[derive(Clone)]
pub struct AppState(Arc<StateFields>);

/// The fields of [`AppState`], which dereferences to them.
pub struct StateFields {
    /// The bidding core.
    pub engine: Engine,
    /// The configuration of the process.
    pub config: ServerConfig,
    /// Where pages find the bundles.
    pub leptos: LeptosOptions,
    /// Rate limits of requests.
    pub rate_limits: Arc<RateLimits>,
    /// The open connections and their limits.
    pub connections: ConnectionLimits,
    /// The health of the stores.
    pub health: Arc<StoreHealth>,
    /// The progress of a graceful shutdown.
    pub shutdown: Shutdown,
    /// Threads that write to websockets, at low priority: a frame for all of them must not delay requests, least of all
    /// bids.
    pub feed_threads: ThreadPool,
}

impl AppState {
    /// The state at the start of a process. Fails if the system cannot create threads.
    pub fn new(engine: Engine, config: ServerConfig) -> engine::Result<Self> {
        let leptos = LeptosOptions::builder()
            .output_name("gavel")
            .site_root(config.site_root.to_string_lossy())
            .site_pkg_dir("pkg")
            .hash_files(true)
            // An absolute path: leptos resolves relative ones against the executable's directory.
            .hash_file(hash_file(&config))
            .build();
        Ok(Self(Arc::new(StateFields {
            engine,
            rate_limits: Arc::new(RateLimits::new(&config)),
            connections: ConnectionLimits::new(&config),
            config,
            leptos,
            health: Arc::default(),
            shutdown: Shutdown::default(),
            feed_threads: ThreadPool::start("feed", CORES_PER_FEED_THREAD, Urgency::Low)?,
        })))
    }

    /// Whether cookies require HTTPS.
    pub fn secure_cookies(&self) -> SecureCookies {
        SecureCookies(self.config.secure_cookies())
    }
}

impl Deref for AppState {
    type Target = StateFields;

    fn deref(&self) -> &StateFields {
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

fn hash_file(config: &ServerConfig) -> Arc<str> {
    let file = config.site_root.join("hash.txt");
    file.canonicalize().unwrap_or(file).to_string_lossy().into()
}
