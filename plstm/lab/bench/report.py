"""Reports of benchmarks: measurements with their provenance as JSON, and the JSON as a table."""

from pathlib import Path

from plstm._files import parse_json
from plstm.errors import ResultError
from plstm.lab import markdown
from plstm.lab.bench import Shape, arithmetic, gpu, infer, serve, steps, streams, trade
from plstm.lab.bench.contenders import CONTENDERS, MODES
from plstm.lab.experiments import provenance
from plstm.lab.results import FOLDER

FORMAT = "plstm-bench-1"
# The kinds of measurement of plstm bench; each module has FORMAT, run and table.
OTHERS = {module.FORMAT: module for module in (gpu, infer, serve, steps, streams, trade)}


def run(shapes, lengths, sizes, repeats, warmups, say=lambda line: None):
    """Measure; returns the report. ``lengths`` are those, T, of the sweep (may be empty); ``sizes`` its B, D, H."""
    from plstm.lab.bench.measure import measure
    from plstm.lab.bench.sweep import sweep

    return {
        "format": FORMAT,
        **provenance.stamp(),
        "settings": {"repeats": repeats, "warmups": warmups, "dtype": "float32", "clock": "shared: 0, 1, ..., T-1"},
        "peak": arithmetic.peak(repeats, say=say),
        "shapes": [measure(shape, repeats, warmups, say=say) for shape in shapes],
        "sweep": sweep(lengths, sizes, repeats, warmups, say=say),
    }


def read(path):
    """The report in a file.

    Raises:
        ResultError: the file is not the JSON of a benchmark.
    """
    try:
        report = parse_json(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ResultError(
            f"expected the JSON of plstm bench in {path}, got text that cannot be read ({error})"
        ) from error
    found = report.get("format") if isinstance(report, dict) else None
    if found not in (FORMAT, *OTHERS):
        raise ResultError(f"expected the format to be {FORMAT} or {', '.join(OTHERS)} in {path}, got {found!r}")
    try:
        table(report)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ResultError(
            f"expected a complete report of plstm bench in {path}, got one without a part of the table ({error!r})"
        ) from error
    return report


def published(name):
    """The report of a measurement that ships with the package: ``"train_cpu"``, ``"infer_cpu"``, ..."""
    return read(FOLDER / "bench" / f"{name}.json")


def table(report):
    """Markdown of any report. For one of ``run``: a row for each contender, shape and mode; the sweep; absentees."""
    if report["format"] in OTHERS:
        return OTHERS[report["format"]].table(report)
    machine, versions = report["hardware"], report["versions"]
    accelerators = ", ".join(machine["accelerators"]) or "no accelerator"
    commit = (
        report["git"]["commit"][:10] + (" with changes" if report["git"]["changed"] else "") if report["git"] else ""
    )
    packages = ", ".join(f"{name} {version}" for name, version in versions.items())
    lines = [
        f"{report['date']} · {machine['processor']}, {machine['cores']} cores, {report['threads']} threads, "
        f"{accelerators} · {packages}" + (f" · commit {commit}" if commit else "")
    ]
    # Reports from before the peak was measured have none.
    most = max(report.get("peak", {}).items(), key=lambda of: of[1], default=None)
    if most:
        lines += ["", f"Peak: {most[1] / 1e9:.0f} GFLOP/s, a dense product by {most[0]}"]
    for shape in report["shapes"]:
        for mode in MODES:
            lines += ["", _of_shape(shape, mode, most and most[1])]
    if report["sweep"]:
        lines += ["", _of_sweep(report["sweep"])]
    return "\n".join(lines)


def _of_shape(shape, mode, peak):
    title = {"train": "training step (forward and backward)", "forward": "forward"}[mode]
    above = f"B, T, D, H = {shape['batch']}, {shape['steps']}, {shape['features']}, {shape['units']}: {title}"
    heads = ["what", "median, ms", "quartiles, ms", "minimum, ms", "first call, s"]
    heads += ["of keras.layers.LSTM", "of plain cell", "GFLOP/s", "of peak"]
    rows = []
    sizes = Shape(*(shape[size] for size in Shape._fields))
    for name, label in CONTENDERS.items():
        if name in shape[mode]:
            of = shape[mode][name]
            low, middle, high, least = (
                f"{1e3 * of[key]:.2f}" for key in ("lower_quartile", "median", "upper_quartile", "minimum")
            )
            rate = arithmetic.operations(name, sizes)[mode] / of["median"]
            ratio = [
                f"{bases[name]:.2f}" if (bases := shape["ratios"][mode].get(base)) else "-"
                for base in ("keras-lstm", "plain-cell")
            ]
            spent = middle, f"{low} to {high}", least, f"{of['first_call']:.2f}"
            rows.append([label, *spent, *ratio, f"{rate / 1e9:.0f}", f"{rate / peak:.0%}" if peak else "-"])
        elif name in shape["absent"]:
            rows.append([label, f"absent: {_cell(shape['absent'][name])}", *[""] * 7])
    return f"{above}\n\n{markdown.table(heads, rows)}"


def _of_sweep(sweep):
    above = f"Training step against T, at B, D, H = {sweep[0]['batch']}, {sweep[0]['features']}, {sweep[0]['units']}"
    heads = ["what", "T", "median, s", "per step of the sequence, µs", "peak memory above import, MiB"]
    rows = []
    for row in sweep:
        start = CONTENDERS[row["contender"]], row["steps"]
        if "absent" in row:
            rows.append([*start, f"absent: {_cell(row['absent'])}", "", ""])
        else:
            times = f"{row['median']:.3f}", f"{1e6 * row['seconds_per_step']:.2f}"
            rows.append([*start, *times, f"{row['peak_bytes'] / 2**20:.0f}"])
    return f"{above}\n\n{markdown.table(heads, rows)}"


def _cell(text):
    return text.replace("|", "\\|")
