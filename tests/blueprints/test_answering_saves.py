"""Saving while somebody answers: partial, in step with other windows, of one length."""

import pytest
from flask import Flask
from hypothesis import Phase, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from sqlalchemy import select, update

from surveyor.campaigns.enums import WaveState
from surveyor.campaigns.models import Wave
from surveyor.config import Settings
from surveyor.responses.models import Draft, Envelope
from tests.factories import app_session
from tests.respondent import Respondent, Window, n_drafts, opened
from tests.waves import OpenWave, make_open_wave


def test_a_partial_page_is_saved_and_there_on_another_device(
    app: Flask, wave: OpenWave, window: Window
) -> None:
    first = window.save(w1="4").get_json()["rev"]
    parts = [[1, "Arbeidsdagen", "2 av 4 besvart"], [3, "Til slutt", "0 av 3 besvart"]]
    assert window.save(w2="2").get_json() == {"rev": first + 1, "unsaved": [], "parts": parts}
    assert window.save(side=3, goods=["a", "c"], comment="Halvferdig").get_json()["rev"] == first + 2
    other = Window(app, wave.people[0].token)
    assert other.saved()["values"] == {"w1": ["4"], "w2": ["2"]}
    assert other.saved(3)["values"] == {"goods": ["a", "c"], "comment": ["Halvferdig"]}
    assert 'value="4" checked' in other.text


def test_some_questions_are_found_wherever_they_stand(window: Window) -> None:
    window.save(w1="4")
    window.save(side=3, comment="Takk")
    told = window.client.get(f"{window.visit}/lagring?items=w1+comment+finnes-ikke").get_json()
    assert told["values"] == {"w1": ["4"], "comment": ["Takk"]}
    assert (told["sides"]["w1"], told["sides"]["comment"]) == (1, 3)
    assert window.client.get(f"{window.visit}/lagring").get_json()["values"] == {}


def test_nothing_new_is_told_shortly(window: Window) -> None:
    window.save(w1="4")
    told = window.client.get(f"{window.visit}/lagring?side=1&rev={window.rev}").get_json()
    assert set(told) == {"rev", "round", "csrf"}
    assert window.client.get(f"{window.visit}/lagring?side=1&rev=0").get_json()["values"] == {"w1": ["4"]}


def test_saving_the_same_again_changes_nothing(app: Flask, window: Window) -> None:
    first = window.save(w1="4").get_json()["rev"]
    window.rev = 0  # the answer never reached the window
    assert window.save(w1="4").get_json()["rev"] == first
    assert n_drafts(app) == [first]


def test_an_answer_taken_back_is_gone(window: Window) -> None:
    window.save(side=3, comment="Nei", goods=["a"])
    window.save(side=3, comment="", goods=[])
    assert window.saved(3)["values"] == {}


def test_what_is_wrong_is_kept_as_written_and_stops_the_sending(app: Flask, window: Window) -> None:
    window.save(again="yes", w1="4")
    assert window.save(side=3, years="mange").get_json()["unsaved"] == []
    assert window.saved(3)["values"] == {"years": ["mange"]}
    window.get(f"{window.visit}/side/3")
    assert 'value="mange"' in window.text
    window.get(f"{window.visit}/kontroll")
    assert "Rett svaret" in window.text
    assert window.send(f"{window.visit}/send").status == 422
    with app_session(app) as session:
        assert not session.scalars(select(Envelope.rev)).all()


JUNK = (
    "mange", "--", "1e999", "NaN", "-0", "'", '"', "${w1}", "٣", "1,2,3", "0x1f", "9" * 16, "<b>", "\x00\x07",
)  # fmt: skip


@pytest.mark.parametrize("junk", JUNK)
def test_whatever_is_kept_no_page_fails(app: Flask, window: Window, junk: str) -> None:
    window.save(w1=junk, again="yes")
    window.save(side=3, years=junk, comment=junk, goods=[junk, "a"])
    for path in ("", "/side/1", "/side/2", "/side/3", "/kontroll", "/lagring?side=3"):
        assert window.get(window.visit + path).status == 200
    window.get(f"{window.visit}/kontroll")
    assert window.send(f"{window.visit}/send").status in (200, 422)


