#!/usr/bin/env bash
# Checks the grader on this machine: honest solutions, attacks, interruptions. Takes some minutes.
#
#   grading/selfcheck.sh [--seeds N] [--sandbox landlock]
set -euo pipefail
exec cargo grade selfcheck "$@"
