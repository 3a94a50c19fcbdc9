//! The process's limit of open files, which connections count against.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files besides the connections of clients: connections to the stores, threads' own, assets, the log.
const OTHER_FILES: u64 = 500;

/// Raises the limit to what so many connections need, and warns if the system does not allow that.
pub fn raise_limit(connections_max: usize) {
    let wanted = u64::try_from(connections_max).unwrap_or(u64::MAX).saturating_add(OTHER_FILES);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let is_enough = |limit: Option<u64>| limit.is_none_or(|limit| limit >= wanted);
    if is_enough(current) {
        return;
    }
    let allowed = maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(allowed), maximum });
    if raised.is_err() || !is_enough(Some(allowed)) {
        let limit = if raised.is_ok() { Some(allowed) } else { current };
        tracing::warn!(
            limit,
            wanted,
            "the limit of open files is too low for CONNECTIONS_MAX: raise it (ulimit -n), or lower CONNECTIONS_MAX"
        );
    }
}
