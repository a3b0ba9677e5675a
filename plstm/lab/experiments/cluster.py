"""Ray for a sweep: started on this machine, or a cluster that is there already."""

import os
import re
import socket
import tempfile
from contextlib import contextmanager

from plstm.errors import ConfigError, RunError

REACH = 5.0  # seconds until something answers at an address
# Ray's name for how often it knocks at a cluster that does not let it in. It is meant for slow ones, and is read here.
KNOCKS = "RAY_gcs_server_port_wait_time_s"
TRACEBACK = re.compile(r"Traceback \(most recent call last\):\n(?:[ \t].*\n)*")


@contextmanager
def joined(address=None):
    """The module ``ray``, connected, and disconnected at the end.

    Args:
        address: ``"HOST:PORT"`` of a cluster with a node on this machine, or ``"auto"`` for the one that Ray finds;
            None starts Ray on this machine and ends it afterwards.

    Raises:
        ConfigError: Ray is not installed.
        RunError: no cluster answers there, or it refuses. The message is Ray's own.
    """
    try:
        import ray
    except ImportError as error:
        raise ConfigError(f"sweeps need Ray: pip install 'plstm[sweep]' ({error})") from error
    if address not in (None, "auto"):
        _reach(address)
    try:
        _connect(ray, address)
        yield ray
    finally:
        ray.shutdown()


def _reach(address):
    """RunError unless something answers there: Ray itself would try for minutes."""
    if "://" in address:
        raise RunError(
            f"expected HOST:PORT of a Ray cluster with a node on this machine, or auto, got {address}: Ray's client"
            " hides why a cluster refuses, and ends the runs with its connection; start the sweep on a node"
        )
    try:
        host, _, port = address.rpartition(":")
        socket.create_connection((host.strip("[]"), int(port)), timeout=REACH).close()
    except (OSError, ValueError, OverflowError) as error:
        raise RunError(f"expected a Ray cluster at {address}, such as 10.0.0.1:6379, found none ({error})") from error


def _connect(ray, address):
    why = _attempt(ray, address)
    # At an address, unlike with auto, Ray does not look for a token by itself.
    if why and address is not None and "AuthenticationError" in why and _take_token():
        why = _attempt(ray, address)
    if why is None:
        return
    if address is None:
        raise RunError(f"expected Ray to start on this machine, but it did not; Ray says: {why}")
    raise RunError(f"expected a Ray cluster at {address} with a node here that lets this sweep in; Ray says: {why}")


def _attempt(ray, address):
    """Connect. Returns None, or why it failed."""
    ours = address is not None and KNOCKS not in os.environ
    if ours:
        os.environ[KNOCKS] = "1"
    try:
        with _quiet():
            ray.init(address=address or "local", log_to_driver=False, logging_level="ERROR", include_dashboard=False)
    # Whatever Ray and its client raise: they have no kind of error in common.
    except Exception as error:
        ray.shutdown()
        return _words(error)
    finally:
        if ours:
            del os.environ[KNOCKS]
    return None


def _take_token():
    """Let Ray use the token of this user, where there is one and RAY_AUTH_MODE says nothing; True if it does."""
    if "RAY_AUTH_MODE" in os.environ:
        return False
    try:
        # What Ray itself does for auto. A version without it leaves the user to follow the words of its refusal.
        from ray._private.authentication.authentication_token_setup import maybe_enable_token_auth_if_token_available
        from ray.exceptions import AuthenticationError
    except ImportError:
        return False
    try:
        with _quiet():
            return maybe_enable_token_auth_if_token_available(warn_if_disabled=False)
    except AuthenticationError:
        return False


def _words(error):
    """The messages of an error and its causes on one line. The last cause has the reason; the first often has none."""
    said = []
    while error is not None:
        text = " ".join(TRACEBACK.sub("", f"{error}\n").split()) or type(error).__name__
        if type(error).__name__ == "AuthenticationError":
            text = f"AuthenticationError: {text}"
        if text not in said:
            said.append(text)
        error = error.__cause__
    return "; ".join(said)


@contextmanager
def _quiet():
    """Keep what Ray's libraries log off stderr: they repeat every second what the error will say."""
    kept = os.dup(2)
    with tempfile.TemporaryFile() as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
