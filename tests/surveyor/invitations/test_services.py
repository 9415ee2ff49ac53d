"""The sampling frame in the database: lists, letters, what is kept and what never is."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from surveyor.audit.spec import COMMAND_LINE
from surveyor.campaigns.enums import WaveState
from surveyor.config import Settings
from surveyor.errors import InvalidInput, Refused
from surveyor.fieldwork.launch import launch_wave
from surveyor.invitations.credentials import hash_code, hash_token, normal_code, show_code
from surveyor.invitations.enums import Credential
from surveyor.invitations.models import Participation, SampleMember
from surveyor.invitations.queries import code_hashes, frame_size, n_by_unit
from surveyor.invitations.services import (
    clear_members,
    draft_letters,
    forget_links,
    import_members,
    issue_letters,
    open_token,
)
from tests.planned_waves import invite_people, make_planned_wave, people


def test_an_import_reports_who_gets_mail_and_who_a_letter(session: Session, settings: Settings) -> None:
    wave = make_planned_wave(session, settings)
    text = "unit,name,email,phone,notes\nB1,Kari,kari@x.no,,a\nB1,Ola,,99887766,b\nB2,Liv,,,c\n"
    report = import_members(
        session, settings, wave=wave, file=text.encode(), filename="f.csv", actor=COMMAND_LINE
    )
    assert (report.n_added, report.n_mail, report.n_letter, report.n_phone_only) == (3, 1, 2, 1)
    assert report.unknown_columns == ("notes",)
    assert n_by_unit(session, wave_id=wave.id) == {"B1": 2, "B2": 1}
    assert frame_size(session, wave_id=wave.id).n_letter == 2
    assert not session.scalars(select(Participation)).all()


def test_a_bad_file_stores_nothing(session: Session, settings: Settings) -> None:
    wave = make_planned_wave(session, settings)
    with pytest.raises(InvalidInput) as refused:
        import_members(
            session, settings, wave=wave, file=b"unit,email\nB1,a@x.no\nX,b@x\n", actor=COMMAND_LINE
        )
    assert [(p.row, p.column) for p in refused.value.problems] == [(3, "unit"), (3, "email")]
    assert n_by_unit(session, wave_id=wave.id) == {}


def test_a_second_file_adds_and_the_list_can_be_emptied_before_launch(
    session: Session, settings: Settings
) -> None:
    wave = make_planned_wave(session, settings)
    invite_people(session, settings, wave, B1=6)
    invite_people(session, settings, wave, B2=6)
    with pytest.raises(InvalidInput, match="allerede"):
        invite_people(session, settings, wave, B1=1)
    clear_members(session, wave=wave, actor=COMMAND_LINE)
    assert frame_size(session, wave_id=wave.id).n_members == 0


def test_only_units_of_the_wave_can_be_asked(session: Session, settings: Settings) -> None:
    wave = make_planned_wave(session, settings, units=["B1", "S1"])
    with pytest.raises(InvalidInput, match="OPP"):
        invite_people(session, settings, wave, B1=5, OPP=1)


def test_after_launch_people_join_existing_segments_and_get_their_mail(
    session: Session, settings: Settings
) -> None:
    wave = make_planned_wave(session, settings)
    invite_people(session, settings, wave, B1=6, S1=6)
    launch_wave(session, settings, wave=wave, actor=COMMAND_LINE)
    late = people({"B1": 1}, prefix="late")
    import_members(session, settings, wave=wave, file=late, actor=COMMAND_LINE)
    assert n_by_unit(session, wave_id=wave.id) == {"B1": 7, "S1": 6}
    with pytest.raises(InvalidInput, match="ingen deltakere da"):
        import_members(session, settings, wave=wave, file=people({"B2": 1}), actor=COMMAND_LINE)
    with pytest.raises(Refused):
        clear_members(session, wave=wave, actor=COMMAND_LINE)
    wave.state = WaveState.CLOSING
    session.flush()
    with pytest.raises(Refused):
        import_members(session, settings, wave=wave, file=late, actor=COMMAND_LINE)


def test_a_link_is_kept_as_a_hash_and_sealed_for_the_worker(session: Session, settings: Settings) -> None:
    wave = make_planned_wave(session, settings)
    invite_people(session, settings, wave, B1=6)
    launch_wave(session, settings, wave=wave, actor=COMMAND_LINE)
    participations = session.scalars(select(Participation)).all()
    tokens = [open_token(settings, participation=each) or "" for each in participations]
    assert len(set(tokens)) == 6
    for participation, token in zip(participations, tokens, strict=True):
        assert participation.credential_hash == hash_token(token)
        assert token.encode() not in (participation.token_sealed or b"")
    forget_links(session, wave_id=wave.id)
    session.expire_all()
    assert all(open_token(settings, participation=each) is None for each in participations)


def test_letters_carry_new_codes_and_older_ones_stop_working(session: Session, settings: Settings) -> None:
    wave = make_planned_wave(session, settings)
    text = people({"B1": 6, "B2": 6}, n_letters=3)
    import_members(session, settings, wave=wave, file=text, actor=COMMAND_LINE)
    with pytest.raises(Refused):
        draft_letters(session, settings, wave=wave)
    launch_wave(session, settings, wave=wave, actor=COMMAND_LINE)
    batches = []
    for _ in range(2):
        batches.append(draft_letters(session, settings, wave=wave))
        issue_letters(session, wave=wave, batch=batches[-1], actor=COMMAND_LINE)
    first, second = ([normal_code(one.code) or "" for one in batch.letters] for batch in batches)
    assert len(first) == len(set(first)) == 6
    assert [one.unit for one in batches[0].letters] == ["Solbakken barnehage"] * 3 + [
        "Elvebakken barnehage"
    ] * 3
    kept = set(session.scalars(select(Participation.credential_hash)))
    assert {hash_code(settings, code) for code in second} <= kept
    assert kept.isdisjoint(hash_code(settings, code) for code in first)
    assert not any(code in repr(batches) for code in (*first, *second, *map(show_code, second)))


def test_of_letters_made_twice_at_once_only_the_first_work(session: Session, settings: Settings) -> None:
    wave = make_planned_wave(session, settings)
    import_members(session, settings, wave=wave, file=people({"B1": 6}, n_letters=6), actor=COMMAND_LINE)
    launch_wave(session, settings, wave=wave, actor=COMMAND_LINE)
    first, second = (draft_letters(session, settings, wave=wave) for _ in range(2))
    issue_letters(session, wave=wave, batch=first, actor=COMMAND_LINE)
    with pytest.raises(Refused, match="samtidig"):
        issue_letters(session, wave=wave, batch=second, actor=COMMAND_LINE)
    assert code_hashes(session, wave_id=wave.id) == first.hashes


def test_everybody_has_one_credential(session: Session, settings: Settings) -> None:
    wave = make_planned_wave(session, settings)
    import_members(session, settings, wave=wave, file=people({"B1": 8}, n_letters=2), actor=COMMAND_LINE)
    launch_wave(session, settings, wave=wave, actor=COMMAND_LINE)
    rows = session.execute(select(Participation, SampleMember).join(SampleMember)).all()
    assert len(rows) == 8
    for participation, member in rows:
        by_mail = participation.credential is Credential.MAIL_LINK
        assert by_mail is (member.email is not None)
        assert by_mail is (participation.token_sealed is not None)


def test_without_letters_to_write_it_says_so(session: Session, settings: Settings) -> None:
    wave = make_planned_wave(session, settings)
    invite_people(session, settings, wave, B1=6)
    launch_wave(session, settings, wave=wave, actor=COMMAND_LINE)
    with pytest.raises(Refused, match="e-post"):
        draft_letters(session, settings, wave=wave)
