//! Redis servers that belong to one test, which may empty, stop or freeze them.

use crate::wait::eventually;
use redis::{FromRedisValue, aio::MultiplexedConnection};
use std::{
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

/// How many free ports are tried, because another process may take one first.
const STARTS_MAX: usize = 5;
/// Hash slots of a cluster.
const SLOTS: u16 = 16_384;

/// A real `redis-server` on a free port of this machine. It stores nothing on disk, so it loses its data when it stops.
/// It is killed when dropped.
#[derive(Debug)]
pub struct RedisServer {
    port: u16,
    /// The port of the cluster bus of a node of a cluster.
    bus_port: Option<u16>,
    directory: PathBuf,
    process: Option<Child>,
}

impl RedisServer {
    /// Starts a server and waits until it answers.
    pub async fn start() -> Self {
        Self::on_free_ports(false).await
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills it, like a crash, and waits until it has ended.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("may be killed");
            process.wait().expect("ends");
        }
    }

    /// Stops it, if it is running, and starts it again on the same port, without data.
    pub async fn restart(&mut self) {
        self.stop();
        assert!(self.launch().await, "redis-server starts again on port {}", self.port);
    }

    /// Resumes it if it is frozen, and starts it without data if it has been stopped.
    pub async fn ensure_running(&mut self) {
        match self.process {
            Some(_) => self.resume(),
            None => assert!(self.launch().await, "redis-server starts again on port {}", self.port),
        }
    }

    /// Freezes it: connections stay open but get no answers.
    pub fn pause(&self) {
        self.signal("STOP");
    }

    /// Resumes it: what was sent meanwhile is executed.
    pub fn resume(&self) {
        self.signal("CONT");
    }

    /// Removes every key.
    pub async fn flush_all(&self) {
        let () = self.run(&["FLUSHALL"]).await;
    }

    /// A connection to it.
    pub async fn connection(&self) -> MultiplexedConnection {
        self.connect().await.expect("Redis answers")
    }

    async fn on_free_ports(clustered: bool) -> Self {
        for _ in 0..STARTS_MAX {
            let directory = std::env::temp_dir().join(format!("gavel-redis-{}", uuid::Uuid::new_v4().simple()));
            std::fs::create_dir_all(&directory).expect("a temporary directory");
            let bus_port = clustered.then(free_port);
            let mut server = Self { port: free_port(), bus_port, directory, process: None };
            // Another process may have taken the port meanwhile.
            if server.launch().await {
                return server;
            }
        }
        panic!("redis-server did not start");
    }

    /// Starts the process and returns whether it answers; otherwise it has ended.
    async fn launch(&mut self) -> bool {
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &self.port.to_string()]);
        command.args(["--save", "", "--appendonly", "no", "--daemonize", "no", "--dir"]).arg(&self.directory);
        if let Some(bus_port) = self.bus_port {
            command.args(["--cluster-enabled", "yes", "--cluster-port", &bus_port.to_string()]);
            command.args(["--cluster-config-file", "nodes.conf", "--cluster-node-timeout", "2000"]);
        }
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.process = Some(process.expect("redis-server is installed"));
        eventually("redis-server answers", async || {
            let ended = self.process.as_mut().is_none_or(|process| process.try_wait().expect("may be asked").is_some());
            if ended {
                return Some(false);
            }
            self.connect().await.is_some().then_some(true)
        })
        .await
    }

    async fn connect(&self) -> Option<MultiplexedConnection> {
        let client = redis::Client::open(self.url()).expect("a Redis URL");
        let mut connection = client.get_multiplexed_async_connection().await.ok()?;
        let alive: Result<String, _> = redis::cmd("PING").query_async(&mut connection).await;
        alive.ok().map(|_| connection)
    }

    async fn run<T: FromRedisValue>(&self, words: &[&str]) -> T {
        let mut command = redis::Cmd::new();
        for word in words {
            command.arg(*word);
        }
        command.query_async(&mut self.connection().await).await.expect("Redis does it")
    }

    fn signal(&self, signal: &str) {
        let process = self.process.as_ref().expect("it runs");
        let id = process.id().to_string();
        let sent = Command::new("kill").args([&format!("-{signal}"), &id]).status().expect("kill runs");
        assert!(sent.success(), "SIG{signal} was sent");
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            // The test is over either way.
            let _ = process.kill();
            let _ = process.wait();
        }
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// A Redis Cluster of three nodes.
#[derive(Debug)]
pub struct RedisCluster {
    nodes: Vec<RedisServer>,
}

impl RedisCluster {
    /// Starts the nodes, joins them and waits until each reports that the cluster is complete.
    pub async fn start() -> Self {
        let mut nodes = Vec::new();
        for _ in 0..3u16 {
            nodes.push(RedisServer::on_free_ports(true).await);
        }
        let share = SLOTS.div_ceil(3);
        for (n, node) in (0u16..).zip(&nodes) {
            let (first, last) = (n * share, ((n + 1) * share).min(SLOTS) - 1);
            let () = node.run(&["CLUSTER", "ADDSLOTSRANGE", &first.to_string(), &last.to_string()]).await;
            let () = node.run(&["CLUSTER", "SET-CONFIG-EPOCH", &(n + 1).to_string()]).await;
        }
        for node in &nodes[1..] {
            let (port, bus_port) = (node.port.to_string(), node.bus_port.unwrap_or_default().to_string());
            let () = nodes[0].run(&["CLUSTER", "MEET", "127.0.0.1", &port, &bus_port]).await;
        }
        for node in &nodes {
            eventually("the cluster is complete", async || {
                let info: String = node.run(&["CLUSTER", "INFO"]).await;
                let says = |line: &str| info.lines().any(|other| other == line);
                (says("cluster_state:ok") && says("cluster_slots_ok:16384") && says("cluster_known_nodes:3"))
                    .then_some(())
            })
            .await;
        }
        Self { nodes }
    }

    /// The addresses of all nodes, separated by commas, as in the configuration.
    pub fn url(&self) -> String {
        self.nodes.iter().map(RedisServer::url).collect::<Vec<_>>().join(",")
    }

    /// The nodes.
    pub fn nodes(&self) -> &[RedisServer] {
        &self.nodes
    }

    /// Removes every key of every node.
    pub async fn flush_all(&self) {
        for node in &self.nodes {
            node.flush_all().await;
        }
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("has an address").port()
}
