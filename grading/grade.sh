#!/usr/bin/env bash
# Grades a folder of submissions, or resumes an interrupted grading. Prints a summary, and where the reports are.
#
#   grading/grade.sh SUBMISSIONS RESULTS [--stages 2A,2B] [--seeds N] [--jobs J]
set -euo pipefail
[ $# -gt 1 ] || { sed -n "2,4p" "$0"; exit 2; }
submissions=$1
results=$2
shift 2
exec cargo grade run "$submissions" --out "$results" "$@"
