//! What is printed of each round, and the history of those that broke a promise.

use crate::{error::Result, promises::Promise, round::Outcome};
use std::{collections::HashMap, fs, io::Write, path::Path};

/// Violations of each promise that are printed; all of them are in the round's history.
const SHOWN_MAX: usize = 2;
/// Characters of a violation that are printed.
const LINE_MAX: usize = 600;

/// Prints what came of a round.
#[expect(clippy::print_stdout, reason = "the report of a program for people")]
pub fn print(name: &str, outcome: &Outcome) {
    let summary = &outcome.summary;
    println!("{name}, seed {}", outcome.schedule.seed);
    for strike in &outcome.schedule.strikes {
        println!("    {strike}");
    }
    println!(
        "    {} bids: {} accepted, {} refused with 503, {} without an answer, the slowest after {:.2} s; {} frames; {} MiB",
        summary.sent,
        summary.accepted,
        summary.refused,
        summary.lost,
        summary.slowest.as_secs_f64(),
        summary.frames,
        summary.memory_bytes >> 20,
    );
    for note in &outcome.notes {
        println!("    note: {note}");
    }
    let mut shown: HashMap<Promise, usize> = HashMap::new();
    for violation in &outcome.violations {
        let shown = shown.entry(violation.promise).or_default();
        *shown += 1;
        if *shown <= SHOWN_MAX {
            println!("    VIOLATION of {}", violation.to_string().chars().take(LINE_MAX).collect::<String>());
        }
    }
    for (promise, count) in shown.into_iter().filter(|(_, count)| *count > SHOWN_MAX) {
        println!("    and {} more of {promise:?}", count - SHOWN_MAX);
    }
}

/// Writes everything that is known of a round, one JSON value per line.
pub fn write_history(path: &Path, outcome: &Outcome) -> Result<()> {
    let mut file = std::io::BufWriter::new(fs::File::create(path)?);
    for strike in &outcome.schedule.strikes {
        writeln!(file, "{}", serde_json::json!({ "fault": strike.to_string() }))?;
    }
    for violation in &outcome.violations {
        writeln!(file, "{}", serde_json::json!({ "violation": violation }))?;
    }
    for truth in &outcome.truths {
        writeln!(file, "{}", serde_json::json!({ "campaign": truth }))?;
    }
    for bid in &outcome.bids {
        writeln!(file, "{}", serde_json::json!({ "bid": bid }))?;
    }
    for frame in &outcome.frames {
        writeln!(file, "{}", serde_json::json!({ "frame": frame }))?;
    }
    Ok(file.flush()?)
}
