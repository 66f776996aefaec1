#!/usr/bin/env bash
# Measures the suites: builds each known wrong solution of grading/bugs/ in a copy of this workspace, runs
# the stage that tests the rule it breaks, and prints how many runs noticed the bug.
#
#   grading/bugs.sh [-s] [-n RUNS] [-j JOBS] [BUG...]   e.g. grading/bugs.sh -n 10 vote-for-stale-log
#
# With -s the runs are simulations, with the seeds 1 to RUNS.
#
# Exit code: 0 if every bug was noticed in most of its runs, 1 if not, 2 for bad arguments. Bugs marked
# `Seldom:` do not count: about one run in a hundred shows them.
set -euo pipefail
cd "$(dirname "$0")/.."
runs=1
jobs=4
sim=
while getopts "sn:j:" option; do
  case $option in
    s) sim=--sim ;;
    n) runs=$OPTARG ;;
    j) jobs=$OPTARG ;;
    *) exit 2 ;;
  esac
done
shift $((OPTIND - 1))

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -r Cargo.toml Cargo.lock .cargo labgob labrpc raft kvraft shardkv tests grading "$copy"
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}/bugs
# A bug may leave code unused; such warnings do not matter.
export RUSTFLAGS=-Awarnings

[ $# -gt 0 ] || set -- $(basename -s .patch grading/bugs/*.patch)
status=0
printf '%-30s %-5s %-9s %s\n' bug stage noticed "how the first failing run ended"
for bug in "$@"; do
  patch=$PWD/grading/bugs/$bug.patch
  if [ ! -f "$patch" ]; then
    echo "there is no bug $bug in grading/bugs/" >&2
    exit 2
  fi
  stage=$(sed -n 's/^Stage: //p' "$patch")
  cp -r raft kvraft shardkv "$copy"
  (cd "$copy" && git apply "$patch")
  (cd "$copy" && cargo build --quiet --package lab)
  noticed=0
  first=
  for run in $(seq "$runs"); do
    if ! (cd "$copy" && "$CARGO_TARGET_DIR/debug/lab" run "$stage" $sim --seed "$run" --jobs "$jobs") \
      >"$copy/out" 2>&1; then
      noticed=$((noticed + 1))
      [ -n "$first" ] || first=$(awk '/^[0-9][A-D] / { name = $2 }
        /FAILED/ { sub(/.*FAILED +[0-9.]+s +/, ""); print name ": " $0; exit }' "$copy/out")
    fi
  done
  printf '%-30s %-5s %-9s %s\n' "$bug" "$stage" "$noticed/$runs" "$first"
  [ $((2 * noticed)) -gt "$runs" ] || grep -q '^Seldom:' "$patch" || status=1
done
exit $status
