"""Constructors name their arguments: editors show them, docstrings explain them, and others are a TypeError."""

import inspect
import re

import keras
import pytest

import plstm
from plstm.layers import initializers, presets
from tests.layers.test_keras import EVERYTHING

KERAS = {
    plstm.PhasedLSTM: keras.layers.LSTM,
    plstm.PhasedGRU: keras.layers.GRU,
    plstm.PhasedLSTMCell: keras.layers.LSTMCell,
    plstm.PhasedGRUCell: keras.layers.GRUCell,
    plstm.Bidirectional: keras.layers.Bidirectional,
    plstm.TimeGate: keras.layers.Layer,
}
MADE = {
    **dict.fromkeys(KERAS, (3,)),
    plstm.Bidirectional: (plstm.PhasedLSTM(3),),
    initializers.LogUniform: (),
    initializers.UniformOverPeriod: (),
    initializers.Values: ([1.0, 2.0],),
    initializers.ForgetBias: (),
    initializers.ChronoBias: (10,),
}
RECURRENT = list(KERAS)[:4]
LAYERS, CELLS = RECURRENT[:2], RECURRENT[2:]
# Of a whole layer, not of its cell.
OF_SEQUENCES = ("return_sequences", "return_state", "go_backwards", "stateful", "zero_output_for_mask", "engine")


def arguments(made):
    """The parameters that an editor completes after the opening bracket."""
    return inspect.signature(made).parameters


@pytest.mark.parametrize("made", MADE)
def test_nothing_hides_in_keywords(made):
    hidden = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    assert [name for name, one in arguments(made).items() if one.kind in hidden] == []
    assert [name for name, one in arguments(made).items() if one.annotation is one.empty] == []


@pytest.mark.parametrize("made", KERAS)
def test_a_call_names_its_arguments_and_the_docstring_has_an_entry_for_each(made):
    _, *named = arguments(made.__call__).values()
    hidden = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    assert [one.name for one in named if one.kind in hidden or one.annotation is one.empty] == []
    assert {one.name for one in named} == set(arguments(made.call)) - {"self"}
    told = inspect.getdoc(made).split("Call arguments:")[1].split("Returns:")[0]
    assert re.findall(r"^    (\w+):", told, re.MULTILINE) == [one.name for one in named]


@pytest.mark.parametrize("made", KERAS)
def test_arguments_of_keras_with_the_defaults_of_keras(made):
    own = {name: one.default for name, one in arguments(made).items()}
    for theirs in (keras.layers.Layer, KERAS[made]):
        for name, one in inspect.signature(theirs.__init__).parameters.items():
            # Autocast would round times.
            if name not in ("self", "args", "kwargs", "autocast"):
                assert own[name] == one.default, name


@pytest.mark.parametrize("made", RECURRENT)
def test_arguments_of_the_gate_with_its_defaults(made):
    own = arguments(made)
    for name, one in arguments(plstm.TimeGate).items():
        assert own[{"shape": "gate_shape", "gradient": "gate_gradient"}.get(name, name)].default == one.default, name


@pytest.mark.parametrize(
    ("made", "cell"), [(plstm.PhasedLSTM, plstm.PhasedLSTMCell), (plstm.PhasedGRU, plstm.PhasedGRUCell)]
)
def test_arguments_of_the_cell_with_its_defaults(made, cell):
    own = arguments(made)
    assert {name: one.default for name, one in arguments(cell).items()}.items() <= {
        name: one.default for name, one in own.items()
    }.items()


@pytest.mark.parametrize("made", MADE)
def test_every_argument_has_an_entry_in_the_docstring(made):
    section = re.search(r"^Args:\n((?: .*\n|\n)+)", inspect.getdoc(made) + "\n", re.MULTILINE)
    entries = re.findall(r"^    (\w+): ", section[1], re.MULTILINE) if section else []
    assert sorted(entries) == sorted(arguments(made))


@pytest.mark.parametrize("unknown", ["perod_initializer", "time_major", "kwargs", "self_"])
@pytest.mark.parametrize("made", MADE)
def test_an_unknown_argument_is_named(made, unknown):
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{unknown}'"):
        made(*MADE[made], **{unknown: None})


@pytest.mark.parametrize(("made", "other"), [(plstm.PhasedGRU, "peepholes"), (plstm.PhasedLSTM, "reset_after")])
def test_an_argument_of_the_other_layer_is_unknown(made, other):
    for one in (made, made.cell_class):
        with pytest.raises(TypeError, match=other):
            one(3, **{other: True})
    theirs = made.keras_class(3)
    theirs.build((None, 5, 2))
    with pytest.raises(TypeError, match=other):
        made.from_keras(theirs, **{other: True})
    with pytest.raises(TypeError, match=other):
        made.from_config({**made(3).get_config(), other: True})


@pytest.mark.parametrize("name", [name for name in EVERYTHING if name not in OF_SEQUENCES])
@pytest.mark.parametrize("made", CELLS)
def test_config_of_a_cell_keeps_every_argument(made, name):
    config = made(2, **{name: EVERYTHING[name]}).get_config()
    assert config[name] != made(2).get_config().get(name)
    assert made.from_config(config).get_config() == config


@pytest.mark.parametrize("made", KERAS)
def test_arguments_of_every_layer_arrive(made):
    layer = made(*MADE[made], name="so", dtype="float64", trainable=False, activity_regularizer="l2")
    assert (layer.name, layer.dtype, layer.trainable) == ("so", "float64", False)
    assert layer.activity_regularizer.l2 == keras.regularizers.L2().l2
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()


@pytest.mark.parametrize("shape", [{"input_shape": (7,)}, {"input_dim": 7}])
@pytest.mark.parametrize("made", KERAS)
def test_shapes_of_inputs_are_taken_as_keras_takes_them(made, shape):
    with pytest.warns(UserWarning, match="input_shape"):
        layer = made(*MADE[made], **shape)
    assert layer._input_shape_arg == (7,)


@pytest.mark.parametrize("made", KERAS)
def test_units_can_be_named_and_only_gates_take_more_in_order(made):
    first, *others = arguments(made).values()
    assert made(**{first.name: MADE[made][0]}).built is False
    if made in RECURRENT:
        assert {one.kind for one in others} == {inspect.Parameter.KEYWORD_ONLY}


def test_a_gate_takes_its_arguments_in_the_old_order():
    gate = plstm.TimeGate(2, 8.0, 1.0, 0.5, None, "l2", 0.01, True, 3.0, "square", "none", "log", "shift")
    named = plstm.TimeGate(
        units=2,
        period_initializer=8.0,
        shift_initializer=1.0,
        ratio_on_initializer=0.5,
        period_regularizer=None,
        ratio_on_regularizer="l2",
        leak=0.01,
        leak_at_inference=True,
        origin=3.0,
        shape="square",
        gradient="none",
        parametrization="log",
        frozen="shift",
        name=gate.name,
    )
    assert gate.get_config() == named.get_config()


@pytest.mark.parametrize(
    "preset", [presets.authors, presets.tf1_repository, presets.tf_contrib, presets.phased_lstm_keras]
)
def test_presets_give_arguments_that_exist(preset):
    assert preset().keys() <= arguments(plstm.PhasedLSTM).keys()


def test_a_layer_of_ones_own_hands_arguments_on():
    class Mine(plstm.PhasedLSTM):
        def __init__(self, units, **kwargs):
            super().__init__(units, peepholes=True, **kwargs)

    assert Mine(2, leak=0.5).get_config()["leak"] == 0.5
    with pytest.raises(TypeError, match="lek"):
        Mine(2, lek=0.5)
