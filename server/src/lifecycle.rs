//! The life of a serving process: start, serve, drain, stop.

use crate::{config::ServerConfig, listener, router, state::AppState};
use engine::Engine;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    net::{TcpListener, TcpSocket},
    signal::unix::SignalKind,
};
use tokio_util::sync::CancellationToken;

/// Connections that may wait to be accepted; the kernel may allow fewer. A crowd comes in one
/// moment, and whoever finds no place tries again only after a second.
const BACKLOG: u32 = 4096;

/// Runs until SIGTERM or SIGINT, and then until everyone is served.
pub async fn serve(config: ServerConfig) -> Result<(), String> {
    config.check()?;
    let told_to_stop = told_to_stop()?;
    let address = SocketAddr::new(config.host, config.port);
    let listener = listen(address).map_err(|error| format!("cannot listen on {address}: {error}"))?;
    let engine = Engine::connect(config.engine()).await.map_err(|error| format!("cannot start: {error}"))?;
    if !engine.health().await.migrated {
        return Err("the database schema is not up to date; run: gavel migrate".to_owned());
    }
    engine.start();
    run(listener, engine, config, told_to_stop).await
}

/// Serves until `told_to_stop`, then drains: not ready, no new connections, sockets told to
/// reconnect elsewhere, open requests and queued bids answered.
pub async fn run(
    listener: TcpListener,
    engine: Engine,
    config: ServerConfig,
    told_to_stop: impl Future<Output = ()>,
) -> Result<(), String> {
    let state = AppState::new(engine.clone(), config).map_err(|error| error.to_string())?;
    let stop = CancellationToken::new();
    let server = tokio::spawn(listener::serve(listener, router::router(state.clone()), state.clone(), stop.clone()));
    state.limits.spawn_cleaner(stop.clone());

    told_to_stop.await;
    let limit = Duration::from_secs(state.config.shutdown_limit_seconds);
    let drained = tokio::time::timeout(limit, async {
        state.lifecycle.start_draining();
        tracing::info!("draining");
        tokio::time::sleep(Duration::from_secs(state.config.shutdown_delay_seconds)).await;
        stop.cancel();
        state.lifecycle.closing.cancel();
        // Requests before the engine: they may still need it.
        let _ = server.await;
        state.lifecycle.sockets.close();
        state.lifecycle.sockets.wait().await;
        engine.shut_down().await;
    });
    if drained.await.is_ok() {
        tracing::info!("stopped");
    } else {
        tracing::warn!("stopped without waiting any longer");
    }
    Ok(())
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A restart must not wait until the kernel has forgotten the last connections.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Listens for the signals at once and comes true with the first of them.
fn told_to_stop() -> Result<impl Future<Output = ()>, String> {
    let signal = |kind| tokio::signal::unix::signal(kind).map_err(|error| error.to_string());
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
