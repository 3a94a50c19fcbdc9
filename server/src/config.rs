//! The configuration of the stores and of `gavel serve`. Every setting is an environment variable or a flag of the same
//! meaning, with a line of help and, where possible, a default that works.

use clap::{Args, ValueEnum};
use engine::{EngineConfig, MailConfig, SignInLimits};
use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use std::{collections::HashSet, net::IpAddr, num::NonZeroU8, path::PathBuf, time::Duration};

/// The shortest signing secret allowed in production. HS256 requires a key of at least 256 bits (RFC 7518, section
/// 3.2).
const JWT_SECRET_BYTES_MIN: usize = 32;
/// Secrets that are in this repository, for local use.
const PUBLISHED_SECRETS: [&str; 2] = ["for-local-use-only-1234567890abcdef", "0123456789abcdef0123456789abcdef"];

/// The environment that the process runs in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Environment {
    /// A developer's machine: weak secrets and demo data are allowed.
    Development,
    /// Real users: weak secrets and demo data are refused.
    Production,
}

/// The stores, which every subcommand needs.
#[derive(Args, Clone, Debug)]
pub struct StoreConfig {
    /// PostgreSQL, as postgres://user:password@host:port/database
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: SecretString,
    /// Maximum number of connections to PostgreSQL
    #[arg(long, env = "DATABASE_CONNECTIONS", default_value_t = 10, value_parser = clap::value_parser!(u32).range(2..=1000))]
    pub database_connections: u32,
    /// Whether `DATABASE_URL` is a pooler in transaction mode; `migrate` must connect to the database itself
    #[arg(long, env = "DATABASE_POOLED", default_value_t = false, action = clap::ArgAction::Set)]
    pub database_pooled: bool,
    /// Redis, as redis://:password@host:port; several, separated by commas, are the nodes of a cluster
    #[arg(long, env = "REDIS_URL", hide_env_values = true)]
    pub redis_url: SecretString,
    /// Prefix of every Redis key, so that installations can share a Redis
    #[arg(long, env = "REDIS_PREFIX", default_value = "")]
    pub redis_prefix: String,
    /// The environment that the process runs in
    #[arg(long, env = "GAVEL_ENV", default_value = "development", value_enum)]
    pub environment: Environment,
}

