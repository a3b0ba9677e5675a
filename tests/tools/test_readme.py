"""README's Python examples run as they stand, one after another."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = re.findall(
    r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)


def test_there_is_an_example():
    assert EXAMPLES


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_example_runs(number, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(EXAMPLES[: number + 1])], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
