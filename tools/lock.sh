#!/bin/sh
# Write requirements.txt: exact versions of everything, transitive too, for Python 3.11 to 3.13 on Linux and macOS;
# and tools/lowest.txt: the lowest versions that pyproject.toml allows, with what they need, for `make test-oldest`.
# usage: tools/lock.sh PYTHON
set -eu
"$1" -m pip install --disable-pip-version-check --quiet uv
"$1" -m uv pip compile pyproject.toml --extra book --extra events --extra real --extra sweep --extra dev --universal \
    --python-version 3.11 --upgrade --quiet --no-emit-index-url --no-emit-find-links \
    --custom-compile-command "make lock" --output-file requirements.txt
"$1" -m uv pip compile pyproject.toml --extra lab --extra tensorflow --extra events --extra sweep \
    --resolution lowest-direct --python-version 3.11 --upgrade --quiet --no-annotate \
    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
    --output-file tools/lowest.txt
