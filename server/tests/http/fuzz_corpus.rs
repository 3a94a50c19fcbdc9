//! Replays the corpus of the fuzz target for requests.

#[path = "../requests/mod.rs"]
mod requests;

use crate::support::config;
use requests::Target;
use std::{fs, path::Path};
use testkit::World;

#[tokio::test]
async fn the_corpus_of_requests_holds() {
    let world = World::new().await;
    let config = config(&world.stores, &["--trusted-proxies", "0.0.0.0/0"]);
    let target = Target::new(world, config).await;
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/requests");
    let mut inputs = 0;
    for entry in fs::read_dir(corpus).expect("there is a corpus") {
        let path = entry.expect("an entry").path();
        eprintln!("{}", path.display());
        target.check(&fs::read(path).expect("reads")).await;
        inputs += 1;
    }
    assert!(inputs > 0, "the corpus is empty");
}
