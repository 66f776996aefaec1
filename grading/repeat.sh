#!/usr/bin/env bash
# Runs tests of one submission many times, to tell flaky from broken.
#
#   grading/repeat.sh SUBMISSION [FILTER...] [-n RUNS] [--until-fail]
set -euo pipefail
[ $# -gt 0 ] || { sed -n "2,4p" "$0"; exit 2; }
exec cargo grade repeat "$@"
