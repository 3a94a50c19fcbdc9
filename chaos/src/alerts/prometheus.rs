//! A Prometheus of the harness's own.

use crate::{error::Result, system::processes::free_address};
use serde_json::Value;
use std::{
    collections::HashSet,
    fs::{self, File},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::time::{Instant, sleep};

/// The rules that operators run.
pub const RULES: &str = include_str!("../../../ops/prometheus/rules.yaml");
/// How often metrics are read and rules evaluated.
const INTERVAL: &str = "2s";
/// How long it may take to start.
const START_MAX: Duration = Duration::from_secs(30);

/// A running Prometheus. It is killed when dropped.
pub struct Prometheus {
    process: Child,
    directory: PathBuf,
    client: reqwest::Client,
    base: String,
}

impl Prometheus {
    /// Starts one that reads the metrics at these addresses, with its log in `out`.
    pub async fn start(targets: &[SocketAddr], out: &Path) -> Result<Self> {
        let directory = std::env::temp_dir().join(format!("gavel-prometheus-{}", uuid::Uuid::new_v4().simple()));
        fs::create_dir(&directory)?;
        fs::write(directory.join("rules.yaml"), RULES)?;
        let targets: Vec<String> = targets.iter().map(|target| format!("'{target}'")).collect();
        let configuration = format!(
            "global: {{ scrape_interval: {INTERVAL}, evaluation_interval: {INTERVAL} }}\n\
             rule_files: [rules.yaml]\n\
             scrape_configs: [{{ job_name: gavel, static_configs: [{{ targets: [{}] }}] }}]\n",
            targets.join(", ")
        );
        fs::write(directory.join("prometheus.yml"), configuration)?;
        let (address, log) = (free_address(), File::create(out.join("prometheus.log"))?);
        let process = Command::new("prometheus")
            .arg(format!("--config.file={}", directory.join("prometheus.yml").display()))
            .arg(format!("--storage.tsdb.path={}", directory.join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .map_err(|error| format!("prometheus does not start: {error}"))?;
        let client = reqwest::Client::builder().timeout(Duration::from_secs(10)).build()?;
        let prometheus = Self { process, directory, client, base: format!("http://{address}") };
        let began = Instant::now();
        while prometheus.firing().await.is_err() {
            if began.elapsed() > START_MAX {
                return Err(
                    format!("prometheus does not answer (log: {})", out.join("prometheus.log").display()).into()
                );
            }
            sleep(Duration::from_millis(100)).await;
        }
        Ok(prometheus)
    }

    /// The names of the alerts that fire now.
    pub async fn firing(&self) -> Result<HashSet<String>> {
        self.active(|state| state == "firing").await
    }

    /// Waits until none of these alerts fires or is about to, and returns those that still do.
    pub async fn wait_until_silent(&self, alerts: &[&str], at_most: Duration) -> Result<Vec<String>> {
        let began = Instant::now();
        loop {
            let active = self.active(|_| true).await?;
            let loud: Vec<_> = alerts.iter().filter(|alert| active.contains(**alert)).collect();
            if loud.is_empty() || began.elapsed() > at_most {
                return Ok(loud.into_iter().map(|&alert| alert.to_owned()).collect());
            }
            sleep(Duration::from_secs(1)).await;
        }
    }

    /// The names of the alerts in certain states, of "pending" and "firing".
    async fn active(&self, is_meant: impl Fn(&str) -> bool) -> Result<HashSet<String>> {
        let response = self.client.get(format!("{}/api/v1/alerts", self.base)).send().await?;
        let answer: Value = serde_json::from_str(&response.error_for_status()?.text().await?)?;
        let alerts = answer["data"]["alerts"].as_array().ok_or("Prometheus lists its alerts")?;
        let meant = alerts.iter().filter(|alert| alert["state"].as_str().is_some_and(&is_meant));
        Ok(meant.filter_map(|alert| alert["labels"]["alertname"].as_str().map(str::to_owned)).collect())
    }

    /// Waits until each of these alerts has fired, and returns those that have not in time.
    pub async fn wait_for(&self, alerts: &[&str], at_most: Duration) -> Result<Vec<String>> {
        let began = Instant::now();
        let mut silent: Vec<String> = alerts.iter().map(|&alert| alert.to_owned()).collect();
        while !silent.is_empty() && began.elapsed() < at_most {
            let firing = self.firing().await?;
            silent.retain(|alert| !firing.contains(alert));
            sleep(Duration::from_secs(1)).await;
        }
        Ok(silent)
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}
