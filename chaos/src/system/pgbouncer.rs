//! `PgBouncer`, as the project ships it, between one server and PostgreSQL.

use super::{
    postgres::{self, PASSWORD, role_of},
    processes::free_address,
};
use crate::error::Result;
use std::{
    env,
    fs::{self, File},
    net::SocketAddr,
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::{
    net::TcpStream,
    time::{Instant, sleep},
};

/// Writes `PgBouncer`'s configuration and starts it.
const START: &str = include_str!("../../../ops/pgbouncer/start.sh");
/// How long it may take to start.
const START_MAX: Duration = Duration::from_secs(10);

/// A running `PgBouncer`; killed when dropped.
pub struct PgBouncer {
    process: Child,
    directory: PathBuf,
    address: SocketAddr,
}

impl PgBouncer {
    /// Starts one for a server.
    pub async fn start(postgres_at: SocketAddr, server: usize, log: &Path) -> Result<Self> {
        let directory = env::temp_dir().join(format!("gavel-pgbouncer-{}", uuid::Uuid::new_v4().simple()));
        fs::create_dir(&directory)?;
        fs::set_permissions(&directory, fs::Permissions::from_mode(0o700))?;
        let (address, log) = (free_address(), File::create(log)?);
        let mut command = Command::new("bash");
        command.args(["-c", START]).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).current_dir("/");
        // Debian has it where only root looks for programs.
        command.env("PATH", format!("{}:/usr/sbin", env::var("PATH").unwrap_or_default()));
        command.env("DATABASE_URL", format!("postgres://{}:{PASSWORD}@{postgres_at}/gavel", role_of(server)));
        command.env("LISTEN_ADDR", address.ip().to_string()).env("LISTEN_PORT", address.port().to_string());
        command.env("RUN_DIR", &directory);
        if rustix::process::geteuid().is_root() {
            let (user, group) = postgres::user_of_postgres()?;
            chown(&directory, Some(user), Some(group))?;
            command.uid(user).gid(group);
        }
        let mut pooler = Self { process: command.spawn()?, directory, address };
        let began = Instant::now();
        while TcpStream::connect(address).await.is_err() {
            if pooler.process.try_wait()?.is_some() || began.elapsed() > START_MAX {
                return Err("PgBouncer does not start; is it installed?".into());
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(pooler)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        // Which signal ends it at once depends on its version.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}
