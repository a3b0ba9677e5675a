"""Sweeps on real Ray clusters, with token authentication and without, a node lost in mid-run, and what Ray refuses."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from plstm.errors import ConfigError, RunError
from plstm.lab import results
from plstm.lab.experiments import cluster
from plstm.lab.experiments import sweep as sweeps
from plstm.lab.experiments.config import Config
from tests.lab.cli.test_cli import fails

RAY = "import sys; from ray.scripts.scripts import main; sys.exit(main())"  # as the command ray
GRID = "{name: a, runs: [{set: {task: frequency, units: 4, batch_size: 8, steps: %d}, over: {seed: [%s]}}]}"
TOKEN = "0123456789abcdef" * 4
SLOW = 240  # seconds for what takes ten on a machine that is not busy


def family(parent):
    """The process and all that it started, with their command lines."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(maxsplit=2) for line in listed.splitlines()]
    found, size = {parent}, 0
    while len(found) > size:
        size = len(found)
        found |= {int(row[0]) for row in rows if int(row[1]) in found}
    return {int(row[0]): row[2] for row in rows if int(row[0]) in found}


def kill(node):
    """SIGKILL to a node and to everything on it, as when a machine loses its power."""
    for pid in family(node.pid):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    node.wait()


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Cluster:
    """Nodes that nobody else finds: their own ports, folder, home and settings of Ray."""

    def __init__(self, folder, mode):
        self.folder, self.port, self.nodes = Path(folder), free_port(), []
        ours = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
        self.environment = {**ours, "HOME": str(folder), "RAY_USAGE_STATS_ENABLED": "0", "RAY_TMPDIR": str(folder)}
        self.address = f"127.0.0.1:{self.port}"
        if mode == "token":
            (self.folder / ".ray").mkdir()
            (self.folder / ".ray" / "auth_token").write_text(TOKEN)

    def start(self, *arguments, mode):
        with open(self.folder / "ray.log", "a") as log:
            node = subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    RAY,
                    "start",
                    *arguments,
                    "--num-cpus=1",
                    "--block",
                ],
                env={**self.environment, "RAY_AUTH_MODE": mode},
                stdout=log,
                stderr=log,
            )
        self.nodes.append(node)
        return node

    def start_head(self, mode):
        log = self.folder / "ray.log"
        # Ray gives a node 30 seconds, which are too few on a busy machine.
        for _ in range(4):
            ports = f"--port={self.port}", f"--ray-client-server-port={free_port()}"
            head = self.start("--head", "--include-dashboard=false", *ports, mode=mode)
            while head.poll() is None:
                if "Ray runtime started" in log.read_text():
                    return
                time.sleep(0.1)
        raise AssertionError(log.read_text())

    def sweep(self, out, steps=2, seeds="0", address=None, before="", **environment):
        """The command in a process of its own. Returns its exit code and what it wrote on stderr."""
        (self.folder / "grid.yaml").write_text(GRID % (steps, seeds))
        arguments = ["sweep", str(self.folder / "grid.yaml"), "--out", str(out), "--address", address or self.address]
        code = f"import sys\n{before}\nfrom plstm.lab.cli.main import main\nsys.exit(main({arguments!r}))"
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=SLOW,
        )
        return done.returncode, done.stderr


@contextmanager
def running(mode):
    # Ray's sockets have long names, and those of pytest's folders are too long for them.
    folder = tempfile.mkdtemp(prefix="ray-")
    one = Cluster(folder, mode)
    try:
        one.start_head(mode)
        yield one
    finally:
        for node in one.nodes:
            kill(node)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def with_token():
    with running("token") as one:
        yield one


