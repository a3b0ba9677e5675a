"""The Triton engine on this machine's NVIDIA GPU, checked and measured in one run of under eight minutes.

    python benchmarks/gpu.py --out gpu.json          # check, then measure; every row is written as it comes
    python benchmarks/gpu.py --check                 # is what it computes right? Exit code 1 if not
    python benchmarks/gpu.py --show gpu.json         # the table of a file
    TRITON_INTERPRET=1 python benchmarks/gpu.py --toy   # on a CPU: does the script run? Its times say nothing

It needs PyTorch with its Triton, Keras and this package (on the path is enough); JAX if that shall be measured too.
"""

import argparse
import os
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
sys.path.insert(0, str(Path(__file__).parents[1]))

from plstm.errors import ConfigError  # noqa: E402
from plstm.lab.bench import gpu, gpu_check, report  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="where the JSON goes; default: nowhere, the table alone")
    parser.add_argument("--check", action="store_true", help="check the numbers and stop")
    parser.add_argument("--toy", action="store_true", help="tiny sizes, on a CPU too")
    parser.add_argument("--show", type=Path, metavar="FILE", help="print the table of a file and stop")
    parser.add_argument(
        "--budget", type=float, default=gpu.BUDGET, help="seconds after which no row is begun; default %(default)s"
    )
    parser.add_argument("--repeats", type=int, default=gpu.REPEATS, help="measured rounds; default %(default)s")
    options = parser.parse_args()
    if options.show:
        print(report.table(report.read(options.show)))
        return 0
    try:
        if options.check:
            found = list(gpu_check.checks(gpu.device(options.toy), options.toy))
            print("\n".join(map(gpu_check.line, found)))
        else:
            say = lambda line: print(line, file=sys.stderr, flush=True)  # noqa: E731
            made = gpu.run(options.out, None, options.toy, options.budget, options.repeats, say)
            print(gpu.table(made))
            found = made["checks"]
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    return 0 if all(one["ok"] for one in found) else 1


if __name__ == "__main__":
    sys.exit(main())