/// The configuration of `serve`.
#[derive(Args, Clone, Debug)]
pub struct ServerConfig {
    /// The stores
    #[command(flatten)]
    pub stores: StoreConfig,
    /// Secret that signs sessions; at least 32 bytes, the same in all processes
    #[arg(long, env = "JWT_SECRET", hide_env_values = true)]
    pub jwt_secret: SecretString,
    /// Other secrets whose sessions are accepted, separated by commas: the next one before `JWT_SECRET` changes, and the last
    /// one until the sessions that it signed have expired
    #[arg(long, env = "JWT_SECRETS_ACCEPTED", hide_env_values = true, value_delimiter = ',')]
    pub jwt_secrets_accepted: Vec<SecretString>,
    /// Minutes a session lasts
    #[arg(long, env = "SESSION_MINUTES", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=525_600))]
    pub session_minutes: u32,
    /// Address to listen on
    #[arg(long, env = "HOST", default_value = "127.0.0.1")]
    pub host: IpAddr,
    /// Port to listen on; 0 picks a free one
    #[arg(long, env = "PORT", default_value_t = 3000)]
    pub port: u16,
    /// Port of a second listener for /healthz, /readyz and /metrics only, which answers when all connections of the
    /// first are taken; 0 picks a free one
    #[arg(long, env = "MANAGEMENT_PORT")]
    pub management_port: Option<u16>,
    /// Directory of the browser's files, created by `make build`
    #[arg(long, env = "GAVEL_SITE_ROOT", default_value = "target/site")]
    pub site_root: PathBuf,
    /// Proxies whose X-Forwarded-For is trusted, as addresses or networks, separated by commas
    #[arg(long, env = "TRUSTED_PROXIES", default_value = "", hide_default_value = true, value_parser = parse_networks)]
    pub trusted_proxies: Networks,
    /// How many proxies every request passes: the client's address is that many entries from the end of X-Forwarded-For.
    /// Without it, the last entry that no trusted proxy has is taken
    #[arg(long, env = "TRUSTED_PROXY_HOPS")]
    pub trusted_proxy_hops: Option<NonZeroU8>,
    /// Origins of other sites whose pages may call the API, separated by commas
    #[arg(long, env = "CORS_ORIGINS", value_delimiter = ',')]
    pub cors_origins: Vec<String>,
    /// Origins under which users reach this server, if they differ from the Host header it sees
    #[arg(long, env = "PUBLIC_ORIGINS", value_delimiter = ',')]
    pub public_origins: Vec<String>,
    /// Where users reach this server, for links in e-mails, as `https://host`; needed with `SMTP_URL`
    #[arg(long, env = "PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Mail server, as `smtps://user:password@host`, or `smtp://user:password@host:587?tls=required`. Without one, e-mails are
    /// written to the log in development, and passwords cannot be reset by e-mail in production
    #[arg(long, env = "SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<SecretString>,
    /// Whom e-mails are from
    #[arg(long, env = "MAIL_FROM", default_value = "Gavel <gavel@localhost>")]
    pub mail_from: String,
    /// Whether admins have their rights only while a second factor is on for their account
    #[arg(long, env = "ADMINS_NEED_SECOND_FACTOR", default_value_t = false, action = clap::ArgAction::Set)]
    pub admins_need_second_factor: bool,
    /// Whether cookies require HTTPS; by default only in production
    #[arg(long, env = "SECURE_COOKIES")]
    pub secure_cookies: Option<bool>,
    /// Requests per second of one user
    #[arg(long, env = "USER_REQUESTS_PER_SECOND", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub user_requests_per_second: u32,
    /// Requests per second of one address, or of one /64 of IPv6
    #[arg(long, env = "ADDRESS_REQUESTS_PER_SECOND", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub address_requests_per_second: u32,
    /// Failed sign-ins per account and minute, over all processes
    #[arg(long, env = "SIGN_IN_FAILURES_PER_MINUTE", default_value_t = 10)]
    pub sign_in_failures_per_minute: u32,
    /// Sign-ins per address (or /64 of IPv6) and minute, over all processes
    #[arg(long, env = "SIGN_INS_PER_ADDRESS_PER_MINUTE", default_value_t = 3000)]
    pub sign_ins_per_address_per_minute: u32,
    /// Registrations per address (or /64 of IPv6) and minute, over all processes
    #[arg(long, env = "REGISTRATIONS_PER_ADDRESS_PER_MINUTE", default_value_t = 1500)]
    pub registrations_per_address_per_minute: u32,
    /// Bids of one campaign that may wait for a commit before more are refused
    #[arg(long, env = "BID_QUEUE_MAX", default_value_t = 10_000)]
    pub bid_queue_max: usize,
    /// Milliseconds a bid may wait for a commit before it is refused
    #[arg(long, env = "BID_WAIT_MS_MAX", default_value_t = 2000)]
    pub bid_wait_ms_max: u64,
    /// Open connections, including websockets, before more are refused
    #[arg(long, env = "CONNECTIONS_MAX", default_value_t = 20_000)]
    pub connections_max: usize,
    /// Open connections from one address, or from one /64 of IPv6; behind a trusted proxy, websockets only
    #[arg(long, env = "CONNECTIONS_PER_NETWORK_MAX", default_value_t = 16_000)]
    pub connections_per_network_max: usize,
    /// Open websockets of one user
    #[arg(long, env = "WEBSOCKETS_PER_USER_MAX", default_value_t = 500)]
    pub websockets_per_user_max: usize,
    /// The currency's symbol, before every amount on the pages
    #[arg(long, env = "CURRENCY_SYMBOL", default_value = app::format::DEFAULT_SYMBOL, value_parser = parse_currency_symbol)]
    pub currency_symbol: String,
    /// Whether demo bidders bid in the demo's campaigns, and each campaign that ends is followed by the next; for one
    /// process, in development only
    #[arg(long, env = "DEMO_CROWD", default_value_t = false, action = clap::ArgAction::Set)]
    pub demo_crowd: bool,
    /// Seconds between the shutdown signal and refusing new connections, for load balancers to notice
    #[arg(long, env = "SHUTDOWN_DELAY_SECONDS", default_value_t = 0)]
    pub shutdown_delay_seconds: u64,
    /// Seconds after which a shutdown no longer waits for open requests and websockets
    #[arg(long, env = "SHUTDOWN_LIMIT_SECONDS", default_value_t = 25)]
    pub shutdown_limit_seconds: u64,
}

