"""The network that learns in a page: its answers and its gradients are those of plstm.reference."""

import itertools

import numpy as np
import pytest

from plstm import reference
from tests.lab.live.node import node

FORWARD_AND_BACK = """
const { network, layout } = await load("trainer_network");
const { crossEntropy, squaredError } = await load("trainer_optimiser");
return argument.map(({ shape, parameters, leak, x, times, target, rhythm }) => {
  const net = network(shape, times.length + 3);
  net.parameters.set(parameters);
  net.refresh();
  const slopes = new Float64Array(shape.outputs);
  // A longer sequence first: nothing of it may be left.
  net.forward({ x: new Float64Array(x.length + 3 * shape.features).fill(0.7), times: [...times, 90, 91, 92] }, 0.1);
  const answers = [...net.forward({ x, times, target }, leak)];
  const loss = (shape.outputs === 1 ? squaredError : crossEntropy)(answers, target, slopes);
  const lags = new Float64Array(times.length + 1);
  net.backward({ x, times, target }, slopes, { rhythm, lags });
  return { answers, loss, gradient: net.gradient, lags };
});
"""


def keras_weights(shape, parameters):
    """The flat parameters as plstm.reference wants them, the dense layer, and the rhythm in natural units."""
    units, features, outputs = shape["units"], shape["features"], shape["outputs"]
    inputs = 1 + features + units
    cell = parameters[: 4 * units * inputs].reshape(units, inputs, 4)
    columns = cell.transpose(1, 2, 0).reshape(inputs, 4 * units)
    dense = parameters[4 * units * inputs :][: outputs * (1 + units)].reshape(outputs, 1 + units)
    weights = {"bias": columns[0], "kernel": columns[1 : 1 + features], "recurrent_kernel": columns[1 + features :]}
    rhythm = parameters[4 * units * inputs + outputs * (1 + units) :].reshape(-1, units)
    return weights, dense, rhythm


def loss_of(case, parameters):
    shape = case["shape"]
    weights, dense, rhythm = keras_weights(shape, parameters)
    times = np.array(case["times"])
    k = np.ones((len(times), shape["units"]))
    if shape["phased"]:
        period, shift, ratio_on = np.abs(rhythm[0]), rhythm[1], np.minimum(np.abs(rhythm[2]), 1.0)
        k = reference.gates(times, period, shift, ratio_on, case["leak"])
    x = np.reshape(case["x"], (1, len(times), shape["features"]))
    outputs, _ = reference.run("lstm", x, k, weights)
    answers = dense[:, 0] + dense[:, 1:] @ outputs[0, -1]
    if shape["outputs"] == 1:
        return answers, float((answers[0] - case["target"]) ** 2)
    return answers, float(np.log(np.exp(answers).sum()) - answers[case["target"]])


def cases():
    """Both networks and losses, with and without a leak; gates that are open, closed, negative and beyond 1."""
    rng = np.random.default_rng(3)
    for phased, outputs, features, leak in itertools.product([False, True], [1, 3], [1, 2], [0.0, 0.05]):
        shape = {"units": 3, "features": features, "outputs": outputs, "phased": phased}
        size = 12 * (4 + features) + outputs * 4
        parameters = rng.normal(0, 0.7, size).tolist()
        if phased:
            signs = rng.choice([-1, 1], 3)
            ratios = [0.6, 0.35, 1.3 if outputs == 1 else -0.8]
            parameters += [*(signs * rng.uniform(2, 9, 3)), *rng.uniform(-4, 4, 3), *ratios]
        steps = 7
        yield {
            "shape": shape,
            "parameters": parameters,
            "leak": leak,
            "x": rng.normal(size=steps * features).tolist(),
            "times": np.cumsum(rng.exponential(1.3, steps)).tolist(),
            "target": 1 if outputs > 1 else -2.5,
            "rhythm": phased,
        }


@pytest.fixture(scope="module")
def answered():
    all_cases = list(cases())
    return list(zip(all_cases, node(FORWARD_AND_BACK, all_cases)))


def test_answers_and_losses_are_those_of_the_reference(answered):
    for case, got in answered:
        answers, loss = loss_of(case, np.array(case["parameters"]))
        np.testing.assert_allclose(got["answers"], answers, rtol=0, atol=1e-12)
        assert got["loss"] == pytest.approx(loss, abs=1e-12)


def test_gradients_are_finite_differences_of_the_reference(answered):
    """Every weight, period, shift and ratio_on among them, to 1e-6."""
    for case, got in answered:
        parameters = np.array(case["parameters"])
        step = 1e-5
        slopes = []
        for place in range(len(parameters)):
            moved = [parameters.copy(), parameters.copy()]
            moved[0][place] -= step
            moved[1][place] += step
            low, high = (loss_of(case, each)[1] for each in moved)
            slopes.append((high - low) / (2 * step))
        np.testing.assert_allclose(got["gradient"], slopes, rtol=0, atol=1e-6)
        assert np.count_nonzero(np.abs(slopes) > 1e-4) > 0.5 * len(slopes) or case["shape"]["phased"]


def test_the_rhythm_has_a_gradient_in_these_cases(answered):
    rhythms = np.array([got["gradient"][-9:] for case, got in answered if case["shape"]["phased"]])
    assert (np.abs(rhythms) > 1e-4).any(axis=0).all()


