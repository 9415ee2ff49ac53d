"""What a wave's cube holds, as tables that gate and figures are made from."""

from dataclasses import dataclass, replace

import numpy as np
from sqlalchemy.orm import Session

from analysis.disclosure.gate import GateInput
from analysis.disclosure.wave import WaveInput
from surveyor.campaigns.models import Wave
from surveyor.cubes.spec import CubeArrays
from surveyor.instruments.queries import questionnaire
from surveyor.releases.cut_tables import CutTables, cut_tables
from surveyor.releases.earlier import segment_counts
from surveyor.releases.tables import WaveTables, wave_tables


@dataclass(frozen=True, eq=False)
class Counted:
    """Units and their background groups."""

    tables: WaveTables
    cuts: tuple[CutTables, ...] = ()

    def wave_input(self, wave: Wave) -> WaveInput:
        """What the gate decides from; nobody is invited where there is no frame."""
        given: GateInput = self.tables.gate_input(k_mean=wave.k_mean, k_spread=wave.k_spread)
        cuts = tuple(cut.gate_table(self.tables) for cut in self.cuts)
        asked = WaveInput(given, cuts=cuts)
        invited = np.maximum(self.tables.invited, 0)
        if not invited.any():
            return asked
        return replace(asked, invited=invited, answered=np.clip(self.tables.answered, 0, invited))


def counted_cube(session: Session, wave: Wave, cube: CubeArrays) -> Counted:
    """The tables of a cube with its background groups."""
    tables = cube_tables(session, wave, cube)
    asked = questionnaire(session, version_id=wave.instrument_version_id)
    return Counted(tables, tuple(cut_tables(asked, cube, tables)))


def cube_tables(session: Session, wave: Wave, cube: CubeArrays) -> WaveTables:
    """The tables of a cube's units."""
    asked = questionnaire(session, version_id=wave.instrument_version_id)
    invited, answered = segment_counts(session, wave.id)
    return wave_tables(asked, cube, invited=invited, answered=answered)
