//! A TCP proxy that can delay, hold, lose and reset what passes through it.

use crate::error::Result;
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};
use socket2::SockRef;
use std::{net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    sync::watch,
    time::sleep,
};

const BUFFER_BYTES: usize = 16 * 1024;

/// What happens to packets.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub enum Traffic {
    /// They pass.
    #[default]
    Flows,
    /// They are late by this, and up to as much again.
    IsSlow(Duration),
    /// Those of the server pass, the answers wait.
    IsHalfOpen,
    /// All wait.
    Stands,
}

#[derive(Clone, Copy, Default)]
struct State {
    traffic: Traffic,
    /// Connections older than this are reset.
    reset: u64,
    /// On connections older than this, everything is lost, for good.
    vanished: u64,
    /// The number of the next connection.
    next: u64,
}

/// A proxy in front of one address.
pub struct Proxy {
    address: SocketAddr,
    state: watch::Sender<State>,
}

impl Proxy {
    /// Listens on a free port and passes everything on to `target`.
    pub async fn to(target: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let state = watch::Sender::new(State::default());
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let mut number = 0;
                shared.send_modify(|state| {
                    number = state.next;
                    state.next += 1;
                });
                tokio::spawn(relay(client, target, number, shared.subscribe()));
            }
        });
        Ok(Self { address, state })
    }

    /// Its address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What happens to packets from now on.
    pub fn set(&self, traffic: Traffic) {
        self.state.send_modify(|state| state.traffic = traffic);
    }

    /// Resets all connections.
    pub fn reset_all(&self) {
        self.state.send_modify(|state| state.reset = state.next);
    }

    /// Lets all connections die without a word.
    pub fn lose_all(&self) {
        self.state.send_modify(|state| state.vanished = state.next);
    }

    /// Lets packets pass again. Connections that have died stay dead.
    pub fn heal(&self) {
        self.set(Traffic::Flows);
    }
}

async fn relay(client: TcpStream, target: SocketAddr, number: u64, mut state: watch::Receiver<State>) {
    let Ok(server) = TcpStream::connect(target).await else {
        let _ = SockRef::from(&client).set_linger(Some(Duration::ZERO));
        return;
    };
    for stream in [&client, &server] {
        let _ = stream.set_nodelay(true);
    }
    let (client_reads, client_writes) = client.into_split();
    let (server_reads, server_writes) = server.into_split();
    let to_server = pump(client_reads, server_writes, false, number, state.clone());
    let to_client = pump(server_reads, client_writes, true, number, state.clone());
    let was_reset = async { state.wait_for(|state| number < state.reset).await.is_ok() };
    tokio::select! {
        // If both directions have ended, so has the connection.
        ((), ()) = async { tokio::join!(to_server, to_client) } => {}
        _ = was_reset => {}
    }
}

/// Copies one direction until its sender closes.
async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    is_answer: bool,
    number: u64,
    mut state: watch::Receiver<State>,
) {
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut jitter = Xoshiro256PlusPlus::seed_from_u64(number);
    loop {
        let read = from.read(&mut buffer).await.unwrap_or(0);
        let now = *state.borrow_and_update();
        if number < now.vanished {
            if read == 0 {
                // The other side never learns that this one has closed.
                return std::future::pending().await;
            }
            continue;
        }
        let passes = |state: &State| match state.traffic {
            Traffic::Flows | Traffic::IsSlow(_) => true,
            Traffic::IsHalfOpen => !is_answer,
            Traffic::Stands => false,
        };
        if let Traffic::IsSlow(delay) = now.traffic {
            sleep(delay + delay.mul_f64(jitter.random())).await;
        }
        match state.wait_for(passes).await {
            Ok(now) if number < now.vanished => continue,
            Ok(_) => {}
            Err(_) => return,
        }
        if read == 0 || to.write_all(&buffer[..read]).await.is_err() {
            // The other direction may go on; its sender learns that nobody reads any more.
            let _ = to.shutdown().await;
            return;
        }
    }
}
