"""What an earlier page breaks is found at the review and at the sending, whichever way somebody takes."""

import re
from typing import Any

import pytest
from flask import Flask
from hypothesis import Phase, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from sqlalchemy import select

from surveyor.campaigns.enums import Audience
from surveyor.config import Settings
from surveyor.instruments.enums import ItemType
from surveyor.instruments.pace import paged
from surveyor.instruments.routing import validate_all
from surveyor.instruments.spec import Item, Page, Questionnaire, Repeat
from surveyor.responses.models import Envelope
from tests.factories import app_session
from tests.respondent import Respondent, opened
from tests.waves import AGREE, YES_NO, OpenWave, make_open_wave, select_one, words

LONG = (
    "Dette er et langt spørsmål som ikke får plass på en linje, men som må stå helt ut når svarene ses over"
)


def questionnaire() -> Questionnaire:
    """Three pages: what is right on a later one hangs on the first."""
    most = Item("most", ItemType.TEXT, words("Hvor mange er dere?"), page="p1")
    again = select_one("again", "yes_no", page="p1")
    n = Item(
        "n", ItemType.TEXT, words("Hvor mange av ${most} kommer?"), page="p2", constraint=". <= ${most}",
        constraint_message=words("Det kan ikke komme flere enn ${most}."),
    )  # fmt: skip
    why = Item("why", ItemType.TEXT, words(LONG), page="p2", required="${again} = 'no'")
    age = Item(
        "age",
        ItemType.TEXT,
        words("Alder"),
        page="p3",
        constraint=". > ${most}",
        constraint_message=words("For ung."),
    )
    child = Repeat("child", words("Barn"), (age,), most=3)
    pages = (
        Page("p1", words("Først"), nodes=(most, again)),
        Page("p2", words("Så"), nodes=(n, why)),
        Page("p3", words("Sist"), nodes=(child, select_one("w1", "agree", page="p3"))),
    )
    return Questionnaire(
        "grenser", words("Grenser"), ("nb",), "nb", pages, {"yes_no": YES_NO, "agree": AGREE}
    )


@pytest.fixture
def wave(app: Flask, settings: Settings) -> OpenWave:
    with app_session(app) as session:
        return make_open_wave(session, settings, questionnaire=questionnaire(), invited={"B1": 8})


def n_envelopes(app: Flask) -> int:
    with app_session(app) as session:
        return len(session.scalars(select(Envelope.rev)).all())


def fill(respondent: Respondent) -> Respondent:
    """To a review where nothing is wrong."""
    respondent.start()
    for answers in ({"most": "9", "again": "yes"}, {"n": "7"}, {"age": "12"}):
        go_on(respondent, **answers)
    assert "Send svarene" in respondent.text
    return respondent


def go_on(respondent: Respondent, **answers: str) -> Respondent:
    """Press «Neste» on the page that is shown, whatever its address."""
    action = re.search(r'<form id="svar" method="post" action="([^"]+)"', respondent.text)
    assert action
    return respondent.send(action[1], to="neste", **{f"q-{name}": value for name, value in answers.items()})


def steps(respondent: Respondent) -> list[str]:
    """Where the review's buttons lead that go straight to a question."""
    return re.findall(r'class="ds-link sv-as-link"[^>]*value="([^"]+)"', respondent.text)


def break_it(respondent: Respondent) -> Respondent:
    """From the review to the first page, and back with another answer there."""
    respondent.send(f"{respondent.path}", to="1").answer(most="3", again="yes")
    return respondent


def go_to(respondent: Respondent, step: str) -> Respondent:
    visit = respondent.path.partition("/kontroll")[0].partition("/send")[0].partition("/side/")[0]
    return respondent.send(f"{visit}/kontroll", to=step)


