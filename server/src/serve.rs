//! A serving process from start to graceful shutdown.

use crate::{
    config::{Environment, Networks, ServerConfig},
    demo_crowd,
    http::connection_limits::ConnectionLimits,
    listener, open_files, router,
    shutdown::{self, Shutdown},
    state::AppState,
};
use engine::Engine;
use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};
use tokio::net::{TcpListener, TcpSocket};

/// Connections that may wait to be accepted; the kernel may allow fewer. When a crowd connects at once, a client whose
/// handshake is dropped retries only after a second.
const BACKLOG: u32 = 4096;

/// Serves until SIGTERM or SIGINT, then shuts down gracefully. Errors are for the operator.
pub async fn run(config: ServerConfig) -> Result<(), String> {
    config.check()?;
    app::format::set_currency_symbol(config.currency_symbol.clone());
    open_files::raise_limit(config.connections_max);
    let shutdown_signal = shutdown::signal()?;
    let listeners = Listeners {
        main: listen(config.host, config.port)?,
        management: config.management_port.map(|port| listen(config.host, port)).transpose()?,
    };
    let engine = Engine::connect(config.engine()).await.map_err(|error| format!("cannot start: {error}"))?;
    if !engine.health().await.migrated {
        return Err("the database schema is not up to date; run: gavel migrate".to_owned());
    }
    if config.stores.environment == Environment::Production && has_demo_accounts(&engine).await? {
        return Err(
            "the database has demo accounts, whose passwords are public; production does not start with them. Set \
                    others with `gavel reset-password`, or use a database without demo data"
                .to_owned(),
        );
    }
    engine.start();
    run_until(shutdown_signal, listeners, engine, config).await
}

async fn has_demo_accounts(engine: &Engine) -> Result<bool, String> {
    let found = engine.demo_data.has_accounts().await;
    found.map_err(|error| format!("cannot start: {error}"))
}

/// Serves until `shutdown_signal` resolves, then shuts down gracefully.
pub async fn run_until(
    shutdown_signal: impl Future<Output = ()>,
    listeners: Listeners,
    engine: Engine,
    config: ServerConfig,
) -> Result<(), String> {
    let state = AppState::new(engine.clone(), config).map_err(|error| error.to_string())?;
    state.rate_limits.spawn_cleanup(state.shutdown.stop_listening.clone());
    if state.config.demo_crowd {
        let address = listeners.main.local_addr().map_err(|error| error.to_string())?;
        demo_crowd::start(address, &state.shutdown.draining);
    }
    let server = tokio::spawn({
        let state = state.clone();
        async move {
            let (router, proxies) = (router::router(state.clone()), &state.config.trusted_proxies);
            listener::serve(listeners.main, router, &state.connections, proxies, &state.shutdown).await;
        }
    });
    // Probes are answered until the process ends.
    let management = listeners.management.map(|listener| {
        let router = router::management_router(state.clone());
        tokio::spawn(async move {
            let limits = ConnectionLimits::of_management();
            listener::serve(listener, router, &limits, &Networks::default(), &Shutdown::default()).await;
        })
    });

    shutdown_signal.await;
    let limit = Duration::from_secs(state.config.shutdown_limit_seconds);
    let delay = Duration::from_secs(state.config.shutdown_delay_seconds);
    if tokio::time::timeout(limit, state.shutdown.drain(delay, server, &engine)).await.is_ok() {
        tracing::info!("stopped");
    } else {
        tracing::warn!("stopped at the time limit, with requests still open");
    }
    if let Some(management) = management {
        management.abort();
    }
    Ok(())
}

/// The sockets of a serving process.
pub struct Listeners {
    /// For everything.
    pub main: TcpListener,
    /// For probes and metrics only.
    pub management: Option<TcpListener>,
}

fn listen(host: IpAddr, port: u16) -> Result<TcpListener, String> {
    let address = SocketAddr::new(host, port);
    let listener = bind(address).map_err(|error| format!("cannot listen on {address}: {error}"))?;
    let address = listener.local_addr().unwrap_or(address);
    tracing::info!(%address, "listening");
    Ok(listener)
}

fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Otherwise a restart fails while connections of the previous process are in TIME_WAIT.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
