#!/usr/bin/env bash
# Writes the students' workspace, without solutions, to DIR and checks it.
#
#   grading/handout.sh DIR [--stages 2C,2D]
set -euo pipefail
usage() { sed -n "2,4s/^# \{0,1\}//p" "$0"; }
case ${1:-} in
-h | --help) usage && exit ;;
"" | -*) usage >&2 && exit 2 ;;
esac
out=$1
shift
exec "$(dirname "$0")/cargo-grade.sh" handout --out "$out" "$@"