impl StoreConfig {
    /// The engine's configuration for subcommands that do not serve requests.
    pub fn engine(&self) -> EngineConfig {
        EngineConfig {
            database_url: self.database_url.clone(),
            database_connections: self.database_connections,
            database_pooled: self.database_pooled,
            redis_url: self.redis_url.clone(),
            redis_prefix: self.redis_prefix.clone(),
            // These subcommands create no sessions and accept no bids.
            jwt_secret: SecretString::from(String::new()),
            accepted_jwt_secrets: Vec::new(),
            session_length: Duration::ZERO,
            bid_queue_max: 1,
            bid_wait_max: Duration::ZERO,
            sign_in_limits: SignInLimits {
                failures_per_account_per_minute: 0,
                sign_ins_per_address_per_minute: 0,
                registrations_per_address_per_minute: 0,
            },
            // They send no e-mails either.
            mail: MailConfig::default(),
            admins_need_second_factor: false,
        }
    }
}

impl ServerConfig {
    /// The engine's configuration.
    pub fn engine(&self) -> EngineConfig {
        EngineConfig {
            jwt_secret: self.jwt_secret.clone(),
            accepted_jwt_secrets: self.accepted_jwt_secrets().cloned().collect(),
            session_length: Duration::from_mins(u64::from(self.session_minutes)),
            bid_queue_max: self.bid_queue_max.max(1),
            bid_wait_max: Duration::from_millis(self.bid_wait_ms_max),
            sign_in_limits: SignInLimits {
                failures_per_account_per_minute: self.sign_in_failures_per_minute,
                sign_ins_per_address_per_minute: self.sign_ins_per_address_per_minute,
                registrations_per_address_per_minute: self.registrations_per_address_per_minute,
            },
            mail: MailConfig {
                smtp_url: self.smtp_url.clone().filter(|url| !url.expose_secret().is_empty()),
                from: self.mail_from.clone(),
                public_url: self.public_url(),
                is_logged: self.stores.environment == Environment::Development,
            },
            admins_need_second_factor: self.admins_need_second_factor,
            ..self.stores.engine()
        }
    }

    /// The other secrets whose sessions are accepted. An empty text is an empty list: deployments pass variables on even if they are not set.
    fn accepted_jwt_secrets(&self) -> impl Iterator<Item = &SecretString> {
        self.jwt_secrets_accepted.iter().filter(|secret| !secret.expose_secret().is_empty())
    }

    /// Where users reach this server: in development, by default, at the port it listens on.
    fn public_url(&self) -> String {
        let url = self.public_url.clone().filter(|url| !url.is_empty());
        url.unwrap_or_else(|| format!("http://localhost:{}", self.port))
    }

    /// Whether cookies require HTTPS.
    pub fn secure_cookies(&self) -> bool {
        self.secure_cookies.unwrap_or(self.stores.environment == Environment::Production)
    }

    /// Rejects settings that parse but are insecure or incomplete, with a message for the operator.
    pub fn check(&self) -> Result<(), String> {
        let secret = self.jwt_secret.expose_secret();
        if self.stores.environment == Environment::Production {
            check_secret("JWT_SECRET", secret)?;
            for other in self.accepted_jwt_secrets() {
                check_secret("a secret in JWT_SECRETS_ACCEPTED", other.expose_secret())?;
            }
            if self.demo_crowd {
                return Err("DEMO_CROWD is for demo data, which is not made in production".to_owned());
            }
        } else if secret.is_empty() {
            return Err("JWT_SECRET must not be empty".to_owned());
        }
        if self.cors_origins.iter().any(|origin| origin.trim() == "*") {
            return Err("CORS_ORIGINS must name origins; * would let any site act for a user".to_owned());
        }
        let has_mail_server = self.smtp_url.as_ref().is_some_and(|url| !url.expose_secret().is_empty());
        let is_address = |url: &String| url.starts_with("http://") || url.starts_with("https://");
        if has_mail_server && !self.public_url.as_ref().is_some_and(is_address) {
            return Err("SMTP_URL needs PUBLIC_URL, such as https://auction.example, for links in e-mails".to_owned());
        }
        if has_mail_server && self.stores.environment == Environment::Production {
            let smtp_url = self.smtp_url.as_ref().map_or("", |url| url.expose_secret());
            if !smtp_url.starts_with("smtps://") && !smtp_url.contains("tls=required") {
                return Err("SMTP_URL must be smtps:// or have ?tls=required in production".to_owned());
            }
            if !self.public_url().starts_with("https://") {
                return Err("PUBLIC_URL must be https:// in production".to_owned());
            }
        }
        // Pages refer to the bundles by the hashes in hash.txt.
        if !self.site_root.join("pkg").is_dir() || !self.site_root.join("hash.txt").is_file() {
            return Err(format!("there are no browser files in {}; run: make build", self.site_root.display()));
        }
        Ok(())
    }
}

