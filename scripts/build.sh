#!/usr/bin/env bash
# Builds the release server and the browser bundle.

# shellcheck source=scripts/lib/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

scripts/setup.sh build
heading 'building the server'
cargo build --locked --release -p server
heading 'building the browser bundle'
scripts/build-frontend.sh
heading 'built target/release/gavel and target/site'
