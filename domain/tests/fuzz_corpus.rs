//! Replays the corpora of the fuzz targets.

mod parsers;

use std::{fs, path::Path};

#[test]
fn the_corpora_hold() {
    for (name, check) in parsers::CHECKS {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(name);
        let mut inputs = 0;
        for entry in fs::read_dir(&corpus).expect("there is a corpus") {
            let path = entry.expect("an entry").path();
            eprintln!("{}", path.display());
            check(&fs::read(path).expect("reads"));
            inputs += 1;
        }
        assert!(inputs > 0, "the corpus of {name} is empty");
    }
}