/// Refuses a secret that others know or guess; `name` is what the operator calls it.
fn check_secret(name: &str, secret: &str) -> Result<(), String> {
    if secret.len() < JWT_SECRET_BYTES_MIN {
        return Err(format!("{name} must have at least {JWT_SECRET_BYTES_MIN} bytes in production"));
    }
    if PUBLISHED_SECRETS.contains(&secret) || is_pattern(secret.as_bytes()) {
        return Err(format!("{name} is too easy to guess; make one with: openssl rand -hex 32"));
    }
    Ok(())
}

/// Whether a secret is what people type for want of a random one: few characters, a repetition, or mostly a sequence such
/// as `abcd` or `4321`.
fn is_pattern(secret: &[u8]) -> bool {
    const DISTINCT_MIN: usize = 8;

    let distinct = secret.iter().collect::<HashSet<_>>().len();
    let repeats = |period: usize| secret.iter().zip(secret.iter().skip(period)).all(|(a, b)| a == b);
    let steps = secret.windows(2).filter(|pair| matches!(pair, [a, b] if a.abs_diff(*b) <= 1)).count();
    distinct < DISTINCT_MIN || (1..=secret.len() / 2).any(repeats) || steps * 2 > secret.len()
}

/// A list of IP networks.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// Whether one of them contains the address.
    pub fn contains(&self, address: &IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }
}

/// An empty text is an empty list: deployments pass variables on even if they are not set.
fn parse_networks(text: &str) -> Result<Networks, String> {
    let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let network = |entry: &str| {
        let network = entry.parse::<IpNet>().or_else(|_| entry.parse::<IpAddr>().map(IpNet::from));
        network.map_err(|_| format!("{entry} is not an address or a network such as 10.0.0.0/8"))
    };
    entries.map(network).collect::<Result<_, _>>().map(Networks)
}

/// The longest symbol: `US$` and the like, or a code and a space.
const CURRENCY_SYMBOL_CHARS_MAX: usize = 8;

