//! How often a second the disk makes a write durable, by PostgreSQL's own tool.

use crate::Result;
use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

/// The method PostgreSQL uses on Linux unless told otherwise.
const METHOD: &str = "fdatasync";
/// Seconds per method; the first that matters is the second of them.
const SECONDS: &str = "2";

/// Writes of one page made durable per second; `None` without the tool or its answer.
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
    // The methods after it are of no interest, nor is how the tool takes its end.
    let _ = child.kill();
    child.wait()?;
    if file.exists() {
        fs::remove_file(file)?;
    }
    Ok(rate)
}

/// From a line like `fdatasync   7900.123 ops/sec   126 usecs/op`.
fn rate(line: &str) -> Option<f64> {
    let mut words = line.split_whitespace();
    if words.next()? == METHOD { words.next()?.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_in_the_methods_line() {
        assert_eq!(rate("        fdatasync        7900.123 ops/sec     126 usecs/op"), Some(7900.123));
        assert_eq!(rate("        fsync        1.0 ops/sec     126 usecs/op"), None);
        assert_eq!(rate(""), None);
    }
}
