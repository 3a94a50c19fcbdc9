//! A PostgreSQL that belongs to the harness, which may kill and freeze it and fill its disk.

use super::processes::{free_address, signal, signal_family};
use crate::{error::Result, schedule::SERVERS};
use rustix::process::Signal;
use sqlx::{Connection, PgConnection};
use std::{
    fs::File,
    net::SocketAddr,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::time::{Instant, sleep};

/// Size of the disk, if it may have one of its own.
const DISK: &str = "size=1g";
/// The password of the servers' roles. PostgreSQL itself asks for none, `PgBouncer` does.
pub(super) const PASSWORD: &str = "gavel";
/// How long it may take to start, after a crash too.
const START_MAX: Duration = Duration::from_mins(1);
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = 128MB
wal_recycle = off
max_wal_size = 256MB
timezone = 'UTC'
";

/// The server and its data.
pub struct Postgres {
    programs: PathBuf,
    /// Where its data is; a file system of its own if `has_disk`.
    home: PathBuf,
    has_disk: bool,
    address: SocketAddr,
    log: PathBuf,
    process: Option<Child>,
}

impl Postgres {
    /// Creates a cluster and starts it.
    pub async fn start(programs: Option<&Path>, log: PathBuf) -> Result<Self> {
        let programs =
            programs.map(Path::to_owned).or_else(super::newest_postgres).ok_or("PostgreSQL is not installed")?;
        let home = std::env::temp_dir().join(format!("gavel-chaos-{}", uuid::Uuid::new_v4().simple()));
        std::fs::create_dir(&home)?;
        let has_disk = mount_disk(&home);
        let mut postgres = Self { programs, home, has_disk, address: free_address(), log, process: None };
        if rustix::process::geteuid().is_root() {
            let (user, group) = user_of_postgres()?;
            std::os::unix::fs::chown(&postgres.home, Some(user), Some(group))?;
        }
        let initdb = postgres
            .command("initdb")?
            .args([
                "--username=gavel",
                "--auth=trust",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--no-instructions",
                "-D",
            ])
            .arg(postgres.data())
            .stdout(Stdio::null())
            .status()?;
        if !initdb.success() {
            return Err("initdb failed".into());
        }
        let configuration = postgres.data().join("postgresql.conf");
        let defaults = std::fs::read_to_string(&configuration)?;
        std::fs::write(&configuration, format!("{defaults}\n{SETTINGS}port = {}\n", postgres.address.port()))?;
        postgres.launch().await?;
        let mut connection = PgConnection::connect(&postgres.url_of("postgres")).await?;
        sqlx::query("CREATE DATABASE gavel").execute(&mut connection).await?;
        for server in 0..SERVERS {
            let create =
                sqlx::AssertSqlSafe(format!("CREATE ROLE {} LOGIN SUPERUSER PASSWORD '{PASSWORD}'", role_of(server)));
            sqlx::query(create).execute(&mut connection).await?;
        }
        Ok(postgres)
    }

    /// Its address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL for the harness.
    pub fn url(&self) -> String {
        self.url_of("gavel")
    }

    /// The URL for a server, through a proxy. Each server has a role of its own, by which its sessions are known.
    pub fn url_at(proxy: SocketAddr, server: usize) -> String {
        format!("postgres://{}:{PASSWORD}@{proxy}/gavel?sslmode=disable", role_of(server))
    }

    /// Kills all its processes at once, as a crash of the machine would.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            signal_family(process.id(), Signal::KILL);
            let _ = process.wait();
        }
    }

    /// Freezes all its processes.
    pub fn freeze(&self) {
        self.signal_all(Signal::STOP);
    }

    /// Lets them go on.
    pub fn thaw(&self) {
        self.signal_all(Signal::CONT);
    }

    /// Fills its disk; `false` if it has none of its own.
    pub async fn fill_disk(&self) -> Result<bool> {
        if !self.has_disk {
            return Ok(false);
        }
        let ballast = self.ballast();
        tokio::task::spawn_blocking(move || {
            use std::io::Write;
            let mut file = File::create(ballast)?;
            let megabyte = vec![0; 1 << 20];
            // Until there is no space left.
            while file.write_all(&megabyte).is_ok() {}
            Ok::<_, std::io::Error>(())
        })
        .await??;
        Ok(true)
    }

    /// Frees its disk again.
    pub fn free_disk(&self) {
        let _ = std::fs::remove_file(self.ballast());
    }

    /// Frees its disk, lets it go on and starts it if it has ended, as PostgreSQL does when it cannot write its log.
    pub async fn ensure_running(&mut self) -> Result<()> {
        self.free_disk();
        self.thaw();
        if let Some(process) = &mut self.process
            && process.try_wait()?.is_none()
        {
            return self.wait_until_it_answers().await;
        }
        self.launch().await
    }

    async fn launch(&mut self) -> Result<()> {
        let log = File::options().create(true).append(true).open(&self.log)?;
        let mut command = self.command("postgres")?;
        command.arg("-D").arg(self.data()).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        self.process = Some(command.spawn()?);
        self.wait_until_it_answers().await
    }

    async fn wait_until_it_answers(&mut self) -> Result<()> {
        let began = Instant::now();
        while began.elapsed() < START_MAX {
            let connected =
                tokio::time::timeout(Duration::from_secs(2), PgConnection::connect(&self.url_of("postgres")));
            if let Ok(Ok(_)) = connected.await {
                return Ok(());
            }
            sleep(Duration::from_millis(50)).await;
        }
        Err(format!("PostgreSQL does not start (log: {})", self.log.display()).into())
    }

    fn signal_all(&self, signal: Signal) {
        if let Some(process) = &self.process {
            signal_family(process.id(), signal);
        }
    }

    fn url_of(&self, database: &str) -> String {
        format!("postgres://gavel@{}/{database}?sslmode=disable", self.address)
    }

    fn data(&self) -> PathBuf {
        self.home.join("data")
    }

    fn ballast(&self) -> PathBuf {
        self.home.join("ballast")
    }

    /// A command of PostgreSQL, which refuses to run as root.
    fn command(&self, program: &str) -> Result<Command> {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir("/");
        if rustix::process::geteuid().is_root() {
            let (user, group) = user_of_postgres()?;
            command.uid(user).gid(group);
        }
        Ok(command)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.thaw();
        if let Some(mut process) = self.process.take() {
            // An immediate shutdown: nobody needs the data any more.
            signal(process.id(), Signal::QUIT);
            let _ = process.wait();
        }
        if self.has_disk {
            let _ = Command::new("umount").arg(&self.home).status();
        }
        let _ = std::fs::remove_dir_all(&self.home);
    }
}

/// Mounts a file system of limited size; `false` if this user must not.
fn mount_disk(at: &Path) -> bool {
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", DISK, "gavel-chaos"]).arg(at);
    mount.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// The ids of user and group that PostgreSQL runs as when we are root.
pub(super) fn user_of_postgres() -> Result<(u32, u32)> {
    let accounts = std::fs::read_to_string("/etc/passwd")?;
    let ids = |name: &str| {
        let account = accounts.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        let mut fields = account.split(':').skip(1);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    ids("postgres").or_else(|| ids("nobody")).ok_or_else(|| "there is no user to run PostgreSQL as".into())
}

/// The role that a server connects as.
pub(super) fn role_of(server: usize) -> String {
    format!("server{server}")
}

/// The server that connects as a role.
pub fn server_of(role: &str) -> Option<usize> {
    role.strip_prefix("server")?.parse().ok()
}
