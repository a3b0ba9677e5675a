"""Copy the networks of two finished runs to the digit reader: python tools/export_reader.py PHASED_RUN LSTM_RUN."""

import json
import sys

from plstm import _files
from plstm.lab import results
from plstm.lab.experiments import train
from plstm.lab.live import reader


def main(phased, lstm):
    content = reader.export_reader(train.load_model(phased), train.load_model(lstm))
    for name, run in (("phased", phased), ("lstm", lstm)):
        # The hash of its result tells from which published run these weights come.
        content[name]["run"] = results.read(f"{run}/result.json")[results.HASH]
    _files.write_text(reader.WEIGHTS, json.dumps(content, separators=(",", ":")) + "\n")
    print(f"{reader.WEIGHTS}: {reader.WEIGHTS.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(*sys.argv[1:])
