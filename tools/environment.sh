#!/bin/sh
# Make the virtual environment VENV hold exactly what requirements.txt pins, and plstm itself. Nothing to do: 0.1 s.
# usage: tools/environment.sh VENV [PYTHON]
set -eu
venv=$1
wanted=${2:-}

fail() {
    printf '\n%s\n' "$@" >&2
    exit 1
}

say() { # to the reader, past the log of a make target
    { printf '%s\n' "$1" >&3; } 2>/dev/null || printf '%s\n' "$1"
}

fits() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

version() {
    "$1" -c 'import platform; print(platform.python_version())' 2>&1 | tail -n 1
}

if [ -n "$wanted" ]; then
    command -v "$wanted" >/dev/null || fail "PYTHON=$wanted: there is no such command. Name a Python 3.11, 3.12 or 3.13."
    fits "$wanted" || fail "PYTHON=$wanted: expected Python 3.11, 3.12 or 3.13, got $(version "$wanted")."
    python=$wanted
else
    python=
    for candidate in python3 python3.13 python3.12 python3.11; do
        if command -v "$candidate" >/dev/null && fits "$candidate"; then
            python=$candidate
            break
        fi
    done
fi

# Without the mark of an end, the making of the environment may have been stopped before its pip was whole.
if [ -x "$venv/bin/python" ] && "$venv/bin/python" -c '' 2>/dev/null &&
    { [ -f "$venv/.installed" ] || "$venv/bin/python" -m pip --version >/dev/null 2>&1; }; then
    fits "$venv/bin/python" || fail "$venv: expected Python 3.11, 3.12 or 3.13, got $(version "$venv/bin/python")." \
        "Remove that folder (make distclean) and try again."
    if [ -n "$wanted" ] && [ "$(version "$wanted")" != "$(version "$venv/bin/python")" ]; then
        fail "$venv holds Python $(version "$venv/bin/python"), PYTHON=$wanted is $(version "$wanted")." \
            "Remove that folder first (make distclean), or choose another one: make VENV=.venv-other PYTHON=$wanted ..."
    fi
else
    if [ -z "$python" ]; then
        found=$(command -v python3 >/dev/null && version python3 || echo "no python3 at all")
        fail "expected Python 3.11, 3.12 or 3.13, got $found." \
            "Debian, Ubuntu: sudo apt-get install python3 python3-venv     macOS: brew install python@3.13" \
            "A Python elsewhere: make PYTHON=/path/to/python3.13 ..."
    fi
    "$python" -c 'import ensurepip, venv' 2>/dev/null || fail "Python $(version "$python") lacks its venv module." \
        "Debian, Ubuntu: sudo apt-get install python3-venv     (then try again)"
    say "Making $venv with Python $(version "$python")"
    "$python" -m venv --clear "$venv" || fail "$venv could not be made: is there space left, and may you write here?"
fi

python=$venv/bin/python
key=$("$python" - requirements.txt pyproject.toml <<'HASH'
import hashlib, os, platform, sys
parts = [platform.python_version(), os.getcwd(), *(open(name).read() for name in sys.argv[1:])]
print(hashlib.sha256("\0".join(parts).encode()).hexdigest())
HASH
)
if [ -f "$venv/.installed" ] && [ "$(cat "$venv/.installed")" = "$key" ]; then
    exit 0
fi
say "Installing what requirements.txt pins (about 1.5 GB on the first time, minutes)"
rm -f "$venv/.installed"
# INSTALLER is among the last files that pip writes: a package without it was stopped half-way, and pip would let it pass.
for half in "$venv"/lib/python*/site-packages/*.dist-info; do
    [ ! -d "$half" ] || [ -f "$half/INSTALLER" ] || rm -rf "$half"
done
"$python" tools/install.py requirements.txt || fail \
    "pip could not install the requirements." \
    "Its message stands above: most often the network, a proxy, or a full disk. Trying again goes on from here."
"$python" -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable . || fail \
    "pip could not install plstm itself. Its message stands above."
echo "$key" >"$venv/.installed"
