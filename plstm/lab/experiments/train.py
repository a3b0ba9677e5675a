"""One run: a config in, a directory with the history, the weights and the result out."""

import importlib
import math
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime

import numpy as np

from plstm.errors import DivergedError, ResultError, RunError
from plstm.lab import results, tasks
from plstm.lab.experiments import models, provenance
from plstm.lab.experiments.config import Config
from plstm.lab.experiments.run_directory import RunDirectory

CHECKPOINT_SECONDS = 60.0
LAST_STEPS = 100


class Interrupted(KeyboardInterrupt):
    """A run stopped by Ctrl-C or by SIGTERM, its checkpoint written."""

    def __init__(self, directory, step, steps, signal_number):
        super().__init__(f"stopped after step {step} of {steps}; the checkpoint is in {directory}")
        self.signal_number = signal_number


def train(config, directory, progress=True):
    """Train a model, or continue the last attempt in this directory, and evaluate it on the full test set.

    With ``config.evaluate`` at ``"validation"`` that is held-out training data, and the test set is not looked at.

    Args:
        config: a ``Config``.
        directory: a new directory, or that of the same run; a finished run is not computed again.
        progress: show a bar on stderr.

    Returns:
        The result, as in result.json (``plstm/lab/results/schema.json``).

    Raises:
        RunError: the directory holds something else.
        DivergedError: the loss is no longer finite, now or in the last attempt, which diverged.json is left of.
        DataError: the data of the task cannot be read.
        OSError: a file cannot be written. The files in the directory are left as they were.
        Interrupted: Ctrl-C or SIGTERM.
    """
    run = RunDirectory(directory)
    run.check(config.as_dict())
    if run.result.exists():
        return results.read(run.result)
    if run.diverged.exists():
        ended = _divergence(results.read(run.diverged, "diverged"))
        raise DivergedError(f"{ended} (so it ended before; delete {run.diverged} to make it again)")
    dataset = tasks.load(config.task, config.evaluate)
    dataset.check_batch_size(config.batch_size)
    load_keras()
    with run.claimed(config.as_dict()):
        run.clear_leftovers()
        return Training(config, dataset, run).finish(progress)


def _divergence(ended):
    """The error of a run that diverged, from its diverged.json."""
    loss, step, rate = ended["loss"], ended["step"], ended["config"]["learning_rate"]
    return DivergedError(f"the loss was {loss} at step {step}; try a smaller learning rate than {rate:g}")


