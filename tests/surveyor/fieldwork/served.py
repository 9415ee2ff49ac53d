"""The app under granian as in production, started, killed by process id and stopped by a test."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from surveyor.config import ROOT, Settings
from tests.ports import free_port

# What systemd does for an installation: start the server again when it gives up on a worker that keeps dying.
_SUPERVISOR = 'trap "kill \\$child; wait \\$child; exit" TERM; while :; do "$@" & child=$!; wait $child; done'


@dataclass(frozen=True)
class Server:
    """A running server: its address and the process that keeps it running."""

    url: str
    process: subprocess.Popen[bytes]

    def workers(self) -> list[int]:
        """Process ids of the workers now alive: the server's own children and theirs."""
        found, todo = [], _children(self.process.pid)
        while todo:
            below = _children(todo.pop())
            todo += below
            found += [child for child in below if "resource_tracker" not in _command(child)]
        return found


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return "resource_tracker"


@contextmanager
def served(
    settings: Settings,
    *,
    app: str = "wsgi:app",
    workers: int = 2,
    options: Sequence[str] = (),
    port: int | None = None,
    secret: str | None = None,
    pepper: str | None = None,
) -> Iterator[Server]:
    """The app on a free port, with the settings' instance and database; secrets that may serve."""
    port = port or free_port()
    environment = {
        **os.environ,
        "SURVEYOR_INSTANCE": str(settings.instance),
        "SURVEYOR_DATABASE_URL": settings.database_url,
        "SURVEYOR_SECRET_KEY": secret or secrets.token_urlsafe(48),
        "SURVEYOR_CODE_PEPPER": pepper or secrets.token_urlsafe(48),
        "SURVEYOR_BASE_URL": f"http://127.0.0.1:{port}",
    }
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--workers", str(workers), "--blocking-threads", "4", "--respawn-failed-workers",
        "--respawn-interval", "0.1", "--log-level", "error", *options, app,
    ]  # fmt: skip
    said = settings.instance / "server.log"
    with said.open("wb") as log:
        kept = ["sh", "-c", _SUPERVISOR, "sh", *command]
        process = subprocess.Popen(kept, cwd=ROOT, env=environment, stdout=log, stderr=log)
    server = Server(f"http://127.0.0.1:{port}", process)
    try:
        _wait(server, said)
        yield server
    finally:
        _stop(server)


def _stop(server: Server) -> None:
    """End the server and whatever it has started, for good."""
    left = [*_children(server.process.pid), *server.workers()]
    server.process.send_signal(signal.SIGTERM)
    try:
        server.process.wait(10)
    except subprocess.TimeoutExpired:
        server.process.kill()
    for pid in left:
        _kill(pid)


def kill_oldest(server: Server) -> bool:
    """Kill -9 the oldest worker."""
    alive = sorted(server.workers())
    return bool(alive) and _kill(alive[0])


def _kill(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _wait(server: Server, said: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with urlopen(f"{server.url}/medarbeider/kode", timeout=2):
                return
        except HTTPError:
            return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start: {said.read_text(errors='replace')[-2000:]}")
