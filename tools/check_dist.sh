#!/bin/sh
# Install the wheel in dist/ with nothing but what it asks for, use it as README does, and remove it again.
# usage: tools/check_dist.sh PYTHON [VENV]; VENV is kept, without plstm, so that TensorFlow is installed once
set -eu
python=$1
venv=${2:-.venv-dist-$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')}
root=$(pwd)
set -- dist/plstm-*.whl
[ -f "$1" ] || { echo "expected a wheel in dist/, found none: make dist" >&2; exit 1; }
wheel=$root/$1

# Nothing of the shell that started this may lend a hand.
unset PYTHONPATH PYTHONHOME KERAS_BACKEND PLSTM_LIVE MPLBACKEND || true
export TF_CPP_MIN_LOG_LEVEL=3 PIP_DISABLE_PIP_VERSION_CHECK=1

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
venv=$(cd "$venv" && pwd)
"$venv/bin/python" -m pip uninstall --quiet --yes plstm 2>/dev/null || true
echo "== $("$venv/bin/python" --version): $(basename "$wheel") in $venv"
"$venv/bin/python" -m pip install --quiet "$wheel"
"$venv/bin/python" -m pip check

# A space and a letter beyond ASCII, since a folder of one's own may have both.
folder=$(mktemp -d)/"an é folder"
mkdir -p "$folder"
trap 'rm -rf "$(dirname "$folder")"' EXIT
cd "$folder"
"$venv/bin/python" -P "$root/tools/check_installed.py" "$root"
if [ -n "${PLSTM_BROWSER:-}" ]; then
    "$PLSTM_BROWSER" --headless --no-sandbox --disable-gpu --disable-background-networking --dump-dom \
        "file://$folder/figure.html" >dom.html 2>/dev/null
    grep -q 'type="range"' dom.html || { echo "expected sliders in the live figure, got none" >&2; exit 1; }
    echo "browser    the live figure has its sliders"
fi

"$venv/bin/python" -m pip uninstall --quiet --yes plstm
# What Numba compiled lies beside the package's bytecode, and pip, which did not put it there, leaves it.
find "$venv" -path '*/plstm/*' \( -name '*.nbi' -o -name '*.nbc' \) -delete
find "$venv" -depth -path '*/plstm*' -type d -empty -delete
left=$(find "$venv" -iname '*plstm*' -print)
[ -z "$left" ] || { printf 'expected nothing of plstm after its removal, got\n%s\n' "$left" >&2; exit 1; }
echo "removed    nothing of plstm is left but compiled code of Numba's"
