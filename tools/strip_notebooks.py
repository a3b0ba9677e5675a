"""The normal form of a committed notebook: no outputs, no counts, no widget state, one kernel name.

usage: python tools/strip_notebooks.py NOTEBOOK...      (exit status 1 if one was changed, as pre-commit expects)
"""

import sys
from pathlib import Path

import nbformat

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
KEPT_IN_CELLS = {"mystnb", "tags"}


def normal_form(text):
    """The text of a notebook file in its normal form; the same text if it already is."""
    notebook = nbformat.reads(text, as_version=4)
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat_minor = 5
    for number, cell in enumerate(notebook.cells):
        cell.setdefault("id", f"cell-{number}")
        cell.metadata = nbformat.from_dict({key: value for key, value in cell.metadata.items() if key in KEPT_IN_CELLS})
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None
    return nbformat.writes(notebook) + "\n"


def main(names):
    changed = False
    for path in map(Path, names):
        before = path.read_text(encoding="utf-8")
        after = normal_form(before)
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(f"{path}: put into normal form")
            changed = True
    return changed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
