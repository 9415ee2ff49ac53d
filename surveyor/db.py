"""Engine, sessions and the two MetaData: what knows people, and what must never be joined to them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from time import sleep
from typing import Any, TypeAlias
from uuid import UUID, uuid4

from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    MetaData,
    Select,
    Table,
    TypeDecorator,
    UpdateBase,
    Uuid,
    create_engine,
    event,
    text,
)
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import PoolProxiedConnection

Connected: TypeAlias = Session | Connection  # who works on tables alone needs no session
Statement: TypeAlias = Select[Any] | UpdateBase
Convert: TypeAlias = Callable[[Any], Any]

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


_PATIENCE = 10_000  # milliseconds


class Instant(TypeDecorator[datetime]):
    """A UTC instant, aware in Python on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("instants are aware")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


Json = JSON().with_variant(JSONB(), "postgresql")
_WORD = Enum(
    StrEnum,
    native_enum=False,
    create_constraint=True,
    length=40,
    values_callable=lambda words: [w.value for w in words],
)
_TYPES = {datetime: Instant, dict[str, Any]: Json, list[Any]: Json, UUID: Uuid, StrEnum: _WORD}


class Base(DeclarativeBase):
    """Tables that may know people: accounts, units, invitations, cases, cards."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = _TYPES


class AnonymousBase(DeclarativeBase):
    """Tables of answers: a MetaData of their own, so that no foreign key can reach a person."""

    metadata = MetaData(naming_convention=NAMING, info={"anonymous": True})
    type_annotation_map = _TYPES


FORGOTTEN = {"is_forgotten": True}  # of columns: what they hold goes one day, and no sample of it may stay


def forgotten_columns(table: Table) -> list[str]:
    """The columns PostgreSQL may take no samples of: ANALYZE copies values, and keeps them when rows go."""
    if table.metadata is AnonymousBase.metadata:
        return [c.name for c in table.columns if c.name != "wave_id" and not isinstance(c.type, Enum)]
    return [c.name for c in table.columns if c.info.get("is_forgotten")]


@event.listens_for(Table, "after_create")
def _take_no_samples(table: Table, connection: Connection, **_options: object) -> None:
    if connection.dialect.name == "postgresql":
        for column in forgotten_columns(table):
            connection.execute(text(f'ALTER TABLE "{table.name}" ALTER "{column}" SET STATISTICS 0'))


def new_id() -> Mapped[UUID]:
    """A random UUID4 primary key made by the application, never by a sequence."""
    return mapped_column(primary_key=True, default=uuid4)


def make_engine(url: str) -> Engine:
    """An engine with the house's pragmas: WAL, FULL, foreign keys, secure delete; no parameters in logs."""
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    url = url.replace("sqlite:", "sqlite+surveyor:", 1)
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
    return engine


class Sqlite(SQLiteDialect_pysqlite):
    """SQLite whose transactions begin with a word of ours; an event for it would burden every statement.

    Writers take the write lock at once: a plain BEGIN that upgrades later fails under load.
    """

    supports_statement_cache = True
    begin = "BEGIN IMMEDIATE"

    def do_begin(self, dbapi_connection: PoolProxiedConnection) -> None:
        if self.begin:
            dbapi_connection.cursor().execute(self.begin)


registry.register("sqlite.surveyor", __name__, Sqlite.__name__)