def test_what_has_no_room_is_named_and_the_rest_saved(window: Window) -> None:
    found = window.save(side=3, years="9" * 200, comment="ø" * 2001, goods=["b"])
    assert sorted(found.get_json()["unsaved"]) == ["comment", "years"]
    assert window.saved(3)["values"] == {"goods": ["b"]}
    assert window.save(w1="17").get_json()["unsaved"] == ["w1"]  # no such answer


def test_a_window_behind_the_other_is_told_and_overwrites_nothing(
    app: Flask, wave: OpenWave, window: Window
) -> None:
    other = Window(app, wave.people[0].token)
    window.save(w1="5")
    assert other.save(w1="1").status_code == 409
    assert window.saved()["values"] == {"w1": ["5"]}
    other.catch_up()
    assert other.save(w2="1").status_code == 200
    assert window.saved()["values"] == {"w1": ["5"], "w2": ["1"]}
    assert window.save(w3="1").status_code == 409


CHANGES = st.tuples(
    st.integers(0, 2), st.sampled_from(["w1", "w2", "w3"]), st.sampled_from("12345"), st.booleans()
)  # which window changes what to what, and whether it has caught up before


def interleave(app: Flask, settings: Settings, n: int) -> None:
    """REL-3: three windows of one link; the model is what has been acknowledged."""
    with app_session(app) as session:
        people = iter(make_open_wave(session, settings, invited={"B1": 2 * n}).people)

    @given(st.lists(CHANGES, max_size=12))
    @limits(max_examples=n, database=None, phases=[Phase.explicit, Phase.generate])
    def interleaved(changes: list[tuple[int, str, str, bool]]) -> None:
        token = next(people).token
        windows, stored, rev = [Window(app, token) for _ in range(3)], dict[str, list[str]](), 0
        for who, name, value, catches_up in changes:
            if catches_up:
                windows[who].catch_up()
            is_current = windows[who].rev == rev
            found = windows[who].save(**{name: value})
            if found.status_code == 200:
                assert is_current or stored.get(name) == [value]
                stored[name] = [value]
                assert found.get_json()["rev"] >= rev
                rev = found.get_json()["rev"]
            else:
                assert (found.status_code, is_current) == (409, False)
            assert windows[0].saved()["values"] == stored

    interleaved()


def test_an_acknowledged_save_is_never_undone_by_a_window_that_has_not_seen_it(
    app: Flask, settings: Settings
) -> None:
    interleave(app, settings, 40)


@pytest.mark.soak
@pytest.mark.timeout(600)
def test_an_acknowledged_save_is_never_undone_in_many_orders(app: Flask, settings: Settings) -> None:
    interleave(app, settings, 400)


