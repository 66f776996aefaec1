#!/usr/bin/env bash
# Runs tests of one submission many times, to tell flaky from broken.
#
#   grading/repeat.sh SUBMISSION [FILTER...] [-n RUNS] [--until-fail]
set -euo pipefail
usage() { sed -n "2,4s/^# \{0,1\}//p" "$0"; }
case ${1:-} in
-h | --help) usage && exit ;;
"" | -*) usage >&2 && exit 2 ;;
esac
exec "$(dirname "$0")/cargo-grade.sh" repeat "$@"
