#!/bin/sh
# Run one step of the Makefile, so that a failure ends with what failed and what to do about it.
# usage: tools/step.sh WHAT ADVICE COMMAND...
what=$1
advice=$2
shift 2
trap 'printf "\nSTOPPED: %s. The same command takes it up again.\n" "$what" >&2; exit 130' INT TERM
"$@"
status=$?
if [ "$status" -ne 0 ]; then
    printf '\nFAILED: %s (exit status %s)\n%s\n' "$what" "$status" "$advice" >&2
fi
exit "$status"
