//! A server process.

use super::processes::{free_address, resident_bytes, signal};
use crate::error::Result;
use rustix::process::Signal;
use std::{
    fs::File,
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::time::{Instant, sleep};

/// Debian's libfaketime. The dynamic linker replaces `$LIB` by the directory of the architecture.
const LIBFAKETIME: &str = "/usr/$LIB/faketime/libfaketime.so.1";
/// Seconds for which a server that shuts down still serves: the balancer notices, and clients use every connection once
/// more, with which it is closed.
const SHUTDOWN_DELAY_S: u64 = 3;
/// How many bids of a campaign may wait in a server.
const BID_QUEUE_MAX: usize = 100;
/// How long a server may take to end after SIGTERM.
const STOP_MAX: Duration = Duration::from_secs(30);

/// What a server is started with.
pub struct ServerSettings {
    /// The binary.
    pub binary: PathBuf,
    /// PostgreSQL, through a proxy.
    pub database_url: String,
    /// Whether `PgBouncer` is between.
    pub database_is_pooled: bool,
    /// Redis, through a proxy.
    pub redis_url: String,
    /// Signs the tokens of sessions.
    pub jwt_secret: String,
    /// The files of pages, which nobody asks for.
    pub site_root: PathBuf,
    /// The file for its log.
    pub log: PathBuf,
    /// How many connections it may have, if not as many as usual.
    pub connections_max: Option<usize>,
}

impl ServerSettings {
    /// Runs `gavel migrate` on the database at a URL.
    pub async fn migrate(&self, database_url: &str) -> Result<()> {
        let mut migrate = self.command("migrate")?;
        let mut process = migrate.env("DATABASE_URL", database_url).env("DATABASE_POOLED", "false").spawn()?;
        let status = tokio::task::spawn_blocking(move || process.wait()).await??;
        if status.success() { Ok(()) } else { Err(format!("gavel migrate: {status}").into()) }
    }

    fn command(&self, subcommand: &str) -> Result<Command> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let mut command = Command::new(&self.binary);
        command.arg(subcommand).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        command.env("DATABASE_URL", &self.database_url).env("REDIS_URL", &self.redis_url);
        command.env("DATABASE_POOLED", self.database_is_pooled.to_string()).env("NO_COLOR", "1");
        Ok(command)
    }
}

/// A server, whose process may end and start again at the same addresses.
pub struct Server {
    /// What it is started with.
    pub settings: ServerSettings,
    /// Where clients reach it.
    pub address: SocketAddr,
    /// Where the balancer asks whether it is ready.
    pub management: SocketAddr,
    process: Option<Child>,
}

impl Server {
    /// Starts it.
    pub fn start(settings: ServerSettings) -> Result<Self> {
        let mut server = Self { settings, address: free_address(), management: free_address(), process: None };
        server.launch(None)?;
        Ok(server)
    }

    /// Kills it.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Freezes it.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    /// Asks it to shut down and waits until it has; killed if it does not.
    pub async fn terminate(&mut self) -> Result<()> {
        self.signal(Signal::TERM);
        let began = Instant::now();
        while let Some(process) = &mut self.process {
            if process.try_wait()?.is_some() {
                self.process = None;
            } else if began.elapsed() > STOP_MAX {
                self.kill();
                return Err("a server did not end after SIGTERM".into());
            } else {
                sleep(Duration::from_millis(20)).await;
            }
        }
        Ok(())
    }

    /// Starts it, if it is not running. `clock` is libfaketime's offset of its machine's clock.
    pub fn launch(&mut self, clock: Option<&str>) -> Result<()> {
        let mut command = self.settings.command("serve")?;
        command.env("HOST", self.address.ip().to_string()).env("PORT", self.address.port().to_string());
        command.env("MANAGEMENT_PORT", self.management.port().to_string());
        command.env("JWT_SECRET", &self.settings.jwt_secret).env("GAVEL_SITE_ROOT", &self.settings.site_root);
        command.env("GAVEL_ENV", "production").env("DEMO_CROWD", "false").env("RUST_LOG", "info");
        command.env("SHUTDOWN_DELAY_SECONDS", SHUTDOWN_DELAY_S.to_string());
        command.env("BID_QUEUE_MAX", BID_QUEUE_MAX.to_string());
        // All clients share one address.
        command.env("USER_REQUESTS_PER_SECOND", "100000").env("ADDRESS_REQUESTS_PER_SECOND", "100000");
        if let Some(max) = self.settings.connections_max {
            command.env("CONNECTIONS_MAX", max.to_string());
        }
        if let Some(offset) = clock {
            command.env("LD_PRELOAD", LIBFAKETIME).env("FAKETIME", offset).env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
        self.process = Some(command.spawn()?);
        Ok(())
    }

    /// Lets it go on if it stands still, and starts it if it has ended.
    pub fn ensure_running(&mut self) -> Result<()> {
        self.thaw();
        let running = match &mut self.process {
            Some(process) => process.try_wait()?.is_none(),
            None => false,
        };
        if running { Ok(()) } else { self.launch(None) }
    }

    /// Whether it ended although nobody made it.
    pub fn has_crashed(&mut self) -> bool {
        self.process.as_mut().is_some_and(|process| !matches!(process.try_wait(), Ok(None)))
    }

    /// Its memory in bytes.
    pub fn resident_bytes(&self) -> u64 {
        self.process.as_ref().and_then(|process| resident_bytes(process.id())).unwrap_or_default()
    }

    fn signal(&self, what: Signal) {
        if let Some(process) = &self.process {
            signal(process.id(), what);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Whether a server can be given a wrong clock.
pub fn has_libfaketime() -> bool {
    let lib = std::fs::read_dir("/usr/lib").into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    lib.map(|directory| directory.join("faketime/libfaketime.so.1")).any(|library| library.exists())
}
