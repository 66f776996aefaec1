#!/usr/bin/env bash
# Grades a class on a Slurm cluster. Splits it into parts, submits them as a job array and a merge after them, and
# shows progress. Parts that fail are submitted again, twice at most. Ctrl-C ends the display and no job; the same
# command with RESULTS alone shows the progress again.
#
#   grading/slurm.sh SUBMISSIONS RESULTS PARTS [options of cargo grade split]
#   grading/slurm.sh RESULTS
#
# The workspace, the submissions and the results must be in folders that all nodes share. SBATCH holds options of
# sbatch for each part, such as SBATCH="--partition=short --cpus-per-task=4".
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
grade=$here/target/debug/grade
attempts=3

usage() { sed -n "2,12s/^# \{0,1\}//p" "$0"; }

fail() {
  echo "error: $*" >&2
  exit 2
}

# A word for the shell that runs a job.
quote() { printf "%q" "$1"; }

# Submits the parts of this list, and a merge after them.
submit() {
  local list=$1 attempt=$2 parts=$3 array merge script
  script=$(quote "$here/grading/slurm.sh")
  # shellcheck disable=SC2086 # SBATCH holds several options.
  array=$(sbatch --parsable ${SBATCH:-} --job-name=grade --requeue --open-mode=append --array="$list" \
    --output="$results/slurm/part-%a.txt" \
    --wrap "exec $(quote "$grade") run --out $(quote "$results") --part \$SLURM_ARRAY_TASK_ID/$parts --jobs \${SLURM_CPUS_PER_TASK:-1}")
  merge=$(sbatch --parsable --job-name=merge --open-mode=append --dependency="afterany:$array" \
    --output="$results/slurm/merge.txt" \
    --wrap "exec $script --merge $(quote "$results") $attempt $parts")
  echo "$merge" >"$results/slurm/merge.job"
}

# Merges what is done, and submits what is missing again.
merge() {
  local attempt=$1 parts=$2 code=0 text missing
  text=$("$grade" merge "$results") || code=$?
  missing=$(sed -n 's/^missing: //p' <<<"$text")
  if [ "$code" = 75 ] && [ -n "$missing" ] && [ "$attempt" -lt "$attempts" ]; then
    submit "$missing" $((attempt + 1)) "$parts"
    exit 0
  fi
  printf '%s\n' "$text" >"$results/slurm/summary.txt"
  echo "$code" >"$results/slurm/exit"
}

# The state of a job; nothing if it has left the queue. A cluster that is too busy to answer says nothing about it.
state_of() {
  local text
  if text=$(squeue --noheader --job "$1" --format=%T 2>&1) || [[ $text != *"Invalid job id"* ]]; then
    echo "$text"
  fi
}

# Shows how many parts are done until all is merged, and then the summary.
watch() {
  local shown="" line finished parts job state
  parts=$(find "$results/parts" -mindepth 1 -maxdepth 1 -type d | wc -l)
  while [ ! -e "$results/slurm/exit" ]; do
    job=$(cat "$results/slurm/merge.job")
    finished=$(find "$results/parts" -name seal | wc -l)
    state=$(state_of "$job")
    line="$finished of $parts parts are done"
    [ "$line" = "$shown" ] || echo "$line"
    shown=$line
    sleep 2
    # A merge that has left the queue without a result was cancelled, or has failed.
    if [ -z "$state" ] && [ ! -e "$results/slurm/exit" ] && [ "$job" = "$(cat "$results/slurm/merge.job")" ]; then
      echo "error: job $job has ended without a result: see $results/slurm/merge.txt" >&2
      exit 75
    fi
  done
  cat "$results/slurm/summary.txt"
  exit "$(cat "$results/slurm/exit")"
}

case ${1:-} in
--merge)
  results=$2
  merge "$3" "$4"
  ;;
-h | --help)
  usage
  ;;
"" | -*)
  usage >&2
  exit 2
  ;;
*)
  if [ $# = 1 ]; then
    [ -e "$1/slurm/merge.job" ] || fail "nothing was submitted for $1: see the usage with --help"
    results=$(cd "$1" && pwd)
    watch
  fi
  [ $# -gt 2 ] || { usage >&2 && exit 2; }
  submissions=$1 out=$2 parts=$3
  [[ $parts =~ ^[1-9][0-9]*$ ]] || fail "$parts is not a number of parts"
  [ -d "$submissions" ] || fail "$submissions is not a folder"
  [[ $(pwd)/$out != *%* ]] || fail "Slurm replaces % in paths: choose other results than $out"
  for program in sbatch squeue; do
    command -v "$program" >/dev/null || fail "$program is not here: run this where Slurm is"
  done
  shift 3
  "$here/grading/cargo-grade.sh" split "$submissions" --out "$out" --parts "$parts" "$@" >/dev/null
  results=$(cd "$out" && pwd)
  mkdir "$results/slurm"
  submit "1-$parts" 1 "$parts"
  watch
  ;;
esac
