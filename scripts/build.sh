#!/usr/bin/env bash
# The release server and the browser bundle, without starting anything.

# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

scripts/setup.sh build
heading 'building the server'
cargo build --locked --release -p server
heading 'building the browser bundle'
scripts/build-browser.sh
heading 'built target/release/gavel and target/site'
