"""`./run demo` and `./run serve`: the web server and the worker side by side, until either ends or Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing, suppress

from surveyor.config import Settings
from surveyor.errors import DomainError
from surveyor.installation import ensure_instance
from surveyor.selfcheck import failing

HOST = "127.0.0.1"
_PATIENCE = 30.0
_TIME_TO_STOP = 8.0


def serve(port: int) -> int:
    """Start both, say where to look, wait; the exit code is 0 when we were asked to stop."""
    if not _is_free(port):
        _say(f"Port {port} er opptatt. Velg en annen, for eksempel: PORT={port + 1} ./run demo")
        return 1
    try:
        settings = ensure_instance()
    except DomainError as refused:
        _say("\n".join(["Surveyor starter ikke:", *(f"- {problem}" for problem in refused.problems)]))
        return 1
    if settings.production and (problems := failing(settings)):
        _say("\n".join(["Surveyor starter ikke:", *(f"- {problem}" for problem in problems)]))
        return 1
    address = settings.base_url if settings.production else f"http://{HOST}:{port}"
    address = os.environ.get("SURVEYOR_BASE_URL", address)
    environment = os.environ | {"SURVEYOR_BASE_URL": address, "SURVEYOR_INSTANCE": str(settings.instance)}
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _stop)
    children = [_start(command, environment) for command in (_web(port), _worker())]
    try:
        if _answers(port, children[0]):
            _say(_welcome(settings, address))
        return _wait(children)
    except KeyboardInterrupt:
        return 0
    finally:
        _end(children)


def _web(port: int) -> list[str]:
    options = "--interface wsgi --no-ws --workers 2 --blocking-threads 4 --respawn-failed-workers"
    options += f" --workers-kill-timeout 5 --log-level warning --host {HOST} --port {port}"
    return [sys.executable, "-m", "granian", *options.split(), "wsgi:app"]


def _worker() -> list[str]:
    return [sys.executable, "-m", "surveyor", "worker"]


def _start(command: Sequence[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """In a session of its own, so that Ctrl-C reaches us alone and we end both in order."""
    return subprocess.Popen(command, env=environment, start_new_session=True)


def _is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _answers(port: int, web: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and web.poll() is None:
        with closing(socket.socket()) as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return True
        time.sleep(0.05)
    return False


def _welcome(settings: Settings, address: str) -> str:
    accounts = settings.instance / "demo-accounts.txt"
    sign_ins = f"\n{accounts.read_text(encoding='utf-8').rstrip()}\n" if accounts.exists() else ""
    return f"\nÅpne {address} i nettleseren.\n{sign_ins}\nCtrl-C stopper."


def _wait(children: Sequence[subprocess.Popen[bytes]]) -> int:
    while all(child.poll() is None for child in children):
        time.sleep(0.2)
    return 1


def _end(children: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask both to end; what has not after a while is killed with all it started."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for child in children:
        child.terminate()
    deadline = time.monotonic() + _TIME_TO_STOP
    for child in children:
        with suppress(subprocess.TimeoutExpired):
            child.wait(max(0.1, deadline - time.monotonic()))
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)


def _stop(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(serve(int(os.environ.get("PORT", "8000"))))
