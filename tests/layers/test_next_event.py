"""The head for the next event's time, compared with SciPy: density, survival, quantiles; and trained."""

import keras
import numpy as np
import pytest
from scipy import integrate, special, stats

import plstm
from plstm.layers.next_event import LEAST_SPREAD
from tests.support import numpy

RNG = np.random.default_rng(0)
OUTPUTS = RNG.normal(0.0, 1.5, (50, 9))
WAITS = RNG.lognormal(1.0, 2.0, 50)
SCALE = 2.5
# JAX computes in 32 bits unless told otherwise.
EXACT = 1e-5 if keras.backend.backend() == "jax" else 1e-6


def parts(outputs=OUTPUTS, scale=SCALE):
    """Shares, and the frozen SciPy distributions of each component."""
    logits, means, spreads = np.split(outputs, 3, axis=1)
    spreads = LEAST_SPREAD + np.log1p(np.exp(spreads))
    return special.softmax(logits, axis=1), stats.lognorm(s=spreads, scale=scale * np.exp(means))


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", EXACT), ("float32", 1e-5)])
def test_the_loss_is_scipys(dtype, tolerance):
    shares, components = parts()
    right = -np.log((shares * components.pdf(WAITS[:, None])).sum(axis=1))
    loss = plstm.LogNormalMixture(3, SCALE, reduction=None, dtype=dtype)
    np.testing.assert_allclose(numpy(loss(WAITS, OUTPUTS)), right, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(numpy(loss(WAITS[:, None], OUTPUTS)), right, rtol=tolerance, atol=tolerance)
    mean = plstm.LogNormalMixture(3, SCALE, dtype=dtype)
    assert float(numpy(mean(WAITS, OUTPUTS))) == pytest.approx(right.mean(), rel=tolerance)


def test_a_censored_wait_counts_as_at_least_that_long():
    shares, components = parts()
    came = np.arange(50) % 2
    density = -np.log((shares * components.pdf(WAITS[:, None])).sum(axis=1))
    longer = -special.logsumexp(components.logsf(WAITS[:, None]), b=shares, axis=1)
    loss = plstm.LogNormalMixture(3, SCALE, reduction=None, dtype="float64")
    found = numpy(loss(np.stack([WAITS, came], axis=1), OUTPUTS))
    np.testing.assert_allclose(found, np.where(came, density, longer), rtol=EXACT, atol=EXACT)


@pytest.mark.parametrize("z", [-9.0, -1.0, 0.0, 1.0, 4.0, 12.0, 30.0])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_far_in_the_tails(z, dtype):
    """One component with spread 1: a wait of exp(z) is z spreads from its middle."""
    raw = np.log(np.expm1(1.0 - LEAST_SPREAD))
    loss = plstm.LogNormalMixture(1, dtype=dtype)
    found = numpy(loss(np.array([[np.exp(z), 0.0]]), np.array([[0.0, 0.0, raw]])))
    np.testing.assert_allclose(found, -stats.norm.logsf(z), rtol=2e-6, atol=2e-7)


def test_answers_are_scipys():
    shares, components = parts()
    loss = plstm.LogNormalMixture(3, SCALE)
    np.testing.assert_allclose(loss.mean(OUTPUTS), (shares * components.mean()).sum(axis=1), rtol=1e-9)
    waits = np.array([0.1, 3.0, 50.0])
    right = np.stack([(shares * components.cdf(wait)).sum(axis=1) for wait in waits], axis=1)
    np.testing.assert_allclose(loss.cdf(OUTPUTS, waits), right, atol=1e-12)
    for share in (0.01, 0.5, 0.99):
        found = loss.quantile(OUTPUTS, share)
        np.testing.assert_allclose((shares * components.cdf(found[:, None])).sum(axis=1), share, atol=1e-9)


def test_the_density_is_one():
    loss = plstm.LogNormalMixture(3, SCALE, reduction=None, dtype="float64")

    def density(logs):
        return np.exp(logs - numpy(loss(np.exp(logs), np.repeat(OUTPUTS[:1], len(logs), axis=0))))

    logs = np.linspace(-40, 40, 20001)
    assert integrate.simpson(density(logs), x=logs) == pytest.approx(1.0, abs=EXACT)


def test_the_gradient_is_finite_where_a_wait_is_far():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(6)])
    model.compile(keras.optimizers.SGD(1e-3), plstm.LogNormalMixture(2))
    for waits in ([[1e-6, 1.0], [1e6, 0.0]], [[1e6, 1.0], [1e-6, 0.0]]):
        model.train_on_batch(np.ones((2, 1), "float32"), np.array(waits, "float32"))
        assert all(np.isfinite(numpy(weight)).all() for weight in model.weights)


@pytest.mark.slow
def test_it_learns_a_rhythm_that_only_the_times_tell():
    """Events come every 2 or every 10 minutes; three of them say which, and when the fourth is due."""
    rng = np.random.default_rng(0)
    gaps = np.where(rng.integers(0, 2, 400), 10.0, 2.0)[:, None] * rng.lognormal(0.0, 0.05, (400, 4))
    times, waits = np.cumsum(gaps, axis=1)[:, :3], gaps[:, 3]
    keras.utils.set_random_seed(0)
    layer = plstm.PhasedLSTM(8, period_initializer=plstm.LogUniform(4.0, 40.0), ratio_on_initializer=0.5)
    x, t = keras.Input((3, 1)), keras.Input((3,), dtype="float64")
    model = keras.Model([x, t], keras.layers.Dense(6)(layer(x, times=t)))
    loss = plstm.LogNormalMixture(2, scale=float(np.median(waits)))
    model.compile(keras.optimizers.Adam(0.03), loss)
    model.fit([np.ones((400, 3, 1)), times], waits, epochs=30, batch_size=50, verbose=0)
    expected = loss.quantile(model.predict([np.ones((400, 3, 1)), times], verbose=0), 0.5)
    assert np.median(np.abs(expected / waits - 1.0)) < 0.15


def test_it_is_saved_with_the_model(tmp_path):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(6)])
    model.compile("sgd", plstm.LogNormalMixture(2, 3.0))
    model.save(tmp_path / "wait.keras")
    assert keras.saving.load_model(tmp_path / "wait.keras").loss.get_config() == model.loss.get_config()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"components": 0}, "expected components to be an integer >= 1, got 0"),
        ({"components": 2.0}, "expected components to be an integer >= 1, got 2.0"),
        ({"scale": 0.0}, "expected scale to be a waiting time > 0, got 0.0"),
        ({"scale": "2"}, "expected scale to be a waiting time > 0, got '2'"),
    ],
)
def test_arguments_out_of_range(arguments, message):
    with pytest.raises(ValueError, match=message):
        plstm.LogNormalMixture(**arguments)


def test_outputs_of_another_width():
    loss = plstm.LogNormalMixture(3)
    with pytest.raises(ValueError, match=r"expected outputs of shape \(B, 9\), three for each of 3 components, got"):
        loss(WAITS, OUTPUTS[:, :6])
    with pytest.raises(ValueError, match=r"expected outputs of shape \(B, 9\)"):
        loss.mean(OUTPUTS[:, :6])
    with pytest.raises(ValueError, match="expected a share between 0 and 1, got 1.0"):
        loss.quantile(OUTPUTS, 1.0)
