#!/usr/bin/env bash
# Grades a folder of submissions, or resumes an interrupted grading. Prints a summary, and where the reports are.
#
#   grading/grade.sh SUBMISSIONS RESULTS [--stages 2A,2B] [--seeds N] [--jobs J]
set -euo pipefail
usage() { sed -n "2,4s/^# \{0,1\}//p" "$0"; }
case ${1:-} in
-h | --help) usage && exit ;;
"" | -*) usage >&2 && exit 2 ;;
esac
case ${2:-} in
"" | -*) usage >&2 && exit 2 ;;
esac
submissions=$1
results=$2
shift 2
exec "$(dirname "$0")/cargo-grade.sh" run "$submissions" --out "$results" "$@"