def test_without_the_revision_the_slower_window_would_win(
    app: Flask, wave: OpenWave, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: with the guard taken away an acknowledged answer is overwritten unseen."""
    monkeypatch.setattr("blueprints.answering_saves._require_current", lambda *_: None)
    other = Window(app, wave.people[0].token)
    window.save(w1="5")
    assert other.save(w1="1").status_code == 200
    assert window.saved()["values"] == {"w1": ["1"]}


def test_after_the_sending_another_window_saves_no_more(app: Flask, wave: OpenWave, window: Window) -> None:
    other = Window(app, wave.people[0].token)
    window.get(window.visit).run_through()
    assert "Takk" in window.text
    assert other.save(w1="1").status_code == 409
    assert other.saved()["round"] == 1
    assert n_drafts(app) == []


def test_a_closed_wave_a_stranger_and_a_forged_save_are_told_apart(
    app: Flask, wave: OpenWave, window: Window
) -> None:
    stranger = Respondent(app)
    stranger.get("/medarbeider/kode")
    token = stranger.hidden()["csrf_token"]
    found = stranger.client.post(f"{window.visit}/side/1/lagring", data={"csrf_token": token})
    assert found.status_code == 404
    assert window.client.post(f"{window.visit}/side/1/lagring", data={"q-w1": "1"}).status_code == 400
    assert window.save(side=9).status_code == 404
    with app_session(app) as session:
        session.execute(update(Wave).values(state=WaveState.CLOSING))
    assert window.save(w1="1").status_code == 410


def test_the_browsers_own_store_has_a_key_that_only_the_link_gives(
    app: Flask, wave: OpenWave, window: Window
) -> None:
    mine = window.saved()["store"]
    assert len(bytes.fromhex(mine["key"])) == 32
    assert Window(app, wave.people[0].token).saved()["store"] == mine  # the same link, after a restart
    theirs = Window(app, wave.people[1].token).saved()["store"]
    assert not {mine["key"], mine["name"]} & set(theirs.values())
    assert mine["name"] not in mine["key"]
    assert mine["key"] not in window.text  # asked for by the script, never in a page
    assert window.client.get(f"{window.visit}/lagring").headers["Cache-Control"] == "no-store"


def test_the_open_link_has_a_key_and_no_draft(app: Flask, open_citizen_wave: OpenWave) -> None:
    respondent = Respondent(app, "/innbygger").get("/innbygger/aapen/innbygger-2026").start()
    visit = respondent.path.partition("/side/")[0]
    told = respondent.client.get(f"{visit}/lagring").get_json()
    assert set(told["store"]) == {"name", "key"}
    fields = {"csrf_token": respondent.hidden()["csrf_token"], "q-w1": "1", "rev": "0"}
    assert respondent.client.post(f"{visit}/side/1/lagring", data=fields).status_code == 409
    assert n_drafts(app) == []


def test_the_open_link_is_told_of_the_parts_and_nothing_is_kept(
    app: Flask, open_citizen_wave: OpenWave
) -> None:
    respondent = Respondent(app, "/innbygger").get("/innbygger/aapen/innbygger-2026").start()
    fields = {**respondent.hidden(), "q-w1": "1"}
    address = respondent.path + "/oversikt"
    told = respondent.client.post(address, data=fields)
    assert told.get_json() == {"parts": [[1, "Stedet", "1 av 2 besvart"], [2, "Mer", "0 av 1 besvart"]]}
    assert told.headers["Cache-Control"] == "no-store"
    assert n_drafts(app) == []
    again = respondent.client.post(address, data=respondent.hidden()).get_json()
    assert again["parts"][0][2] == "0 av 2 besvart"
    fields.pop("csrf_token")
    assert respondent.client.post(address, data=fields).status_code in (400, 403)


def test_the_open_link_tells_that_nobody_can_be_told_apart(app: Flask, open_citizen_wave: OpenWave) -> None:
    page = Respondent(app, "/innbygger").get("/innbygger/beskyttelse/innbygger-2026")
    assert "Svarer du med den åpne lenken, vet systemet ikke hvem du er" in page.text


def test_a_kept_draft_tells_no_lengths(app: Flask, wave: OpenWave) -> None:
    for number, person in enumerate(wave.people):
        Window(app, person.token).save(side=3, years="x" * number, comment="y" * 99 * number)
    with app_session(app) as session:
        assert len({len(sealed) for sealed in session.scalars(select(Draft.sealed))}) == 1


def test_a_correction_saves_under_the_new_round(app: Flask, settings: Settings, wave: OpenWave) -> None:
    Respondent(app).enter(wave.people[0].token).run_through()
    again = Respondent(app).enter(wave.people[0].token)
    visit = again.path.partition("?")[0]
    again.get(f"{visit}/side/1")
    fields = {
        "csrf_token": again.hidden()["csrf_token"],
        "rev": "0",
        "round": "1",
        "q-w1": "1",
        "shown": "w1",
    }
    assert again.client.post(f"{visit}/side/1/lagring", data=fields).status_code == 200
    assert opened(app, settings, wave)[0].answers["w1"] == "4"