def test_a_changed_earlier_page_leads_to_the_question_it_breaks(respondent: Respondent) -> None:
    break_it(fill(respondent))
    assert respondent.path.endswith("/side/2")  # on from the changed page, straight to what it broke
    assert "Det kan ikke komme flere enn 3." in respondent.text
    assert 'aria-invalid="true"' in respondent.text
    respondent.answer(n="2")
    assert "Send svarene" in respondent.text


def test_the_review_names_each_question_and_leads_straight_to_it(app: Flask, respondent: Respondent) -> None:
    visit = fill(respondent).path.partition("/kontroll")[0]
    break_it(respondent).get(f"{visit}/kontroll")
    assert "Du kan ikke sende ennå" in respondent.text
    assert "Send svarene" not in respondent.text
    assert steps(respondent) == ["q-n"]
    assert "Hvor mange av 3 kommer?" in respondent.text
    assert "Rett svaret" in respondent.text
    found = respondent.client.post(f"{visit}/kontroll", data={**respondent.hidden(), "to": "q-n"})
    assert found.headers["Location"].endswith("/side/2?fra=kontroll#q-n")
    assert "Det kan ikke komme flere enn 3." in go_to(respondent, "q-n").text


def test_long_questions_and_answers_within_questions_stand_in_the_review(respondent: Respondent) -> None:
    fill(respondent)
    assert LONG in respondent.text
    assert "Hvor mange av 9 kommer?" in respondent.text


def test_each_turn_of_a_group_is_told_by_its_number(respondent: Respondent) -> None:
    respondent.start().answer(most="1", again="yes").answer(n="1")
    respondent.send(turn="add child", **{"q-age": "7"})
    go_on(respondent, **{"age": "7", "age~2": "9"})
    assert "Alder – nummer 1" in respondent.text
    assert "Alder – nummer 2" in respondent.text


def test_what_is_missing_is_told_apart_from_what_is_wrong(respondent: Respondent) -> None:
    visit = fill(respondent).path.partition("/kontroll")[0]
    respondent.send(to="1").answer(most="9", again="no").get(f"{visit}/kontroll")
    assert steps(respondent) == ["q-why"]
    assert "Svar på det som mangler" in respondent.text
    assert "autofocus" in go_to(respondent, "q-why").text


def test_a_step_to_a_question_that_is_not_there_is_not_found(respondent: Respondent) -> None:
    fill(respondent).send(to="q-nothing")
    assert respondent.status == 404


def test_another_window_cannot_send_what_this_one_broke(
    app: Flask, wave: OpenWave, respondent: Respondent
) -> None:
    fill(respondent)
    other = Respondent(app).enter(wave.people[0].token)
    visit = other.path.partition("?")[0]
    other.get(f"{visit}/side/1").answer(most="3", again="yes")
    respondent.submit()
    assert respondent.status == 422
    assert n_envelopes(app) == 0
    assert steps(respondent) == ["q-n"]
    go_to(respondent, "q-n").answer(n="3").submit()
    assert respondent.receipt


def test_one_question_at_a_time_breaks_nothing_either(app: Flask, respondent: Respondent) -> None:
    visit = fill(respondent).path.partition("/kontroll")[0]
    respondent.get(f"{visit}/side/1?vis=ett").answer(to="her", most="3")
    respondent.get(f"{visit}/kontroll")
    assert steps(respondent) == ["q-n"]
    respondent.submit()
    assert respondent.status == 422
    assert n_envelopes(app) == 0
    go_to(respondent, "q-n")
    assert "Det kan ikke komme flere enn 3." in respondent.text
    assert 'name="q-why"' not in respondent.text


def test_a_jump_in_the_list_of_parts_breaks_nothing_either(app: Flask, respondent: Respondent) -> None:
    visit = fill(respondent).path.partition("/kontroll")[0]
    respondent.send(to="3").answer(to="1", age="12").answer(to="3", most="3", again="yes")
    assert respondent.path.endswith("/side/3")
    respondent.get(f"{visit}/kontroll").submit()
    assert respondent.status == 422
    assert n_envelopes(app) == 0


