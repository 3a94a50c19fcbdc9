//! Synchronised writes per second of the disk, measured by PostgreSQL's own tool, `pg_test_fsync`.

use crate::error::Result;
use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

/// PostgreSQL's default `wal_sync_method` on Linux.
const METHOD: &str = "fdatasync";
/// Seconds per method.
const SECONDS: &str = "2";

/// Synchronised writes of one page per second; `None` if the tool is missing or does not print a rate.
pub fn measure(postgres_bin: &Path, file: &Path) -> Result<Option<f64>> {
    let tool = postgres_bin.join("pg_test_fsync");
    if !tool.is_file() {
        return Ok(None);
    }
    let mut child = Command::new(tool)
        .args(["-s", SECONDS, "-f"])
        .arg(file)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let lines = child.stdout.take().map(BufReader::new).into_iter().flat_map(BufRead::lines);
    let rate = lines.map_while(std::io::Result::ok).find_map(|line| rate(&line));
    // The remaining methods are not needed, and the exit status of a killed tool says nothing.
    let _ = child.kill();
    child.wait()?;
    if file.exists() {
        fs::remove_file(file)?;
    }
    Ok(rate)
}

/// Parses a line like `fdatasync   7900.123 ops/sec   126 usecs/op`.
fn rate(line: &str) -> Option<f64> {
    let mut words = line.split_whitespace();
    if words.next()? == METHOD { words.next()?.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_read_from_the_line_of_the_method() {
        assert_eq!(rate("        fdatasync        7900.123 ops/sec     126 usecs/op"), Some(7900.123));
        assert_eq!(rate("        fsync        1.0 ops/sec     126 usecs/op"), None);
        assert_eq!(rate(""), None);
    }
}
