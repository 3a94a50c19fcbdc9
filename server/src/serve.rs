//! A serving process from start to graceful shutdown.

use crate::{config::ServerConfig, listener, router, shutdown, state::AppState};
use engine::Engine;
use std::{net::SocketAddr, time::Duration};
use tokio::net::{TcpListener, TcpSocket};

/// Connections that may wait to be accepted; the kernel may allow fewer. When a crowd connects at once, a client whose
/// handshake is dropped retries only after a second.
const BACKLOG: u32 = 4096;

/// Serves until SIGTERM or SIGINT, then shuts down gracefully. Errors are for the operator.
pub async fn run(config: ServerConfig) -> Result<(), String> {
    config.check()?;
    let shutdown_signal = shutdown::signal()?;
    let address = SocketAddr::new(config.host, config.port);
    let listener = listen(address).map_err(|error| format!("cannot listen on {address}: {error}"))?;
    let engine = Engine::connect(config.engine()).await.map_err(|error| format!("cannot start: {error}"))?;
    if !engine.health().await.migrated {
        return Err("the database schema is not up to date; run: gavel migrate".to_owned());
    }
    engine.start();
    run_until(shutdown_signal, listener, engine, config).await
}

/// Serves until `shutdown_signal` resolves, then shuts down gracefully.
pub async fn run_until(
    shutdown_signal: impl Future<Output = ()>,
    listener: TcpListener,
    engine: Engine,
    config: ServerConfig,
) -> Result<(), String> {
    let state = AppState::new(engine.clone(), config).map_err(|error| error.to_string())?;
    let stop = &state.shutdown.stop_listening;
    let server = tokio::spawn(listener::serve(listener, router::router(state.clone()), state.clone(), stop.clone()));
    state.rate_limits.spawn_cleanup(stop.clone());

    shutdown_signal.await;
    let limit = Duration::from_secs(state.config.shutdown_limit_seconds);
    let delay = Duration::from_secs(state.config.shutdown_delay_seconds);
    if tokio::time::timeout(limit, state.shutdown.drain(delay, server, &engine)).await.is_ok() {
        tracing::info!("stopped");
    } else {
        tracing::warn!("stopped at the time limit, with requests still open");
    }
    Ok(())
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Otherwise a restart fails while connections of the previous process are in TIME_WAIT.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
