#!/bin/sh
# Run two commands at once. What the first says is seen at once, what the second says after it. Fails if one fails.
# usage: tools/both.sh COMMAND COMMAND
said=$(mktemp) || exit 1
sh -c "$2" >"$said" 2>&1 &
second=$!
trap 'rm -f "$said"' EXIT
# A command in the background does not hear Ctrl-C.
trap 'pkill -P "$second"; kill "$second" 2>/dev/null; exit 130' INT TERM
sh -c "$1"
status=$?
wait "$second" || status=$?
cat "$said"
exit "$status"
