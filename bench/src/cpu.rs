//! CPU time of the processes involved, from /proc.

use crate::{Result, stores::Stores};
use serde::Serialize;
use std::{fs, path::Path, time::Instant};

/// Linux counts CPU time for /proc in hundredths of a second on every architecture we run on.
const TICKS_PER_SECOND: f64 = 100.0;
/// The first field after the name in /proc/PID/stat has this number.
const FIRST_FIELD: usize = 3;

/// The processes whose time is read; `None` where a store runs on another machine.
pub struct Processes {
    server: u32,
    postmaster: Option<u32>,
    redis: Option<u32>,
}

/// CPU time so far, in seconds.
#[derive(Clone, Copy)]
pub struct Reading {
    at: Instant,
    server: f64,
    postgres: Option<f64>,
    redis: Option<f64>,
    load: f64,
    machine: f64,
}

/// CPU time of a window, in percent of one core.
#[derive(Clone, Copy, Serialize)]
pub struct Usage {
    /// The server.
    pub server: f64,
    /// PostgreSQL: all backends and background processes.
    pub postgres: Option<f64>,
    /// Redis.
    pub redis: Option<f64>,
    /// This process, with the programs it ran.
    pub load: f64,
    /// Everything else the machine did: interrupts, and programs that should not have run.
    pub rest: f64,
}

impl Processes {
    /// Finds the stores' processes by asking them.
    pub async fn find(server: u32, stores: &mut Stores) -> Result<Self> {
        stat(server).ok_or_else(|| format!("there is no process {server}"))?;
        let backend: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&stores.database).await?;
        let backend = backend.unsigned_abs();
        let postmaster = if is_called(backend, "postgres") { stat(backend).map(|stat| stat.parent) } else { None };
        let info: String = redis::cmd("INFO").arg("server").query_async(&mut stores.redis).await?;
        let redis = info.lines().find_map(|line| line.strip_prefix("process_id:")?.trim().parse().ok());
        Ok(Self { server, postmaster, redis: redis.filter(|&pid| is_called(pid, "redis-server")) })
    }

    /// Reads all of them.
    pub fn read(&self) -> Result<Reading> {
        let server = stat(self.server).ok_or("the server has ended; see its log")?.own;
        let load = stat(std::process::id()).map_or(0.0, |stat| stat.own + stat.children);
        Ok(Reading {
            at: Instant::now(),
            server,
            postgres: self.postmaster.map(family),
            redis: self.redis.and_then(stat).map(|stat| stat.own),
            load,
            machine: machine(),
        })
    }
}

impl Reading {
    /// The usage since an earlier reading.
    pub fn since(&self, earlier: &Self) -> Usage {
        let seconds = (self.at - earlier.at).as_secs_f64().max(f64::EPSILON);
        let percent = |now: f64, then: f64| (now - then) / seconds * 100.0;
        let both = |now: Option<f64>, then: Option<f64>| Some(percent(now?, then?));
        let (server, load) = (percent(self.server, earlier.server), percent(self.load, earlier.load));
        let (postgres, redis) = (both(self.postgres, earlier.postgres), both(self.redis, earlier.redis));
        let known = server + load + postgres.unwrap_or(0.0) + redis.unwrap_or(0.0);
        let rest = (percent(self.machine, earlier.machine) - known).max(0.0);
        Usage { server, postgres, redis, load, rest }
    }
}

impl Usage {
    /// All that is known to belong to the benchmark, without the load itself, in percent of a core.
    pub fn system(&self) -> f64 {
        self.server + self.postgres.unwrap_or(0.0) + self.redis.unwrap_or(0.0)
    }
}

struct Stat {
    parent: u32,
    own: f64,
    /// Of children that have ended.
    children: f64,
}

fn stat(pid: u32) -> Option<Stat> {
    parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

fn parse(line: &str) -> Option<Stat> {
    // The name may hold spaces and parentheses; the fields begin after the last of these.
    let fields: Vec<&str> = line.rsplit_once(')')?.1.split_whitespace().collect();
    let field = |number: usize| fields.get(number - FIRST_FIELD)?.parse::<u32>().ok();
    let seconds = |number| Some(f64::from(field(number)?) / TICKS_PER_SECOND);
    Some(Stat { parent: field(4)?, own: seconds(14)? + seconds(15)?, children: seconds(16)? + seconds(17)? })
}

fn is_called(pid: u32, name: &str) -> bool {
    fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| comm.trim() == name)
}

/// A process, its children, and those it has had.
fn family(parent: u32) -> f64 {
    let children = fs::read_dir("/proc").into_iter().flatten().filter_map(|entry| {
        let pid = Path::new(&entry.ok()?.file_name()).to_str()?.parse().ok()?;
        stat(pid).filter(|stat| stat.parent == parent).map(|stat| stat.own)
    });
    children.sum::<f64>() + stat(parent).map_or(0.0, |stat| stat.own + stat.children)
}

/// What all cores did together, interrupts included.
fn machine() -> f64 {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let ticks: Vec<u64> = text
        .lines()
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(1)
        .filter_map(|field| field.parse().ok())
        .collect();
    // user nice system idle iowait irq softirq steal: not the two idle ones, nor what was stolen.
    [0, 1, 2, 5, 6].iter().filter_map(|&field| ticks.get(field)).sum::<u64>() as f64 / TICKS_PER_SECOND
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_does_not_confuse() {
        let line = "42 (a) b (c)) S 7 42 42 0 -1 0 1 2 3 4 150 50 25 75 20 0 1 0 100";
        let stat = parse(line).expect("parses");
        assert_eq!((stat.parent, stat.own, stat.children), (7, 2.0, 1.0));
    }

    #[test]
    fn this_process_is_found() {
        assert!(stat(std::process::id()).is_some_and(|stat| stat.own >= 0.0) && machine() > 0.0);
    }
}
