#!/usr/bin/env bash
# Checks the grader on this machine: honest solutions, attacks, interruptions. Each attack is compiled, so all
# of it takes a quarter of an hour or more. With names of attacks in grading/attacks/ it tries only those.
#
#   grading/selfcheck.sh [--seeds N] [--one-in N] [--sandbox landlock] [ATTACK...]
set -euo pipefail
exec "$(dirname "$0")/cargo-grade.sh" selfcheck "$@"
