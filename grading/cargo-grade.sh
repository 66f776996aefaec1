#!/usr/bin/env bash
# Runs `cargo grade` from any folder, also outside of the workspace.
#
#   grading/cargo-grade.sh COMMAND [ARGUMENT...]
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
# The first build takes minutes, so it shows how far it is.
quiet=--quiet
[ -e "$here/target/debug/grade" ] || quiet=
# The workspace's settings count only in its folder, and the paths in the arguments only in this one.
(cd "$here" && CARGO_TARGET_DIR=$here/target cargo build $quiet --package grading)
exec "$here/target/debug/grade" "$@"