class Training:
    """A run in the making: the model, its optimizer, and how far they have come."""

    def __init__(self, config, dataset, run):
        import keras

        self.config, self.dataset, self.run = config, dataset, run
        self.model = models.build(config, dataset)
        optimizer = keras.optimizers.Adam(config.learning_rate, clipnorm=config.clipnorm)
        self.model.compile(
            optimizer=optimizer,
            loss=dataset.objective.loss(),
            metrics=[dataset.objective.accuracy()],
            # XLA would rule out the fused engine, and makes Keras' LSTM no faster on a CPU: only loops of many small
            # operations gain by it.
            jit_compile=config.engine == "xla",
        )
        optimizer.build(self.model.trainable_variables)
        self.variables = [*self.model.variables, *optimizer.variables]
        self.state = {"step": 0, "seconds": 0.0, "resumed": 0, "engine": None, "data": dataset.sha256}
        self._restore()

    def finish(self, progress):
        """Train to the last step, evaluate, write weights and result. Returns the result."""
        self._train(progress)
        result = self._result()
        self.save_weights()
        result = results.write(self.run.result, result)
        self.run.clear_leftovers()
        return result

    def _restore(self):
        saved = self.run.load_checkpoint()
        if saved is None:
            return
        state, arrays = saved
        if state["data"] != self.dataset.sha256:
            raise RunError(
                f"{self.run.path} was begun on other data than {self.dataset.source}; give another directory"
            )
        if [array.shape for array in arrays] != [tuple(variable.shape) for variable in self.variables]:
            raise RunError(f"{self.run.checkpoint} is of another version of the model; give another directory")
        for variable, array in zip(self.variables, arrays):
            variable.assign(array)
        self.state = {**state, "resumed": state["resumed"] + 1}

    def _save(self, history):
        import keras

        # The rows must be on the disk first: a checkpoint without them could not go on.
        history.flush()
        self.run.save_checkpoint(self.state, [keras.ops.convert_to_numpy(v) for v in self.variables])

    def _train(self, progress):
        config, state = self.config, self.state
        before, started = state["seconds"], time.monotonic()
        with (
            self.run.open_history(state["step"]) as history,
            _signals() as received,
            _bar(config, state["step"], progress) as bar,
        ):
            saved = started
            while state["step"] < config.steps and not received:
                loss, accuracy = self._step(state["step"])
                state["step"] += 1
                history.write(f"{state['step']},{loss:.9g},{accuracy:.9g}\n")
                history.flush()
                bar.set_postfix(loss=f"{loss:.3f}", accuracy=f"{accuracy:.3f}", refresh=False)
                bar.update()
                state["seconds"] = before + time.monotonic() - started
                if time.monotonic() - saved > CHECKPOINT_SECONDS:
                    self._save(history)
                    saved = time.monotonic()
            state["engine"] = models.engine_of(self.model) or state["engine"]
            self._save(history)
        if received:
            raise Interrupted(self.run.path, state["step"], config.steps, received[0])

    def _step(self, step):
        x, y = self.dataset.batch(self.config.seed, step, self.config.batch_size)
        self.model.reset_metrics()
        logs = self.model.train_on_batch(self.dataset.inputs(x), y, return_dict=True)
        loss, accuracy = float(logs["loss"]), float(logs["accuracy"])
        if not math.isfinite(loss):
            self.state["engine"] = models.engine_of(self.model)
            ended = {"step": step + 1, "loss": str(loss), "provenance": self._provenance()}
            ended = {"format": 1, "config": self.config.as_dict(), **ended}
            raise _divergence(results.write(self.run.diverged, ended, "diverged"))
        return loss, accuracy

    def _result(self):
        history = results.read_history(self.run.history)
        last = min(LAST_STEPS, self.config.steps)
        model, dataset = self.model, self.dataset
        return {
            "format": 1,
            "config": self.config.as_dict(),
            "history_sha256": results.file_hash(self.run.history),
            "metrics": {
                "train": {
                    "accuracy": float(history["accuracy"][-last:].mean()),
                    "loss": float(history["loss"][-last:].mean()),
                    "steps": last,
                },
                **self._evaluate(),
            },
            "parameters": {
                "total": model.count_params(),
                "trainable": sum(math.prod(weight.shape) for weight in model.trainable_weights),
            },
            "data": {
                "source": dataset.source,
                "sha256": dataset.sha256,
                "train": dataset.train,
                "test": len(dataset.y_test),
            },
            "provenance": self._provenance(),
        }

    def _provenance(self):
        return {
            "engine": self.state["engine"],
            "git": provenance.git(),
            "versions": provenance.versions(),
            "hardware": provenance.hardware(),
            "threads": provenance.threads(),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            "wall_seconds": round(self.state["seconds"], 3),
            "resumed": self.state["resumed"],
        }

    def _evaluate(self):
        score = evaluate(self.model, self.dataset, self.config.batch_size)
        if self.config.evaluate == "validation":
            return {"validation": score}
        return {"test": score, "test_with_leak": self._evaluate_with_leak()}

    def _evaluate_with_leak(self):
        if "leak_at_inference" not in self.config.options:
            return None
        options = {**self.config.options, "leak_at_inference": True}
        leaky = models.build(Config(**{**self.config.as_dict(), "options": options}), self.dataset)
        leaky.set_weights(self.model.get_weights())
        return evaluate(leaky, self.dataset, self.config.batch_size)

    def save_weights(self):
        """Write the weights, whole or not at all."""
        # Keras insists on the ending.
        temporary = self.run.path / f".weights-{self.run.weights.name}"
        try:
            self.model.save_weights(temporary)
            temporary.replace(self.run.weights)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def evaluate(model, dataset, batch_size):
    """Accuracy and mean loss of a model at inference, on the whole test set or validation set."""
    count, answers = len(dataset.y_test), []
    for start in range(0, count, batch_size):
        # The last batch is padded with its last sample: a batch of another size would be traced and compiled again.
        rows = np.minimum(np.arange(start, start + batch_size), count - 1)
        inputs = dataset.inputs(dataset.test_samples(rows))
        answers.append(np.asarray(model.predict_on_batch(inputs), np.float64))
    return dataset.objective.score(np.concatenate(answers)[:count], dataset.y_test)


def load_model(directory):
    """The trained Keras model of a finished run: ``model(dataset.inputs(x))`` answers its objective.

    Raises:
        ResultError: the run is not finished, or its weights are damaged.
        DataError: the data of its task, whose shapes it needs, cannot be read.
    """
    run = RunDirectory(directory)
    config = Config(**results.read(run.result)["config"])
    model = models.build(config, tasks.load(config.task, config.evaluate))
    try:
        model.load_weights(run.weights)
    except (OSError, ValueError, KeyError) as error:
        why = " ".join(str(error).split())[:200]
        raise ResultError(f"expected this run's weights in {run.weights}, but they cannot be read ({why})") from error
    return model


def load_keras():
    """Load Keras without the notes that TensorFlow's libraries put on stderr before any setting can silence them."""
    if "keras" in sys.modules:
        return
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    stderr = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        importlib.import_module("keras")
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)


@contextmanager
def _signals():
    """A list that Ctrl-C and SIGTERM are entered into, so that no step is cut in two; a second one acts at once."""
    received = []
    if threading.current_thread() is not threading.main_thread():
        yield received
        return

    def note(number, frame):
        received.append(number)
        if len(received) > 1:
            raise KeyboardInterrupt

    old = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


def _bar(config, step, progress):
    from tqdm import tqdm

    # In a file, where every update is another line, now and then is enough.
    interval = 0.2 if sys.stderr.isatty() else 30.0
    name = f"{config.task} {config.model} {config.seed}"
    return tqdm(total=config.steps, initial=step, desc=name, unit="step", mininterval=interval, disable=not progress)
