"""The control of the kill test: an app that says "stored" a moment before it is."""

import os
import threading
import time
from typing import Any

from flask import Flask

from surveyor import create_app
from surveyor.db import unit_of_work
from surveyor.fieldwork import answering
from surveyor.responses.services import store_envelope

_LATER: list[dict[str, Any]] = []


def _remember(_session: object, **fields: Any) -> None:
    _LATER.append(fields)


def _write_now_and_then(app: Flask) -> None:
    while True:
        time.sleep(1)
        with unit_of_work(app.extensions["surveyor.engine"]) as session:
            while _LATER:
                store_envelope(session, **_LATER.pop())


answering.responses.store_envelope = _remember  # type: ignore[assignment]
app = create_app()
if os.environ.get("SURVEYOR_INSTANCE"):
    threading.Thread(target=_write_now_and_then, args=(app,), daemon=True).start()