def test_a_node_that_dies_loses_no_run(with_token, tmp_path):
    second = with_token.start(f"--address={with_token.address}", mode="token")

    def lose():
        end = time.monotonic() + SLOW
        while time.monotonic() < end:
            if any(command.startswith("ray::_run") for command in family(second.pid).values()):
                time.sleep(1)
                killed.append(second.pid)
                kill(second)
                return
            time.sleep(0.1)

    killed = []
    killer = threading.Thread(target=lose, daemon=True)
    killer.start()
    # RAY_AUTH_MODE is not set here: the token is found as Ray finds it for auto.
    code, said = with_token.sweep(tmp_path, steps=60, seeds="0, 1")
    killer.join()
    assert code == 0 and killed, said
    assert "InvalidAuthToken" not in said and said.count("finished") == 2
    found = list(tmp_path.glob("*/result.json"))
    assert len(found) == 2 and all(len(results.read_run(path.parent)[1]["loss"]) == 60 for path in found)
    assert not list(tmp_path.glob(".sweep-*"))


@pytest.mark.parametrize(
    ("environment", "before", "words"),
    [
        (
            {"HOME": "/nowhere"},
            "",
            ("RAY_AUTH_MODE is currently 'disabled'", "~/.ray/auth_token", "RAY_AUTH_TOKEN_PATH"),
        ),
        ({"RAY_AUTH_TOKEN": "f" * 64}, "", ("Authentication token is missing or incorrect", "RAY_AUTH_TOKEN_PATH")),
        (
            {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": "/nowhere"},
            "",
            ("file cannot be opened or is empty: /nowhere", "~/.ray/auth_token"),
        ),
        ({"RAY_AUTH_MODE": "token"}, "import ray; ray.__version__ = '2.1'", ("Version mismatch", "Ray: 2.1")),
    ],
)
def test_what_ray_says_is_passed_on_once(with_token, tmp_path, environment, before, words):
    code, said = with_token.sweep(tmp_path, before=before, **environment)
    assert code == 2 and said.startswith("plstm: expected a Ray cluster at ") and said.count("\n") == 1, said
    assert all(word in said for word in words) and "Traceback" not in said


def test_a_cluster_without_authentication(tmp_path):
    with running("disabled") as one:
        code, said = one.sweep(tmp_path, address="auto", RAY_ADDRESS=one.address)
        assert code == 0, said
    assert len(list(tmp_path.glob("*/result.json"))) == 1


def test_rays_client_is_refused(tmp_path, capsys):
    (tmp_path / "grid.yaml").write_text(GRID % (2, "0"))
    said = fails(capsys, "sweep", tmp_path / "grid.yaml", "--out", tmp_path, "--address", "ray://127.0.0.1:10001")
    assert "expected HOST:PORT of a Ray cluster with a node on this machine, or auto, got ray://127.0.0.1:10001" in said


@pytest.mark.parametrize("address", ["127.0.0.1:99999999999", "[::1]:1", "localhost", ":", "127.0.0.1:x"])
def test_addresses_where_no_cluster_is(address):
    with pytest.raises(RunError, match="expected a Ray cluster at .* such as 10.0.0.1:6379, found none"):
        cluster._reach(address)


def test_no_ray(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigError, match="sweeps need Ray: pip install"), cluster.joined():
        pass


def test_a_machine_that_does_not_see_the_directory_makes_no_run(tmp_path):
    with sweeps._mark(tmp_path) as mark:
        assert mark.exists()
    why = sweeps._run(Config(task="frequency", steps=1).as_dict(), str(tmp_path / "run"), str(mark))
    assert why.startswith(f"failed: expected {tmp_path} to be a directory that all machines of the cluster share")
    assert not (tmp_path / "run").exists()


def test_a_run_waits_until_the_worker_of_a_lost_node_has_left(tmp_path, monkeypatch):
    lock = tmp_path / ".lock"
    sweeps._until_left(lock)
    with open(lock, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        left = threading.Timer(0.7, file.close)
        left.start()
        start = time.monotonic()
        sweeps._until_left(lock)
        assert time.monotonic() - start > 0.6
    with open(lock, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        monkeypatch.setattr(sweeps, "LEAVING", 0.1)
        sweeps._until_left(lock)


def test_the_words_of_every_cause_without_tracebacks():
    try:
        try:
            raise RuntimeError("gone: Traceback (most recent call last):\n  File x\n    y\nrpc: refused\n    Ray: 2.1")
        except RuntimeError as cause:
            raise ConnectionError("no  cluster") from cause
    except ConnectionError as error:
        assert cluster._words(error) == "no cluster; gone: rpc: refused Ray: 2.1"
