"""Making the cube of a wave."""

from sqlalchemy.orm import Session

from surveyor.campaigns.models import Wave
from surveyor.cubes.counting import Counter, batches
from surveyor.cubes.kinds import KindCounter, counted_kinds
from surveyor.cubes.models import Cube
from surveyor.cubes.moments import MomentCounter, Moments, counted_moments
from surveyor.cubes.queries import answer_codes, cube_row, wave_tree
from surveyor.cubes.spec import CubeArrays, KindCube
from surveyor.instruments.queries import questionnaire


def build_cube(session: Session, *, wave: Wave) -> CubeArrays:
    """Count a wave's answer sets and store the cube in place of any earlier one."""
    cube = count_answers(session, wave=wave)
    session.merge(cube_row(wave.id, cube))
    return cube


def count_answers(session: Session, *, wave: Wave, only_late: bool = False) -> CubeArrays:
    """Count a wave's answer sets, or those that came after its newest release; nothing is stored."""
    counter = Counter(
        questionnaire(session, version_id=wave.instrument_version_id), wave_tree(session, wave.id)
    )
    return batches(answer_codes(session, wave.id, only_late=only_late), counter)


def build_moments(session: Session, *, wave: Wave) -> Moments:
    """Count how a wave's answers go together; nothing is stored."""
    counter = MomentCounter(
        questionnaire(session, version_id=wave.instrument_version_id), wave_tree(session, wave.id)
    )
    return counted_moments(answer_codes(session, wave.id), counter)


def build_kinds(session: Session, *, wave: Wave, only_late: bool = False) -> KindCube:
    """Count a wave's answer sets by unit and all background items at once; nothing is stored."""
    counter = KindCounter(
        questionnaire(session, version_id=wave.instrument_version_id), wave_tree(session, wave.id)
    )
    return counted_kinds(answer_codes(session, wave.id, only_late=only_late), counter)


def destroy_cube(session: Session, *, wave: Wave) -> None:
    """Delete a wave's counts; released figures stay."""
    if row := session.get(Cube, wave.id):
        session.delete(row)