def test_a_fixed_rhythm_gets_no_gradient():
    case = {**next(each for each in cases() if each["shape"]["phased"]), "rhythm": False}
    (got,) = node(FORWARD_AND_BACK, [case])
    assert got["gradient"][-9:] == [0.0] * 9
    assert np.abs(got["gradient"][:-9]).max() > 1e-3


def test_gradient_against_lag(answered):
    """The size of the gradient by the state [h, c], finite differences of the rest of the sequence."""
    case, got = next((case, got) for case, got in answered if case["shape"]["phased"] and case["leak"])
    weights, dense, rhythm = keras_weights(case["shape"], np.array(case["parameters"]))
    times, features = np.array(case["times"]), case["shape"]["features"]
    k = reference.gates(times, np.abs(rhythm[0]), rhythm[1], np.minimum(np.abs(rhythm[2]), 1.0), case["leak"])
    x = np.reshape(case["x"], (1, -1, features))
    for lag in (1, 3, len(times)):
        start = len(times) - lag
        _, state = reference.run("lstm", x[:, :start], k[:start], weights) if start else (0, [np.zeros((1, 3))] * 2)

        def loss(vector, start=start):
            outputs, _ = reference.run("lstm", x[:, start:], k[start:], weights, [vector[None, :3], vector[None, 3:]])
            return (dense[0, 0] + dense[0, 1:] @ outputs[0, -1] - case["target"]) ** 2

        here = np.concatenate([state[0][0], state[1][0]])
        slopes = [(loss(here + step) - loss(here - step)) / 2e-5 for step in 1e-5 * np.eye(6)]
        assert got["lags"][lag] == pytest.approx(np.linalg.norm(slopes), abs=1e-6)


def test_adam_and_clipping_are_keras_own():
    import keras

    gradients = np.random.default_rng(1).normal(0, 3, (6, 5)) * np.array([[1], [0.01], [1], [5], [1], [0.1]])
    code = """
    const { adam } = await load("trainer_optimiser");
    const [parameters, gradient] = [new Float64Array(5).fill(0.3), new Float64Array(5)];
    const optimiser = adam(parameters, gradient);
    for (const each of argument) {
      gradient.set(each.map((value) => 8 * value));
      optimiser.step(8, 0.02, 1);
    }
    return [parameters, gradient];
    """
    parameters, gradient = node(code, gradients.tolist())
    variable = keras.Variable(np.full(5, 0.3, "float32"))
    optimiser = keras.optimizers.Adam(0.02, global_clipnorm=1.0)
    for each in gradients:
        optimiser.apply([keras.ops.convert_to_tensor(each.astype("float32"))], [variable])
    np.testing.assert_allclose(parameters, keras.ops.convert_to_numpy(variable), atol=2e-6)
    assert gradient == [0.0] * 5


def test_weights_at_the_start():
    """Glorot, orthogonal, forget bias 1; chrono biases; what both networks have is the same; the seed decides."""
    code = """
    const { network } = await load("trainer_network");
    const { initialise } = await load("trainer_initial");
    return argument.map(({ shape, ...start }) => {
      const net = network(shape, 1);
      initialise(net, { shared: 1, periods: [2, 50], ratioOn: 0.1, ...start });
      return net.parameters;
    });
    """
    plain = {"units": 16, "features": 1, "outputs": 2, "phased": False}
    told, phased = {**plain, "features": 2}, {**plain, "phased": True}
    asked = [
        {"shape": plain, "seed": 5},
        {"shape": told, "seed": 5},
        {"shape": phased, "seed": 5},
        {"shape": plain, "seed": 6},
        {"shape": plain, "seed": 5, "chrono": 100},
        {"shape": plain, "seed": 5},
    ]
    made = [keras_weights(a["shape"], np.array(p)) for a, p in zip(asked, node(code, asked))]
    weights, dense, _ = made[0]
    recurrent = weights["recurrent_kernel"]
    np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(16), atol=1e-12)
    assert weights["bias"].tolist() == [0.0] * 16 + [1.0] * 16 + [0.0] * 32
    limit = np.sqrt(6 / (1 + 64))
    assert 0.9 * limit < np.abs(weights["kernel"]).max() < limit
    assert dense[:, 0].tolist() == [0.0, 0.0] and np.abs(dense).max() < np.sqrt(6 / 18)
    for other in (made[1], made[2], made[5]):
        np.testing.assert_array_equal(other[0]["kernel"][:1], weights["kernel"])
        np.testing.assert_array_equal(other[0]["recurrent_kernel"], recurrent)
        np.testing.assert_array_equal(other[1], dense)
    assert not np.allclose(made[3][0]["kernel"], weights["kernel"])
    chrono = made[4][0]["bias"].reshape(4, 16)
    np.testing.assert_array_equal(chrono[0], -chrono[1])
    assert chrono[1].min() >= 0 and np.log(30) < chrono[1].max() < np.log(99)
    period, shift, ratio_on = made[2][2]
    assert 2 <= period.min() < 6 and 20 < period.max() <= 50
    assert (shift >= 0).all() and (shift < period).all() and (ratio_on == 0.1).all()
