"""What is published can be made again: every run of results/ is one that a grid file of the manifest asks for."""

from pathlib import Path

import pytest

from plstm.lab import results
from plstm.lab.experiments import grid, selection
from plstm.lab.experiments.config import Config

GRIDS = Path(__file__).parents[3] / "grids"
PUBLISHED = results.names()


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_runs_stand_in_their_grid(name):
    grids = [GRIDS / file for file in results.manifest()[name]["grids"]]
    asked = {_key(config) for path in grids for config in [*grid.read(path), *_final(path, name)]}
    runs = [Config(**run["result"]["config"]) for run in results.published(name)]
    assert [config.as_dict() for config in runs] == [run["result"]["config"] for run in results.published(name)]
    unasked = [grid.directory_name(config) for config in runs if _key(config) not in asked]
    assert not unasked, f"{len(unasked)} of {len(runs)} published runs are in none of {grids}: {unasked}"


@pytest.mark.parametrize("path", sorted(GRIDS.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_grid_has_the_name_of_its_file(path):
    assert f"\nname: {path.stem}\n" in "\n" + path.read_text(encoding="utf-8")


# Its models have the settings that other searches chose.
UNSEARCHED = "fair_mnist_long"
# The other models of these comparisons are those of another one.
ALONE = {"fair_frequency_known", "fair_frequency_state_space"}
FAIR = sorted(one for one in [*GRIDS.glob("fair_*.yaml"), *GRIDS.glob("real_*.yaml")] if one.stem != UNSEARCHED)


@pytest.mark.parametrize("path", FAIR, ids=lambda path: path.stem)
def test_a_fair_grid_searches_alike_for_every_model(path):
    asked, tried = grid.read_whole(path), {}
    for config in asked.configs:
        settings = {**config.as_dict(), "seed": None}
        tried.setdefault((config.task, config.model), {}).setdefault(str(settings), set()).add(config.seed)
    assert {len(settings) for settings in tried.values()} == {16} and (path.stem in ALONE) == (len(tried) == 1)
    assert all(seeds == {0, 1} for settings in tried.values() for seeds in settings.values())
    for what in ("steps", "batch_size", "dtype", "engine"):
        assert len({getattr(config, what) for config in asked.configs}) == 1, what
    # At equal multiply-adds each model has its own number of units; otherwise they have equal numbers.
    for task, model in {(task, model if path.stem.endswith("_work") else None) for task, model in tried}:
        assert len({c.units for c in asked.configs if c.task == task and model in (None, c.model)}) == 1, task
    rates = [{c.learning_rate for c in asked.configs if c.model == model} for _, model in tried]
    assert all(rate == rates[0] for rate in rates) and len(asked.final.seeds) >= 5
    text = path.read_text(encoding="utf-8")
    assert all(word in text for word in ("# Search:", "# Final:", "# Measure:", "# Rule", "margin", "before its runs"))


def _final(path, name):
    """The configs of a grid's second stage, by the published runs of its first; none of a grid with one stage."""
    asked = grid.read_whole(path)
    if asked.final is None or path.stem != name:
        return []
    found = {_key(Config(**run["result"]["config"])): run["result"] for run in results.published(name)}
    choices = selection.choose_settings(
        [(config, found.get(_key(config))) for config in asked.configs], asked.final.best
    )
    published = [{key: one[key] for key in one if key != "grid"} for one in results.choices(name)]
    assert all(choice.as_dict() in published for choice in choices)
    return selection.final_configs(choices, asked.final)


def _key(config):
    """A config as it is compared: the engine left out."""
    settings = config.as_dict()
    return grid.directory_name(Config(**{**settings, "engine": "auto"}))
