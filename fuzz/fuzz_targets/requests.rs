#![no_main]

#[path = "../../server/tests/requests/mod.rs"]
mod requests;

use clap::Parser;
use requests::Target;
use secrecy::ExposeSecret;
use server::cli::{Cli, Command};
use std::sync::LazyLock;
use testkit::World;
use tokio::runtime::Runtime;

/// On PostgreSQL and Redis at `DATABASE_URL` and `REDIS_URL`.
static TARGET: LazyLock<(Runtime, Target)> = LazyLock::new(|| {
    let runtime = Runtime::new().expect("a runtime");
    let target = runtime.block_on(async {
        let world = World::new().await;
        let site = std::env::temp_dir().join("gavel-fuzz-site");
        std::fs::create_dir_all(site.join("pkg")).expect("a site without files");
        std::fs::write(site.join("hash.txt"), "js: 1\nwasm: 1\ncss: 1\n").expect("a site");
        let stores = world.stores.config();
        let site = site.to_str().expect("a path");
        let (secret, database) = (stores.jwt_secret.expose_secret(), stores.database_url.expose_secret());
        let arguments = ["gavel", "serve", "--port", "0", "--site-root", site, "--jwt-secret", secret];
        let stores = ["--database-url", database, "--redis-url", &world.stores.redis_url];
        let limits = ["--trusted-proxies", "0.0.0.0/0", "--user-requests-per-second", "1000000", "--address-requests-per-second", "1000000"];
        let command = Cli::try_parse_from(arguments.into_iter().chain(stores).chain(limits)).expect("valid").command;
        let Command::Serve(config) = command else { unreachable!("the subcommand is serve") };
        Target::new(world, *config).await
    });
    (runtime, target)
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let (runtime, target) = &*TARGET;
    runtime.block_on(target.check(data));
});
