"""For developers: `python -m surveyor.migrations 0002 "What changes"` writes a new revision."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command

from surveyor.db import make_engine
from surveyor.migrations import make_config, revisions, upgrade


def write_revision(number: str, message: str) -> None:
    """Compare the models with a scratch database at head and write what is missing as a new revision."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'scratch.sqlite'}"
        if revisions():
            upgrade(url)
        engine = make_engine(url)
        with engine.connect() as connection:
            command.revision(make_config(connection), message, autogenerate=True, rev_id=number)
        engine.dispose()


write_revision(*sys.argv[1:])