fn parse_currency_symbol(text: &str) -> Result<String, String> {
    let fits = (1..=CURRENCY_SYMBOL_CHARS_MAX).contains(&text.chars().count());
    if fits && !text.chars().any(|c| c.is_control() || c.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err(format!("1 to {CURRENCY_SYMBOL_CHARS_MAX} characters, none of them a digit"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Serve {
        #[command(flatten)]
        config: ServerConfig,
    }

    fn serve(extra: &[&str]) -> ServerConfig {
        let base = ["serve", "--database-url", "postgres://u:pgpw@h/d", "--redis-url", "redis://:rdpw@h"];
        Serve::try_parse_from(base.iter().chain(extra)).expect("parses").config
    }

    #[test]
    fn a_weak_secret_is_refused_in_production_only() {
        let weak = ["--jwt-secret", "short"];
        let config = serve(&weak);
        assert!(!config.check().is_err_and(|message| message.contains("JWT_SECRET")));
        let production = serve(&[&weak[..], &["--environment", "production"]].concat());
        assert!(production.check().is_err_and(|message| message.contains("at least 32 bytes")));
        let dull = "a".repeat(64);
        let guessable = [
            "12345678901234567890123456789012",
            "passwordpasswordpasswordpassword",
            "abcdefghijklmnopqrstuvwxyz987654",
        ];
        for secret in guessable.into_iter().chain(PUBLISHED_SECRETS).chain([dull.as_str()]) {
            let production = ["--jwt-secret", secret, "--environment", "production"];
            assert!(serve(&production).check().is_err_and(|message| message.contains("guess")), "{secret}");
            let good = "9f2c4e8a1b7d3f60c5e2a984d17b6f03";
            let other = ["--jwt-secret", good, "--jwt-secrets-accepted", secret, "--environment", "production"];
            assert!(serve(&other).check().is_err_and(|message| message.contains("ACCEPTED")), "{secret}");
            let alone = serve(&["--jwt-secret", good, "--jwt-secrets-accepted", "", "--environment", "production"]);
            assert!(!alone.check().is_err_and(|message| message.contains("JWT")));
        }
    }

    #[test]
    fn a_currency_symbol_is_short_and_has_no_digits() {
        for symbol in ["NT$", "€", "CHF "] {
            assert_eq!(parse_currency_symbol(symbol).as_deref(), Ok(symbol));
        }
        for symbol in ["", "123456789", "$1", "US dollars", "\n"] {
            assert!(parse_currency_symbol(symbol).is_err(), "{symbol:?}");
        }
    }

    #[test]
    fn demo_bidders_are_off_unless_asked_for_and_refused_in_production() {
        let secret = "9f2c4e8a1b7d3f60c5e2a984d17b6f03";
        assert!(!serve(&["--jwt-secret", secret]).demo_crowd);
        let asked_for = ["--jwt-secret", secret, "--demo-crowd", "true"];
        let is_refused = |config: &ServerConfig| config.check().is_err_and(|message| message.contains("DEMO_CROWD"));
        assert!(!is_refused(&serve(&asked_for)));
        assert!(is_refused(&serve(&[&asked_for[..], &["--environment", "production"]].concat())));
    }

    #[test]
    fn links_in_e_mails_need_an_address_and_in_production_encryption() {
        let secret = ["--jwt-secret", "9f2c4e8a1b7d3f60c5e2a984d17b6f03", "--environment"];
        let refused = |environment: &str, flags: &[&str]| {
            let config = serve(&[&secret[..], &[environment], flags].concat());
            config.check().is_err_and(|message| message.contains("SMTP_URL") || message.contains("PUBLIC_URL"))
        };
        let [plain, encrypted] = ["smtp://localhost:25", "smtp://u:p@mail.example:587?tls=required"];
        let [http, https] = ["http://a.example", "https://a.example"];
        assert!(refused("development", &["--smtp-url", plain]));
        assert!(!refused("development", &["--smtp-url", plain, "--public-url", http]));
        assert!(!refused("production", &["--smtp-url", ""]));
        assert!(refused("production", &["--smtp-url", plain, "--public-url", https]));
        assert!(refused("production", &["--smtp-url", encrypted, "--public-url", http]));
        assert!(!refused("production", &["--smtp-url", encrypted, "--public-url", https]));
    }

    #[test]
    fn the_browsers_files_are_required() {
        let config = serve(&["--jwt-secret", "x", "--site-root", env!("CARGO_MANIFEST_DIR")]);
        assert!(config.check().is_err_and(|message| message.contains("make build")));
    }

    #[test]
    fn secrets_are_not_printed() {
        let printed = format!("{:?}", serve(&["--jwt-secret", "jwtpw"]));
        for secret in ["pgpw", "rdpw", "jwtpw"] {
            assert!(!printed.contains(secret), "{secret}");
        }
    }

    #[test]
    fn trusted_proxies_are_addresses_or_networks() {
        let config = serve(&["--jwt-secret", "x", "--trusted-proxies", "10.0.0.0/8,127.0.0.1"]);
        for (address, trusted) in [("10.1.2.3", true), ("127.0.0.1", true), ("127.0.0.2", false)] {
            assert_eq!(config.trusted_proxies.contains(&address.parse().expect("an address")), trusted, "{address}");
        }
        let none = serve(&["--jwt-secret", "x", "--trusted-proxies", ""]);
        assert_eq!(none.trusted_proxies, Networks::default());
    }
}