def _set_pragmas(connection: DBAPIConnection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={_PATIENCE}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "recursive_triggers=ON",  # a REPLACE asks the guards on DELETE too
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def open_session(engine: Engine, *, read_only: bool = False) -> Session:
    """A session on the engine; read-only ones do not wait for the write lock."""
    return Session(_beginning(engine, "BEGIN") if read_only else engine, expire_on_commit=False)


def open_reader(engine: Engine) -> Connection:
    """A bare connection for single queries, where a session and a transaction would cost more than they."""
    return _unheard(_beginning(engine, ""))


def open_writer(engine: Engine) -> Connection:
    """A bare connection in a transaction: for what respondents send."""
    connection = _unheard(engine)
    connection.begin()
    return connection


def _unheard(engine: Engine) -> Connection:
    """A connection nobody listens to: getting ready to tell listeners takes half the time of making it."""
    return Connection(engine, _has_events=False)


@lru_cache(maxsize=16)
def _beginning(engine: Engine, begin: str) -> Engine:
    """The same engine and pool with another beginning of transactions; made once for each process."""
    if not isinstance(engine.dialect, Sqlite):
        return engine
    engine.connect().close()  # the first connection tells the dialect about the server
    changed = engine.execution_options()
    changed.dialect = copy(engine.dialect)
    changed.dialect.begin = begin
    return changed


def connection_of(session: Connected) -> Connection:
    """The connection underneath, in the session's transaction."""
    return session.connection() if isinstance(session, Session) else session


@dataclass(frozen=True)
class _Ready:
    """A statement in one database's words, with what turns values into its kind and back."""

    sql: str
    names: tuple[str, ...]
    literals: dict[str, object]
    bind: tuple[Convert | None, ...]
    read: tuple[Convert | None, ...]
    by_name: bool
    writes: bool

    def bound(self, values: Mapping[str, object]) -> dict[str, Any] | tuple[Any, ...]:
        """What the driver is given for these values."""
        given = {**self.literals, **values}
        bound = _converted(self.bind, [given[name] for name in self.names])
        return dict(zip(self.names, bound, strict=True)) if self.by_name else bound


class Prepared:
    """A statement worked out once for each kind of database, then run straight on its driver.

    For what every respondent's page asks: SQLAlchemy's own way costs more there than the database does.
    Columns inserted have no defaults here.
    """

    def __init__(self, statement: Statement | Callable[[str], Statement]) -> None:
        """The statement, or what makes it for a kind of database, whose name it is given."""
        self._statement = statement
        self._ready: dict[str, _Ready] = {}

    def first(self, connection: Connection, **values: object) -> tuple[Any, ...] | None:
        """Run it; the first row, or None. A statement that writes must stand in a transaction."""
        ready = self._ready_for(connection, values)
        with _Cursor(connection) as cursor:
            cursor.execute(ready.sql, ready.bound(values))
            row = cursor.fetchone() if ready.read else None
        return None if row is None else _converted(ready.read, row)

    def each(self, connection: Connection, rows: Sequence[Mapping[str, object]]) -> None:
        """Run it for every row of values, which all have the same names."""
        if rows:
            ready = self._ready_for(connection, rows[0])
            with _Cursor(connection) as cursor:
                cursor.executemany(ready.sql, map(ready.bound, rows))  # type: ignore[arg-type]  # one by one

    def _ready_for(self, connection: Connection, values: Mapping[str, object]) -> _Ready:
        dialect = connection.dialect
        ready = self._ready.get(dialect.name) or self._make_ready(dialect, sorted(values))
        assert not ready.writes or connection.in_transaction(), "no transaction"
        return ready

    def _make_ready(self, dialect: Dialect, names: list[str]) -> _Ready:
        statement = self._statement(dialect.name) if callable(self._statement) else self._statement
        compiled = statement.compile(dialect=dialect, column_keys=names)
        kinds = {name: bind.type.dialect_impl(dialect) for bind, name in compiled.bind_names.items()}
        order = tuple(compiled.positiontup or kinds)
        columns = getattr(statement, "exported_columns", ())
        ready = _Ready(
            str(compiled),
            order,
            {name: bind.value for bind, name in compiled.bind_names.items() if not bind.required},
            tuple(kinds[name].bind_processor(dialect) for name in order),
            tuple(column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns),
            by_name=not compiled.positional,
            writes=isinstance(statement, UpdateBase),
        )
        return self._ready.setdefault(dialect.name, ready)


def _converted(converts: tuple[Convert | None, ...], values: Iterable[Any]) -> tuple[Any, ...]:
    pairs = zip(converts, values, strict=True)
    return tuple([value if convert is None else convert(value) for convert, value in pairs])


class _Cursor:
    """A cursor of the driver's own, whose errors tell no values: a class, as a generator costs more."""

    def __init__(self, connection: Connection) -> None:
        self._dialect, self._cursor = connection.dialect, connection.connection.cursor()

    def __enter__(self) -> DBAPICursor:
        return self._cursor

    def __exit__(self, _kind: object, error: BaseException | None, _where: object) -> None:
        self._cursor.close()
        if isinstance(error, self._dialect.loaded_dbapi.Error):
            raise _without_values(error, self._dialect) from error


def _without_values(error: Exception, dialect: Dialect) -> Exception:
    """The driver's error as SQLAlchemy would tell it, without what was asked."""
    driver = dialect.loaded_dbapi.Error
    return DBAPIError.instance(None, None, error, driver, hide_parameters=True, dialect=dialect)


@contextmanager
def unit_of_work(engine: Engine) -> Iterator[Session]:
    """One transaction: commits when the block ends well, rolls back when it raises."""
    with open_session(engine) as session, session.begin():
        yield session


def wipe_deleted(engine: Engine, *tables: type[DeclarativeBase]) -> bool:
    """Wipe what deleted rows leave in the database's files; waits its turn, False if others are busy."""
    names = [table.__table__.name for table in tables]  # type: ignore[attr-defined]  # a Table, not a subquery
    wipe = _wipe_sqlite if engine.dialect.name == "sqlite" else _wipe_postgresql
    with suppress(OperationalError):
        return wipe(engine, names)
    return False


def _wipe_sqlite(engine: Engine, _names: Sequence[str]) -> bool:
    with _beginning(engine, "").connect() as connection:
        connection.execute(text("VACUUM"))
        connection.execute(text("PRAGMA busy_timeout=200"))  # nobody writes while it waits for readers
        try:
            return _in_time(lambda: not connection.scalar(text("PRAGMA wal_checkpoint(TRUNCATE)")))
        finally:
            connection.execute(text(f"PRAGMA busy_timeout={_PATIENCE}"))


def _wipe_postgresql(engine: Engine, names: Sequence[str]) -> bool:
    """Write the tables anew: a plain VACUUM frees a row's place and leaves what stands there."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        is_seen = _is_still_seen(connection)
        connection.execute(text("SET lock_timeout = '3s'"))  # whoever waits behind us waits no longer
        try:
            for name in names:
                connection.execute(text(f'VACUUM (FULL) "{name}"'))
        finally:
            connection.execute(text("RESET lock_timeout"))
    return not is_seen


def _is_still_seen(connection: Connection) -> bool:
    """Whether others still see what was there before; it is kept for them."""
    now = connection.scalar(text("SELECT clock_timestamp()"))
    return not _in_time(lambda: not connection.scalar(text(_OLDER), {"now": now}))


def _in_time(is_free: Callable[[], bool]) -> bool:
    """Whether others let us, given three seconds."""
    for _ in range(15):
        if is_free():
            return True
        sleep(0.2)
    return False


_OLDER = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start <= :now"
    " AND coalesce(backend_xid, backend_xmin) IS NOT NULL AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)


def insert_new(session: Connected, table: type[DeclarativeBase], *, unique: str, **values: object) -> bool:
    """Insert a row unless one with the same unique column is there; tells whether it was new."""
    is_sqlite = connection_of(session).dialect.name == "sqlite"
    insert = sqlite_insert if is_sqlite else postgresql_insert
    statement = insert(table).values(values).on_conflict_do_nothing(index_elements=[unique])
    return session.execute(statement.returning(table.__mapper__.primary_key[0])).first() is not None
