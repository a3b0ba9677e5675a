"""Write the roles of Sphinx that stand in a notebook in the plain form that Jupyter and Colab show.

usage: python tools/plain_markdown.py NOTEBOOK...       (exit status 1 if one had to be changed, as pre-commit expects)

The pages get their roles back when they are built: book/_ext/plain_markdown.py, which says what the forms are.
"""

import json
import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
extension = runpy.run_path(str(ROOT / "book" / "_ext" / "plain_markdown.py"))


def main(names):
    entries = extension["bibliography"](ROOT / "book" / "references.bib")
    homes = extension["labels"](sorted((ROOT / "book").glob("*.ipynb")))
    changed = False
    for path in map(Path, names):
        before = path.read_text(encoding="utf-8")
        elsewhere = {label: home for label, home in homes.items() if home != path.name}
        try:
            notebook = extension["convert"](
                json.loads(before), lambda text, elsewhere=elsewhere: extension["to_plain"](text, entries, elsewhere)
            )
        except (KeyError, ValueError) as error:
            sys.exit(f"{path}: {error}")
        after = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(f"{path}: roles written as plain Markdown")
            changed = True
    return changed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
