"""What is stored of opened envelopes: in random order, with a hash anybody can make again."""

from hashlib import sha256
from random import Random
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, insert, select, text

from surveyor.config import Settings
from surveyor.db import open_session, unit_of_work
from surveyor.instruments.enums import ItemType
from surveyor.instruments.spec import Item
from surveyor.jobs.registry import no_progress
from surveyor.responses.keys import make_wave_keys
from surveyor.responses.models import AnswerSet, Envelope, FreeText, Opening
from surveyor.responses.opening import Batch, Coding, answer_sets, read_batch, store_batch
from surveyor.responses.sealing import seal_response
from surveyor.responses.spec import Response, canonical, padded_length
from tests.releases_data import choice, code_list, one_page

ASKED = one_page(
    "opened",
    [code_list("c5", 1, 5), code_list("c3", 1, 3)],
    [
        choice("q1", "c5"),
        Item("many", ItemType.SELECT_MULTIPLE, {"nb": "Flere"}, code_list="c3"),
        choice("q2", "c5"),
        Item("why", ItemType.TEXT, {"nb": "Hvorfor"}),
    ],
)
VERSION = uuid4()
SAID = [{"q1": str(1 + n % 5), "many": "1 3", "q2": "2", "why": f"«ærlig»\n{n}"} for n in range(12)]


def opened(engine: Engine, settings: Settings) -> tuple[UUID, Batch]:
    """A wave whose twelve envelopes were filled in order, opened and stored."""
    wave_id = uuid4()
    with unit_of_work(engine) as session:
        public_key = make_wave_keys(session, settings, wave_id=wave_id)
        for answers in SAID:
            owner = uuid4()
            sealed = seal_response(
                Response(VERSION, "A", answers, b"r" * 32), public_key=public_key, wave_id=wave_id,
                participation_id=owner, length=padded_length(ASKED),
            )  # fmt: skip
            envelope = {"participation_id": owner, "wave_id": wave_id, "rev": 1, "submission_id": uuid4()}
            session.execute(insert(Envelope).values(**envelope, sealed=sealed))
    batch = read_batch(engine, settings, wave_id=wave_id, questionnaire=ASKED, progress=no_progress)
    with unit_of_work(engine) as session:
        store_batch(session, wave_id=wave_id, batch=batch)
    return wave_id, batch


def manifest(rows: list[AnswerSet]) -> str:
    """The hash as the manual tells it, from what is stored."""
    by_id = sorted(rows, key=lambda row: str(row.id))
    lines = [f"{row.id}\n{row.segment_code}\n{canonical(row.body).decode()}\n" for row in by_id]
    return sha256("".join(lines).encode()).hexdigest()


def test_what_was_answered_is_stored_whole(engine: Engine, settings: Settings) -> None:
    opened(engine, settings)
    with open_session(engine) as session:
        rows = session.scalars(select(AnswerSet)).all()
        assert not session.scalars(select(Envelope.rev)).all()
        comments = session.scalars(select(FreeText.body)).all()
    bodies = [{"q1": said["q1"], "many": ["1", "3"], "q2": "2"} for said in SAID]
    assert sorted((row.body for row in rows), key=str) == sorted(bodies, key=str)
    assert {row.codes for row in rows} == {bytes([n, 1]) for n in range(5)}
    assert {(row.receipt_hash, row.instrument_version_id) for row in rows} == {(b"r" * 32, VERSION)}
    assert sorted(comments) == sorted(said["why"] for said in SAID)


def test_the_manifest_can_be_made_again_from_the_stored_rows(engine: Engine, settings: Settings) -> None:
    opened(engine, settings)
    with open_session(engine) as session:
        rows = list(session.scalars(select(AnswerSet)))
        stored = session.scalars(select(Opening.manifest_sha256)).one()
    assert manifest(rows) == stored
    rows[3].body = rows[3].body | {"q2": "4"}
    assert manifest(rows) != stored


def test_rows_lie_in_the_order_of_their_ids(engine: Engine, settings: Settings) -> None:
    """Ids are random, so that where a row lies says no more than its id."""
    _, batch = opened(engine, settings)
    place = "rowid" if engine.dialect.name == "sqlite" else "ctid"
    for table, rows in (("answer_set", batch.answer_sets), ("free_text", batch.free_texts)):
        with engine.connect() as connection:
            found = connection.scalars(text(f"SELECT id FROM {table} ORDER BY {place}")).all()  # noqa: S608
        lie = [UUID(str(one)) for one in found]
        assert lie == sorted(lie) == [row["id"] for row in rows]
        assert {one.version for one in lie} == {4}
    firsts = {batch.answer_sets[0]["written"] for _, batch in (opened(engine, settings) for _ in range(12))}
    assert len(firsts) > 1  # not the first to answer each time; by chance alone once in fifty million


ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "q1": st.sampled_from("12345"),
        "many": st.sampled_from(["1", "1 2", "1 2 3", "3"]),
        "q2": st.sampled_from("12345"),
        "why": st.text(min_size=1),
    },
)


@given(answers=ANSWERS, turn=st.randoms())
def test_an_answer_is_coded_by_its_place_in_the_list(answers: dict[str, str], turn: Random) -> None:
    turned = dict(turn.sample(list(answers.items()), len(answers)))
    wave_id = uuid4()
    (row,) = answer_sets(wave_id, ASKED, [Response(VERSION, "A", turned)])
    chosen = [int(answers[name]) - 1 if name in answers else -1 for name in ("q1", "q2")]
    assert [code - 256 * (code > 127) for code in row["codes"]] == chosen
    body = Coding(ASKED).body(answers)
    assert row["written"] == canonical(body).decode()
    assert body == {
        name: answer.split() if name == "many" else answer
        for name, answer in answers.items()
        if name != "why"
    }