def test_a_correction_breaks_nothing_either(
    app: Flask, settings: Settings, wave: OpenWave, respondent: Respondent
) -> None:
    fill(respondent).submit()
    again = Respondent(app).enter(wave.people[0].token)
    visit = again.path.partition("?")[0]
    again.get(f"{visit}/side/1").answer(most="3", again="yes").answer(n="3").answer(age="5").send(to="1")
    again.answer(most="2", again="yes").get(f"{visit}/kontroll").submit()
    assert again.status == 422
    assert opened(app, settings, wave)[0].answers["most"] == "9"


def test_the_open_link_breaks_nothing_either(app: Flask, settings: Settings) -> None:
    with app_session(app) as session:
        make_open_wave(
            session, settings, questionnaire=questionnaire(), audience=Audience.CITIZEN, open_link=True,
            code="grenser-1",
        )  # fmt: skip
    respondent = fill(Respondent(app, "/innbygger").get("/innbygger/aapen/grenser-1"))
    visit = respondent.path.partition("/side/")[0]
    go_on(respondent.send(f"{visit}/kontroll", to="1"), most="3", again="yes")
    assert "Det kan ikke komme flere enn 3." in respondent.text
    respondent.send(f"{visit}/kontroll", to="kontroll")
    assert steps(respondent) == ["q-n"]
    respondent.send(f"{visit}/send")
    assert respondent.status == 422
    assert n_envelopes(app) == 0
    respondent.send(f"{visit}/kontroll", to="q-n")
    assert "Det kan ikke komme flere enn 3." in respondent.text


def test_without_the_judgement_at_the_sending_it_would_be_stored(
    app: Flask, respondent: Respondent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    visit = fill(respondent).path.partition("/kontroll")[0]
    break_it(respondent).get(f"{visit}/kontroll")
    monkeypatch.setattr("surveyor.fieldwork.answering.validate_all", lambda *_: [])
    respondent.send(f"{visit}/send")
    assert n_envelopes(app) == 1


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "most": st.sampled_from(["1", "5", "9", ""]),
        "again": st.sampled_from(["yes", "no"]),
        "n": st.sampled_from(["1", "4", "9"]),
        "why": st.sampled_from(["Fordi", ""]),
        "age": st.sampled_from(["2", "12"]),
        "age~2": st.sampled_from(["2", "12"]),
    },
)
ACTS = st.tuples(
    st.integers(0, 1),
    st.sampled_from(["answer", "save", "pace", "turn", "send"]),
    st.integers(1, 3),
    VALUES,
    st.sampled_from(["neste", "her", "tilbake", "1", "3"]),
)


def act(one: Respondent, visit: str, what: str, number: int, values: dict[str, Any], to: str) -> None:
    side = f"{visit}/side/{number}"
    if what == "send":
        one.get(f"{visit}/kontroll").send(f"{visit}/send")
    elif what == "pace":
        one.get(f"{visit}?vis={'ett' if number == 1 else 'sider'}")
    elif what == "save":
        keyed = {f"q-{name}": value for name, value in values.items()}
        one.get(side)
        one.client.post(f"{side}/lagring", data={**one.hidden(), "shown": " ".join(values), **keyed})
    elif what == "turn":
        keyed = {f"q-{name}": value for name, value in values.items()}
        one.get(side).send(turn="add child" if number > 1 else "remove child 1", **keyed)
    else:
        one.get(side).answer(to=to, **values)


