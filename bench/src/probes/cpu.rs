//! CPU usage of the server, the data stores and the load, from /proc.

use crate::{data_stores::DataStores, error::Result};
use serde::Serialize;
use std::{fs, path::Path, time::Instant};

/// The unit of CPU times in `/proc`, `USER_HZ`, is 100 on every architecture we run on.
const TICKS_PER_SECOND: f64 = 100.0;
/// The number of the first field after the name in /proc/PID/stat.
const FIRST_FIELD: usize = 3;

/// The processes whose CPU time is read; `None` where a store runs on another machine.
pub struct Processes {
    server: u32,
    postmaster: Option<u32>,
    redis: Option<u32>,
}

/// CPU time since the start of each process, in seconds.
#[derive(Clone, Copy)]
pub struct CpuReading {
    at: Instant,
    server: f64,
    postgres: Option<f64>,
    redis: Option<f64>,
    load: f64,
    machine: f64,
}

/// CPU usage between two readings, in percent of one core.
#[derive(Clone, Copy, Serialize)]
pub struct CpuUsage {
    /// The server.
    pub server: f64,
    /// PostgreSQL: all backends and background processes.
    pub postgres: Option<f64>,
    /// Redis.
    pub redis: Option<f64>,
    /// This process and the programs it ran.
    pub load: f64,
    /// Everything else on the machine: interrupts, and programs that should not have been running.
    pub rest: f64,
}

impl Processes {
    /// Finds the processes of PostgreSQL and Redis by asking them for their ids.
    pub async fn find(server: u32, stores: &mut DataStores) -> Result<Self> {
        stat(server).ok_or_else(|| format!("there is no process {server}"))?;
        let backend: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&stores.database).await?;
        let backend = backend.unsigned_abs();
        let postmaster = if is_named(backend, "postgres") { stat(backend).map(|stat| stat.parent) } else { None };
        let info: String = redis::cmd("INFO").arg("server").query_async(&mut stores.redis).await?;
        let redis = info.lines().find_map(|line| line.strip_prefix("process_id:")?.trim().parse().ok());
        Ok(Self { server, postmaster, redis: redis.filter(|&pid| is_named(pid, "redis-server")) })
    }

    /// Reads the CPU time of all of them.
    pub fn read(&self) -> Result<CpuReading> {
        let server = stat(self.server).ok_or("the server has exited; see its log")?.own;
        let load = stat(std::process::id()).map_or(0.0, |stat| stat.own + stat.children);
        Ok(CpuReading {
            at: Instant::now(),
            server,
            postgres: self.postmaster.map(with_children),
            redis: self.redis.and_then(stat).map(|stat| stat.own),
            load,
            machine: machine_cpu_time(),
        })
    }
}

impl CpuReading {
    /// The usage since an earlier reading.
    pub fn since(&self, earlier: &Self) -> CpuUsage {
        let seconds = (self.at - earlier.at).as_secs_f64().max(f64::EPSILON);
        let percent = |now: f64, then: f64| (now - then) / seconds * 100.0;
        let both = |now: Option<f64>, then: Option<f64>| Some(percent(now?, then?));
        let (server, load) = (percent(self.server, earlier.server), percent(self.load, earlier.load));
        let (postgres, redis) = (both(self.postgres, earlier.postgres), both(self.redis, earlier.redis));
        let known = server + load + postgres.unwrap_or(0.0) + redis.unwrap_or(0.0);
        let rest = (percent(self.machine, earlier.machine) - known).max(0.0);
        CpuUsage { server, postgres, redis, load, rest }
    }
}

impl CpuUsage {
    /// The server, PostgreSQL and Redis together: the system under test, without the load.
    pub fn system_under_test(&self) -> f64 {
        self.server + self.postgres.unwrap_or(0.0) + self.redis.unwrap_or(0.0)
    }
}

struct ProcessStat {
    parent: u32,
    /// CPU time of the process itself.
    own: f64,
    /// CPU time of children that have exited.
    children: f64,
}

fn stat(pid: u32) -> Option<ProcessStat> {
    parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

fn parse(line: &str) -> Option<ProcessStat> {
    // The name may contain spaces and parentheses; the fields start after its last one.
    let fields: Vec<&str> = line.rsplit_once(')')?.1.split_whitespace().collect();
    let field = |number: usize| fields.get(number - FIRST_FIELD)?.parse::<u32>().ok();
    let seconds = |number| Some(f64::from(field(number)?) / TICKS_PER_SECOND);
    Some(ProcessStat { parent: field(4)?, own: seconds(14)? + seconds(15)?, children: seconds(16)? + seconds(17)? })
}

fn is_named(pid: u32, name: &str) -> bool {
    fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| comm.trim() == name)
}

/// CPU time of a process with its children, those that have exited included.
fn with_children(parent: u32) -> f64 {
    let children = fs::read_dir("/proc").into_iter().flatten().filter_map(|entry| {
        let pid = Path::new(&entry.ok()?.file_name()).to_str()?.parse().ok()?;
        stat(pid).filter(|stat| stat.parent == parent).map(|stat| stat.own)
    });
    children.sum::<f64>() + stat(parent).map_or(0.0, |stat| stat.own + stat.children)
}

/// CPU time of all cores, interrupts included.
fn machine_cpu_time() -> f64 {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let ticks: Vec<u64> = text
        .lines()
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(1)
        .filter_map(|field| field.parse().ok())
        .collect();
    // The fields are user nice system idle iowait irq softirq steal; idle, iowait and steal are left out.
    [0, 1, 2, 5, 6].iter().filter_map(|&field| ticks.get(field)).sum::<u64>() as f64 / TICKS_PER_SECOND
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_is_skipped() {
        let line = "42 (a) b (c)) S 7 42 42 0 -1 0 1 2 3 4 150 50 25 75 20 0 1 0 100";
        let stat = parse(line).expect("parses");
        assert_eq!((stat.parent, stat.own, stat.children), (7, 2.0, 1.0));
    }

    #[test]
    fn this_process_is_found() {
        assert!(stat(std::process::id()).is_some_and(|stat| stat.own >= 0.0) && machine_cpu_time() > 0.0);
    }
}
