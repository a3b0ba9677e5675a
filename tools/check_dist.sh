#!/bin/sh
# Install the wheel in dist/ as README says, use it, and remove it again: the library alone beside PyTorch and beside JAX,
# then with the laboratory beside TensorFlow.
# usage: tools/check_dist.sh PYTHON [TORCH]; the environments .venv-dist-* are kept, without plstm, so that backends are
# installed once. TORCH is what pip is asked for, e.g. torch==2.13.0
set -eu
python=$1
torch=${2:-torch}
root=$(pwd)
set -- dist/plstm-*.whl
[ -f "$1" ] || { echo "expected a wheel in dist/, found none: make dist" >&2; exit 1; }
wheel=$root/$1
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')

# Nothing of the shell that started this may lend a hand.
unset PYTHONPATH PYTHONHOME KERAS_BACKEND PLSTM_LIVE MPLBACKEND || true
export TF_CPP_MIN_LOG_LEVEL=3 PIP_DISABLE_PIP_VERSION_CHECK=1

# A space and a letter beyond ASCII, since a folder of one's own may have both.
folder=$(mktemp -d)/"an é folder"
mkdir -p "$folder"
trap 'rm -rf "$(dirname "$folder")"' EXIT

# install NAME EXTRA BACKEND: the wheel in an environment of that name, after the backend itself; "venv" is where.
install() {
    venv=$root/.venv-dist-$version-$1
    [ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
    "$venv/bin/python" -m pip uninstall --quiet --yes plstm 2>/dev/null || true
    echo "== $1, $("$venv/bin/python" --version): $(basename "$wheel")"
    "$venv/bin/python" -m pip install --quiet "$3"
    before=$(du -sm "$venv" | cut -f1)
    "$venv/bin/python" -m pip install --quiet "$wheel$2"
    "$venv/bin/python" -m pip check
    echo "size       $(($(du -sm "$venv" | cut -f1) - before)) MB beside what was there; $before MB with the backend alone"
}

remove() {
    "$venv/bin/python" -m pip uninstall --quiet --yes plstm
    # What Numba compiled lies beside the package's bytecode, and pip, which did not put it there, leaves it.
    find "$venv" -path '*/plstm/*' \( -name '*.nbi' -o -name '*.nbc' \) -delete
    find "$venv" -depth -path '*/plstm*' -type d -empty -delete
    left=$(find "$venv" -iname '*plstm*' -print)
    [ -z "$left" ] || { printf 'expected nothing of plstm after its removal, got\n%s\n' "$left" >&2; exit 1; }
    echo "removed    nothing of plstm is left"
}

for backend in torch jax; do
    case $backend in torch) wanted=$torch ;; *) wanted=$backend ;; esac
    install "$backend" "[$backend]" "$wanted"
    (cd "$folder" && KERAS_BACKEND=$backend "$venv/bin/python" -P "$root/tools/check_installed.py" "$root" library)
    remove
done

install tensorflow "[lab,tensorflow]" tensorflow
cd "$folder"
"$venv/bin/python" -P "$root/tools/check_installed.py" "$root" laboratory
if [ -n "${PLSTM_BROWSER:-}" ]; then
    "$PLSTM_BROWSER" --headless --no-sandbox --disable-gpu --disable-background-networking --allow-file-access-from-files \
        --virtual-time-budget=5000 --dump-dom "file://$folder/figure.html" >dom.html 2>/dev/null
    grep -q 'type="range"' dom.html || { echo "expected sliders in the live figure, got none" >&2; exit 1; }
    echo "browser    the live figure has its sliders"
fi
remove
