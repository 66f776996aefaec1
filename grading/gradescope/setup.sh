#!/usr/bin/env bash
# Gradescope runs this once, when it builds the image. It installs a compiler, and compiles everything that
# submissions have in common.
set -euo pipefail
apt-get update
apt-get install -y --no-install-recommends build-essential bubblewrap ca-certificates curl git
if ! command -v cargo >/dev/null; then
  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs |
    sh -s -- -y --profile minimal --default-toolchain @TOOLCHAIN@
  . "$HOME/.cargo/env"
fi
cd /autograder/source/tree
cargo build --quiet --package grading
./target/debug/grade prepare
