"""The unit tree of a day."""

from datetime import date

from sqlalchemy.orm import Session

from surveyor.units.queries import tree_as_of


def test_before_the_first_import_the_tree_is_empty(session: Session) -> None:
    tree = tree_as_of(session, date(2026, 1, 1))
    assert len(tree) == 0
    assert tree.root is None
