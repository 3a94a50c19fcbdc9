//! Gavel's fault harness: starts PostgreSQL, Redis and three servers, breaks them by a seeded schedule while clients bid
//! and watch, and checks what the clients saw against Gavel's promises. `make chaos` runs it; docs/reliability.md
//! explains the promises and the faults.

mod alerts;
mod cli;
mod clients;
mod convergence;
mod error;
mod fault;
mod inject;
mod promises;
mod record;
mod report;
mod round;
mod schedule;
mod system;
mod truth;
mod users;

use clap::{Parser, ValueEnum};
use cli::Cli;
use error::Result;
use fault::Fault;
use promises::Limits;
use record::Clock;
use schedule::Schedule;
use std::{process::ExitCode, sync::Arc};
use system::System;
use tokio::signal::unix::{SignalKind, signal};
use users::Users;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    // Whatever was started is stopped when it is dropped, on a signal too.
    let what = if cli.alerts { "alerts were wrong" } else { "rounds broke a promise" };
    let result = tokio::select! {
        result = run(cli) => result,
        _ = tokio::signal::ctrl_c() => Err("interrupted".into()),
        () = terminated() => Err("terminated".into()),
    };
    match result {
        Ok(0) => ExitCode::SUCCESS,
        Ok(broken) => {
            eprintln!("gavel-chaos: {broken} {what}");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("gavel-chaos: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn terminated() {
    match signal(SignalKind::terminate()) {
        Ok(mut signals) => drop(signals.recv().await),
        Err(_) => std::future::pending().await,
    }
}

/// Does what was asked for and returns how many rounds broke a promise, or how many alerts were wrong.
async fn run(cli: Cli) -> Result<usize> {
    std::fs::create_dir_all(&cli.out)?;
    let system = Arc::new(System::start(&cli).await?);
    let users = Users::create(&system.database, &system.jwt_secret, Clock::start()).await?;
    if cli.alerts {
        return alerts::run(&system, &users, cli.seed, &cli.out).await;
    }
    play_rounds(&cli, &system, &users).await
}

/// Plays all rounds and returns how many broke a promise.
#[expect(clippy::print_stdout, reason = "the report of a program for people")]
async fn play_rounds(cli: &Cli, system: &Arc<System>, users: &Users) -> Result<usize> {
    let faults = if cli.faults.is_empty() { Fault::value_variants() } else { &cli.faults };
    let mut schedules = Vec::new();
    if cli.each {
        schedules.extend(faults.iter().map(|fault| (fault.name(), Schedule::of_one(cli.seed, *fault))));
    }
    for n in 0..cli.rounds {
        let seed = cli.seed.wrapping_add(u64::from(n));
        schedules.push((format!("round {} of {}", n + 1, cli.rounds), Schedule::mixed(seed, faults)));
    }
    let limits = Limits::with_slack(cli.slack);
    let (rounds, mut broken, mut bids) = (schedules.len(), 0, 0);
    for (name, schedule) in schedules {
        let outcome = round::play(system, users, schedule, limits).await?;
        report::print(&name, &outcome);
        bids += outcome.summary.sent;
        if !outcome.violations.is_empty() {
            broken += 1;
            let path = cli.out.join(format!("history-{}-{}.jsonl", name.replace(' ', "-"), outcome.schedule.seed));
            report::write_history(&path, &outcome)?;
            println!("    history: {}", path.display());
        }
    }
    println!("{rounds} rounds, {bids} bids: {broken} rounds broke a promise");
    Ok(broken)
}
