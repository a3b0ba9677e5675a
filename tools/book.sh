#!/bin/sh
# Build the book into _build/html: every notebook executed, or taken from the cache where nothing it depends on changed.
# usage: tools/book.sh PYTHON
python=$1

# A backend set in the shell would leave every figure out of the pages; TensorFlow's notices do not belong on them.
unset MPLBACKEND
# A page shows the HTML form of a live figure; its widget form would only make the page larger.
export TF_CPP_MIN_LOG_LEVEL=3 PYDEVD_DISABLE_FILE_VALIDATION=1 PLSTM_LIVE=page
# Nothing of a user's own settings, kernels or start-up files shows on a page, and a home need not be writable.
home=$(pwd)/_build/.home
export JUPYTER_CONFIG_DIR="$home/jupyter" JUPYTER_DATA_DIR="$home/jupyter" JUPYTER_RUNTIME_DIR="$home/runtime"
export IPYTHONDIR="$home/ipython" MPLCONFIGDIR="$home/matplotlib"
# Pictures are drawn with lines, so that a page can give them the colours of its theme (book/_ext/pictures.py).
mkdir -p "$IPYTHONDIR/profile_default"
cat >"$IPYTHONDIR/profile_default/ipython_kernel_config.py" <<'END'
c.InlineBackend.figure_formats = {"svg"}
c.InlineBackend.print_figure_kwargs = {"bbox_inches": "tight", "metadata": {"Date": None}}
END
[ -w "${HOME:-/nowhere}" ] || export KERAS_HOME="${KERAS_HOME:-$home/keras}"

# A build that did not come to its end leaves pages half written, and Sphinx would neither write them again nor repeat
# its warnings: the next one would pass. So it reads and writes every page; what was executed is taken from the cache.
unfinished=_build/.unfinished
[ ! -e "$unfinished" ] || rm -rf _build/.doctrees
mkdir -p _build && : >"$unfinished" || exit 1

said=_build/.said
"$python" -c 'from jupyter_book.cli.main import main; main()' build . -W -n --keep-going >"$said" 2>&1
status=$?
# Sphinx colours its words and repeats its progress for every file; its warnings once more at the end, where they are seen.
sed "s/$(printf '\033')\[[0-9;]*m//g" "$said" | grep -vE '^(copying images|reading sources|writing output)\.\.\. '
[ "$status" -eq 0 ] || { echo; sed "s/$(printf '\033')\[[0-9;]*m//g" "$said" | grep -E '^/[^:]+:.*(WARNING|ERROR|CRITICAL)'; }
[ "$status" -ne 0 ] || "$python" tools/policy.py _build/html || status=$?
if [ "$status" -eq 0 ]; then
    rm -f "$unfinished"
else
    # Sphinx' own words for it stand far above.
    full=$(df -Pk _build | awk 'NR == 2 && $4 < 51200 { print "The disk is full or nearly so: " $4 " kB are left for _build." }')
    [ -z "$full" ] || { printf '\n%s\n' "$full" >&3; } 2>/dev/null || printf '\n%s\n' "$full"
fi
exit "$status"
