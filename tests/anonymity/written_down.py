"""Everything an installation has written down: every value in its database, every file beside it."""

from collections.abc import Iterator

from sqlalchemy import Engine, inspect, text

from surveyor.config import Settings


def database_strings(engine: Engine) -> Iterator[bytes]:
    """Every value of every column."""
    with engine.connect() as connection:
        for table in inspect(engine).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):  # noqa: S608 -- our own tables
                yield from (value if isinstance(value, bytes) else str(value).encode() for value in row)


def config_strings(settings: Settings) -> Iterator[bytes]:
    yield from (str(value).encode() for value in vars(settings).values())
    stores = (settings.key_store_a, settings.key_store_b)
    for path in settings.instance.rglob("*"):
        is_database = path.name.startswith("surveyor.sqlite")
        if path.is_file() and not is_database and not any(path.is_relative_to(store) for store in stores):
            yield path.read_bytes()
