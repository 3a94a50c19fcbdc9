//! Signals to processes.

use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs,
    net::{SocketAddr, TcpListener},
};

/// Sends a signal to a process. It may have ended already.
pub fn signal(id: u32, signal: Signal) {
    if let Some(id) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        let _ = kill_process(id, signal);
    }
}

/// Sends a signal to a process and its children.
pub fn signal_family(parent: u32, what: Signal) {
    let children = children(parent);
    signal(parent, what);
    for child in children {
        signal(child, what);
    }
}

/// The children of a process, which PostgreSQL puts into process groups of their own.
fn children(parent: u32) -> Vec<u32> {
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    let ids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    ids.filter(|id| parent_of(*id) == Some(parent)).collect()
}

fn parent_of(id: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // pid (name) state parent ...; the name may have spaces and brackets.
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

/// The resident memory of a process in bytes.
pub fn resident_bytes(id: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1024)
}

/// An address that nobody listens on, below the range from which the kernel takes ports for outgoing connections.
pub fn free_address() -> SocketAddr {
    loop {
        let port = 20_000 + u16::try_from(uuid::Uuid::new_v4().as_u128() % 12_000).unwrap_or_default();
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port))
            && let Ok(address) = listener.local_addr()
        {
            return address;
        }
    }
}
