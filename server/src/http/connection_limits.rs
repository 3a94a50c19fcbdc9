//! How many connections may be open: in all, from one network, and as websockets of one user. Otherwise a single client
//! could take every place.

use crate::config::ServerConfig;
use domain::UserId;
use prometheus::{IntCounterVec, IntGauge, register_int_counter_vec, register_int_gauge};
use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use web::client_network::ClientNetwork;

/// A process with less than this share of its connections left reports itself as not ready, so that load balancers send
/// new clients elsewhere before any is turned away.
const RESERVED_SHARE: usize = 20;

/// Connections and websockets that were turned away.
static REFUSED: LazyLock<IntCounterVec> = LazyLock::new(|| {
    let help = "Connections and websockets refused because too many were open";
    register_int_counter_vec!("connections_refused_total", help, &["limit"]).expect("metric names are unique")
});

/// Open connections, and how many there may be; see [`ConnectionLimits::export`].
static GAUGES: LazyLock<[IntGauge; 2]> = LazyLock::new(|| {
    let gauge = |name, help| register_int_gauge!(name, help).expect("metric names are unique");
    [gauge("connections_open", "Open connections, including websockets"), gauge("connections_max", "CONNECTIONS_MAX")]
});

/// The limits of one process, and what is open.
pub struct ConnectionLimits {
    /// The limit on all connections, in the metrics.
    name: &'static str,
    all: Arc<Semaphore>,
    max: usize,
    networks: Arc<KeyedLimit<ClientNetwork>>,
    users: Arc<KeyedLimit<UserId>>,
}

/// Counts a connection as open until the last clone is dropped. The listener attaches it to every request, so that a
/// websocket, which outlives the HTTP connection it was upgraded from, can keep it.
#[derive(Clone, Debug)]
pub struct ConnectionPermit(#[expect(dead_code, reason = "held, not read")] Arc<PermitParts>);

type PermitParts = (OwnedSemaphorePermit, Option<KeyedPermit<ClientNetwork>>);

/// Counts a websocket as open until it is dropped.
#[derive(Debug)]
pub struct WebsocketPermit(
    #[expect(dead_code, reason = "held, not read")] (Option<KeyedPermit<UserId>>, Option<KeyedPermit<ClientNetwork>>),
);

impl ConnectionLimits {
    /// The configured limits.
    pub fn new(config: &ServerConfig) -> Self {
        let (max, of_network) = (config.connections_max, config.connections_per_network_max);
        Self::with("process", max, of_network, config.websockets_per_user_max)
    }

    /// The limits of the management port, which only operators use.
    pub fn of_management() -> Self {
        Self::with("management", 100, 100, 0)
    }

    fn with(name: &'static str, max: usize, of_network: usize, of_user: usize) -> Self {
        // Exported before the first refusal, so that the first is a change.
        for limit in [name, "network", "user"] {
            REFUSED.with_label_values(&[limit]);
        }
        let all = Arc::new(Semaphore::new(max));
        Self { name, all, max, networks: KeyedLimit::new(of_network), users: KeyedLimit::new(of_user) }
    }

    /// Admits a connection; `None` if too many are open. Those of trusted proxies carry many clients and are not counted
    /// by network.
    pub fn admit(&self, peer: IpAddr, is_proxy: bool) -> Option<ConnectionPermit> {
        let Ok(permit) = self.all.clone().try_acquire_owned() else { return refused(self.name) };
        let network = if is_proxy {
            None
        } else {
            let Some(network) = self.networks.acquire(ClientNetwork::of(peer)) else { return refused("network") };
            Some(network)
        };
        Some(ConnectionPermit(Arc::new((permit, network))))
    }

    /// Admits a websocket of a user, or of a spectator; `None` if too many are open. `forwarded_for` is the client's
    /// address if it connected through a proxy: proxies' connections are not counted by network, so websockets are.
    pub fn admit_websocket(&self, user: Option<UserId>, forwarded_for: Option<IpAddr>) -> Option<WebsocketPermit> {
        let user = match user.map(|user| self.users.acquire(user)) {
            Some(None) => return refused("user"),
            permit => permit.flatten(),
        };
        let network = match forwarded_for.map(|address| self.networks.acquire(ClientNetwork::of(address))) {
            Some(None) => return refused("network"),
            permit => permit.flatten(),
        };
        Some(WebsocketPermit((user, network)))
    }

    /// Writes the number of open connections, and its limit, into the metrics.
    pub fn export(&self) {
        let [open, max] = &*GAUGES;
        let gauge = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        open.set(gauge(self.max - self.all.available_permits()));
        max.set(gauge(self.max));
    }

    /// Whether so few connections are left that new clients should go elsewhere.
    pub fn is_nearly_full(&self) -> bool {
        self.all.available_permits() < self.max / RESERVED_SHARE
    }
}

fn refused<T>(limit: &str) -> Option<T> {
    REFUSED.with_label_values(&[limit]).inc();
    None
}

/// At most `max` permits per key at the same time.
struct KeyedLimit<K> {
    max: usize,
    open: Mutex<HashMap<K, usize>>,
}

struct KeyedPermit<K: Hash + Eq> {
    limit: Arc<KeyedLimit<K>>,
    key: K,
}

impl<K: Hash + Eq + Copy> KeyedLimit<K> {
    fn new(max: usize) -> Arc<Self> {
        Arc::new(Self { max, open: Mutex::default() })
    }

    fn acquire(self: &Arc<Self>, key: K) -> Option<KeyedPermit<K>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(key).or_default();
        if *count >= self.max {
            if *count == 0 {
                open.remove(&key);
            }
            return None;
        }
        *count += 1;
        Some(KeyedPermit { limit: self.clone(), key })
    }
}

