#!/bin/sh
# Build the book into _build/html: every notebook executed, or taken from the cache where nothing it depends on changed.
# usage: tools/book.sh PYTHON
python=$1

# A backend set in the shell would leave every figure out of the pages; TensorFlow's notices do not belong on them.
unset MPLBACKEND
# A page shows the HTML form of a live figure; its widget form would only make the page larger.
export TF_CPP_MIN_LOG_LEVEL=3 PYDEVD_DISABLE_FILE_VALIDATION=1 PLSTM_LIVE=page

"$python" -c 'from jupyter_book.cli.main import main; main()' build . -W -n --keep-going
status=$?
if [ "$status" -ne 0 ]; then
    # Sphinx remembers a page it has read and would not warn about it again: the next build would pass.
    rm -rf _build/.doctrees
fi
[ "$status" -ne 0 ] || "$python" tools/policy.py _build/html || status=$?
exit "$status"
