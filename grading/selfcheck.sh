#!/usr/bin/env bash
# Proves the grader on this machine: honest solutions, attacks, interruptions. Takes some minutes.
#
#   grading/selfcheck.sh [--seeds N] [--wall landlock]
set -euo pipefail
exec cargo grade selfcheck "$@"
