#!/bin/sh
# Run one step of the Makefile: a line with its seconds. What it says goes to a log; a failure shows the log's end and
# what to do. What a step wants to be seen all the same, it writes to descriptor 3.
# usage: tools/step.sh WHAT ADVICE COMMAND...
# LOGS: the folder of the logs, default _build/logs; empty: everything is shown.
what=$1
advice=$2
shift 2
logs=${LOGS-_build/logs}
log=$logs/$(printf '%s' "$what" | tr -c 'A-Za-z0-9.\n' '-').log
trap 'printf "\nSTOPPED: %s. The same command takes it up again.\n" "$what" >&2; exit 130' INT TERM
{ [ -n "$logs" ] && mkdir -p "$logs" && : >"$log"; } 2>/dev/null || log=
start=$(date +%s)
if [ -n "$log" ]; then
    "$@" 3>&1 >"$log" 2>&1
else
    "$@" 3>&1
fi
status=$?
if [ "$status" -eq 0 ]; then
    printf '%-64s %5s s\n' "$what" "$(($(date +%s) - start))"
    exit 0
fi
[ -z "$log" ] || tail -n 40 "$log" >&2
printf '\nFAILED: %s (exit status %s)\n%s\n' "$what" "$status" "$advice" >&2
[ -z "$log" ] || printf 'All that it said: %s\n' "$log" >&2
exit "$status"