def nothing_broken_is_sent(app: Flask, settings: Settings, n: int) -> None:
    asked = questionnaire()
    with app_session(app) as session:
        wave = make_open_wave(session, settings, questionnaire=asked, invited={"B1": n})
    people, seen = iter(wave.people), set[str]()

    @given(st.lists(ACTS, min_size=4, max_size=14))
    @limits(max_examples=n, database=None, phases=[Phase.explicit, Phase.generate])
    def walked(acts: list[tuple[int, str, int, dict[str, str], str]]) -> None:
        token = next(people).token
        windows = [Respondent(app).enter(token) for _ in range(2)]
        visits = [one.path.partition("?")[0] for one in windows]
        for who, what, number, values, to in acts:
            act(windows[who], visits[who], what, number, values, to)
            assert windows[who].status < 500
            seen.add(f"{what} {windows[who].status}")

    walked()
    sent = opened(app, settings, wave)
    assert sent
    assert [each.answers for each in sent if validate_all(asked, each.answers, "nb")] == []
    assert {"send 200", "send 422"} <= seen


@pytest.mark.timeout(60)
def test_whatever_way_is_taken_nothing_broken_is_sent(app: Flask, settings: Settings) -> None:
    nothing_broken_is_sent(app, settings, 30)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_many_ways_send_nothing_broken(app: Flask, settings: Settings) -> None:
    nothing_broken_is_sent(app, settings, 600)


def test_both_paces_judge_alike() -> None:
    whole, single = questionnaire(), paged(questionnaire(), single=True)
    answers = {"most": "3", "again": "no", "n": "7", "child": "2", "age": "2", "age~2": "12"}
    both = [[each.field for each in validate_all(asked, answers, "nb")] for asked in (whole, single)]
    assert both == [["n", "why", "age"]] * 2


def test_a_turn_is_kept_at_once_without_a_script(app: Flask, wave: OpenWave, respondent: Respondent) -> None:
    respondent.start().answer(most="1", again="yes").answer(n="1")
    assert respondent.path.endswith("/side/3")
    found = respondent.client.post(
        respondent.path, data={**respondent.hidden(), "q-age": "7", "turn": "add child"}
    )
    assert found.headers["Location"].endswith("/side/3#turn-child-2")
    other = Respondent(app).enter(wave.people[0].token)
    other.get(f"{other.path.partition('?')[0]}/side/3")
    assert 'id="turn-child-2"' in other.text
    assert 'value="7"' in other.text
    other.send(turn="remove child 1", **{"q-age": "7", "q-age~2": "30"})
    assert 'id="turn-child-2"' not in respondent.get(respondent.path).text
    assert 'value="30"' in respondent.text


def test_a_turn_with_a_text_too_long_to_keep_is_shown_and_loses_nothing(respondent: Respondent) -> None:
    respondent.start().answer(most="1", again="yes").answer(n="1")
    respondent.send(turn="add child", **{"q-age": "7" * 2_001})
    assert respondent.status == 422
    assert "7" * 2_001 in respondent.text
    assert 'id="turn-child-2"' in respondent.text


def test_a_question_that_came_along_with_a_turn_is_where_the_page_begins(
    app: Flask, settings: Settings
) -> None:
    """Else nobody without a script would see it: the new turn stands below it."""
    age = Item("age", ItemType.TEXT, words("Alder"), page="p1")
    school = Item("school", ItemType.TEXT, words("Skole"), page="p1", relevant="${age} > 5")
    page = Page("p1", words("Barna"), nodes=(Repeat("child", words("Barn"), (age, school), most=3),))
    last = Page("p2", words("Sist"), nodes=(select_one("w1", "agree", page="p2"),))
    asked = Questionnaire("barn", words("Barn"), ("nb",), "nb", (page, last), {"agree": AGREE})
    with app_session(app) as session:
        wave = make_open_wave(session, settings, questionnaire=asked, invited={"B1": 6})
    for person, years, at in ((wave.people[0], "7", "q-school"), (wave.people[1], "3", "turn-child-2")):
        one = Respondent(app).enter(person.token).start()
        posted = {**one.hidden(), "q-age": years, "turn": "add child"}
        assert one.client.post(one.path, data=posted).headers["Location"].endswith(f"/side/1#{at}")