impl<K: Hash + Eq> Drop for KeyedPermit<K> {
    fn drop(&mut self) {
        let mut open = self.limit.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.key);
            }
        }
    }
}

impl<K: Hash + Eq + std::fmt::Debug> std::fmt::Debug for KeyedPermit<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("KeyedPermit").field(&self.key).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_network_cannot_take_every_place() {
        let limits = ConnectionLimits::with("process", 3, 2, 1);
        let _first = limits.admit(ip("10.0.0.1"), false).expect("is admitted");
        let second = limits.admit(ip("::ffff:10.0.0.1"), false).expect("is admitted");
        assert!(limits.admit(ip("10.0.0.1"), false).is_none(), "the third of its network");
        let _other = limits.admit(ip("10.0.0.2"), false).expect("there is a place");
        assert!(limits.admit(ip("10.0.0.3"), false).is_none(), "all places are taken");
        drop(second);
        assert!(limits.admit(ip("10.0.0.1"), false).is_some(), "its place is free again");
    }

    #[test]
    fn clients_behind_a_proxy_count_by_their_own_network() {
        let limits = ConnectionLimits::with("process", 10, 1, 10);
        let proxy = [ip("10.0.0.1"); 3];
        let _connections = proxy.map(|proxy| limits.admit(proxy, true).expect("a proxy is not limited"));
        let _socket = limits.admit_websocket(None, Some(ip("192.0.2.1"))).expect("is admitted");
        assert!(limits.admit_websocket(None, Some(ip("192.0.2.1"))).is_none());
        assert!(limits.admit_websocket(None, Some(ip("192.0.2.2"))).is_some());
    }

    #[test]
    fn a_process_is_nearly_full_before_it_refuses_anyone() {
        let limits = ConnectionLimits::with("process", 20, 20, 0);
        let _open: Vec<_> = (0..19).map(|_| limits.admit(ip("10.0.0.1"), false).expect("is admitted")).collect();
        assert!(!limits.is_nearly_full(), "one is left");
        let _last = limits.admit(ip("10.0.0.1"), false).expect("is admitted");
        assert!(limits.is_nearly_full());
    }
}
