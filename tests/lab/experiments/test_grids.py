"""What is published can be made again: every run of results/ is one that a grid file of that name asks for."""

from pathlib import Path

import pytest

from plstm.lab import results
from plstm.lab.experiments import grid
from plstm.lab.experiments.config import Config

GRIDS = Path(__file__).parents[3] / "grids"
PUBLISHED = sorted(path.stem for path in results.FOLDER.glob("*.json") if path.stem != "schema")


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_runs_stand_in_their_grid(name):
    grids = [GRIDS / f"{name}.yaml", *GRIDS.glob(f"{name}_*.yaml")]  # adding_irregular is published as adding, too
    asked = {_key(config) for path in grids for config in grid.read(path)}
    runs = [Config(**run["result"]["config"]) for run in results.published(name)]
    unasked = [grid.directory_name(config) for config in runs if _key(config) not in asked]
    assert not unasked, f"{len(unasked)} of {len(runs)} published runs are in no grids/{name}*.yaml: {unasked}"


@pytest.mark.parametrize("path", sorted(GRIDS.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_grid_has_the_name_of_its_file(path):
    assert f"\nname: {path.stem}\n" in "\n" + path.read_text(encoding="utf-8")


def _key(config):
    """A config as it is compared: options with the models' defaults of today, the engine left out."""
    settings = config.as_dict()
    return grid.directory_name(Config(**{**settings, "engine": "auto"}))
