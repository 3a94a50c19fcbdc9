//! A TCP balancer: it asks every server whether it is ready, and gives each new connection to the next one that is.

use super::server::Server;
use crate::error::Result;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};

const PROBE_INTERVAL: Duration = Duration::from_millis(100);
const PROBE_TIMEOUT: Duration = Duration::from_millis(500);
/// Probes in a row that get no answer before a server counts as not ready. One that says so is believed at once.
const UNANSWERED_MAX: u32 = 3;

/// The balancer.
pub struct Balancer {
    address: SocketAddr,
    targets: Arc<Vec<Target>>,
}

struct Target {
    address: SocketAddr,
    management: SocketAddr,
    is_ready: AtomicBool,
}

impl Balancer {
    /// Listens on a free port.
    pub async fn before(servers: &[Server]) -> Result<Self> {
        let target = |server: &Server| Target {
            address: server.address,
            management: server.management,
            is_ready: AtomicBool::new(false),
        };
        let targets = Arc::new(servers.iter().map(target).collect::<Vec<_>>());
        let client = reqwest::Client::builder().timeout(PROBE_TIMEOUT).pool_max_idle_per_host(0).build()?;
        for n in 0..targets.len() {
            let (targets, client) = (targets.clone(), client.clone());
            tokio::spawn(async move { probe(&targets[n], &client).await });
        }
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let served = targets.clone();
        tokio::spawn(async move {
            let next = Arc::new(AtomicUsize::new(0));
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, served.clone(), next.clone()));
            }
        });
        Ok(Self { address, targets })
    }

    /// Where clients connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether all servers are ready.
    pub fn all_ready(&self) -> bool {
        self.targets.iter().all(|target| target.is_ready.load(Ordering::Relaxed))
    }

    /// Whether a server is.
    pub fn is_ready(&self, server: usize) -> bool {
        self.targets[server].is_ready.load(Ordering::Relaxed)
    }
}

async fn probe(target: &Target, client: &reqwest::Client) {
    let url = format!("http://{}/readyz", target.management);
    let mut unanswered = 0;
    loop {
        match client.get(&url).send().await {
            Ok(answer) => {
                unanswered = 0;
                target.is_ready.store(answer.status().is_success(), Ordering::Relaxed);
            }
            Err(error) => {
                unanswered += 1;
                if error.is_connect() || unanswered >= UNANSWERED_MAX {
                    target.is_ready.store(false, Ordering::Relaxed);
                }
            }
        }
        sleep(PROBE_INTERVAL).await;
    }
}

async fn serve(mut client: TcpStream, targets: Arc<Vec<Target>>, next: Arc<AtomicUsize>) {
    let _ = client.set_nodelay(true);
    let start = next.fetch_add(1, Ordering::Relaxed);
    let in_turn = (start..start + targets.len()).map(|n| &targets[n % targets.len()]);
    for target in in_turn.filter(|target| target.is_ready.load(Ordering::Relaxed)) {
        if let Ok(Ok(mut server)) = timeout(PROBE_TIMEOUT, TcpStream::connect(target.address)).await {
            let _ = server.set_nodelay(true);
            let _ = copy_bidirectional(&mut client, &mut server).await;
            return;
        }
    }
}
