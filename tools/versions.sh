#!/bin/sh
# Test the core with the lowest versions that pyproject.toml allows, or with the newest there are.
# usage: tools/versions.sh lowest|newest PYTHON VENV [only-install]
set -eu
which=$1
python=$2
venv=$3

# The names alone: what no bound of ours holds back is what a stranger's pip would take today.
# An extra that names plstm itself brings no package of that name. The data of "real" are read by a chapter, not by the core.
names=$("$python" - "$which" <<'NAMES'
import re, sys, tomllib
project = tomllib.load(open("pyproject.toml", "rb"))["project"]
wanted = ["lab", "tensorflow", "events", "sweep", *(["real"] if sys.argv[1] == "newest" else [])]
texts = [*project["dependencies"], *(text for name in wanted for text in project["optional-dependencies"][name])]
names = dict.fromkeys(re.match(r"[\w-]+", text)[0] for text in texts)
print(*(name for name in names if name != project["name"]))
NAMES
)
with="h5py hypothesis ipykernel nbclient nbformat pytest"
case $which in
lowest) key=$(cksum tools/lowest.txt) ;;
newest) key=$(date +%Y-%m-%d) ;;
*) echo "expected lowest or newest, got $which" >&2; exit 2 ;;
esac
key="$("$python" --version) $names $with $key"
if [ ! -f "$venv/.installed" ] || [ "$(cat "$venv/.installed")" != "$key" ]; then
    echo "Installing the $which versions in $venv"
    rm -f "$venv/.installed"
    # The newest are brought up to date where they are; the lowest begin anew, since no pip goes down by itself.
    [ "$which" = newest ] && [ -x "$venv/bin/python" ] || "$python" -m venv --clear "$venv"
    case $which in
    lowest) what="--requirement tools/lowest.txt $with" ;;
    newest) what="--upgrade --upgrade-strategy eager $names $with" ;;
    esac
    # shellcheck disable=SC2086 # a list of names
    "$venv/bin/python" -m pip install --disable-pip-version-check --quiet $what
    echo "$key" >"$venv/.installed"
fi
"$venv/bin/python" - $names <<'SHOW'
import platform, sys
from importlib.metadata import version
print(f"== Python {platform.python_version()}:", ", ".join(f"{name} {version(name)}" for name in sys.argv[1:]))
SHOW
[ "${4:-}" != only-install ] || exit 0

# All but what tests the repository rather than the package: pages, notebooks, the tools; live figures want a browser.
PYTHONPATH=. NUMBA_CACHE_DIR="$(pwd)/$venv/numba" TF_CPP_MIN_LOG_LEVEL=3 \
    "$venv/bin/python" -m pytest --quiet -p no:cacheprovider plstm tests \
    --ignore=tests/tools --ignore=tests/pages --ignore=tests/notebooks --ignore=tests/lab/live --ignore=tests/lab/figures --deselect=tests/test_safety.py
