"""Draw the diagram of imports between the rooms of the package into ARCHITECTURE.md.

usage: python tools/architecture.py        (writes the diagram between the two marks of that file)

An arrow says that code in one room imports code in another. An import that a longer path implies has no arrow.
"""

from pathlib import Path

import grimp

PAGE = Path(__file__).parents[1] / "ARCHITECTURE.md"
MARKS = ("<!-- drawn by tools/architecture.py -->\n", "<!-- end of the drawing -->\n")
STOREYS = {"the laboratory, plstm.lab": "plstm.lab", "the library, plstm": "plstm"}
LEFT_OUT = {"plstm.__main__", "plstm.lab", "plstm.types"}  # imported by everything


def rooms(graph):
    """The modules and folders just below each storey."""
    found = {child for storey in STOREYS.values() for child in graph.find_children(storey)}
    return sorted(found - LEFT_OUT)


def arrows(graph, names):
    """(from, to) for every import between two rooms, without those that a longer path implies."""
    direct = {
        (a, b)
        for a in names
        for b in names
        if a != b and graph.direct_import_exists(importer=a, imported=b, as_packages=True)
    }
    reach = {a: {b for x, b in direct if x == a} for a in names}
    for _ in names:
        reach = {a: reach[a].union(*(reach[b] for b in reach[a])) for a in names}
    return sorted((a, b) for a, b in direct if not any(b in reach[c] for x, c in direct if x == a and c != b))


def diagram():
    """The Mermaid text."""
    graph = grimp.build_graph("plstm", cache_dir=None, exclude_type_checking_imports=True)
    names = rooms(graph)
    lines = ["```mermaid", "flowchart TD"]
    for title, storey in STOREYS.items():
        lines.append(f'  subgraph {storey.replace(".", "_")}_storey["{title}"]')
        lines += [
            f"    {name.replace('.', '_')}[{name.rpartition('.')[2]}]"
            for name in names
            if name.rpartition(".")[0] == storey
        ]
        lines.append("  end")
    lines += [f"  {a.replace('.', '_')} --> {b.replace('.', '_')}" for a, b in arrows(graph, names)]
    return "\n".join([*lines, "```"]) + "\n"


def drawn(text):
    """The page with the current diagram between its marks."""
    before, _, rest = text.partition(MARKS[0])
    _, mark, after = rest.partition(MARKS[1])
    if not mark:
        raise ValueError(f"expected the marks {MARKS} in {PAGE.name}")
    return f"{before}{MARKS[0]}\n{diagram()}\n{MARKS[1]}{after}"


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
