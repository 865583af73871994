"""What a kind says of itself, and what editors show of its fields."""

from typing import Annotated, ClassVar

import pytest
from pydantic import Field

from intent.base import KINDS, Declared, Intent


class Probe(Declared):
    """A part of a file."""

    both: Annotated[int | None, Field(description="of its field")] = None
    """beneath it"""
    text: Annotated[int | None, Field(alias="from")] = None
    """two
    lines"""
    none: int | None = None


class Sharper(Probe):
    """The same, with a text of its own for one field."""

    text: int | None = None
    """its own"""


def test_editors_show_the_text_beneath_a_field_unless_the_field_has_its_own():
    members = Probe.model_json_schema()["properties"]
    assert {name: member.get("description") for name, member in members.items()} == {
        "both": "of its field",
        "from": "two lines",
        "none": None,
    }
    members = Sharper.model_json_schema()["properties"]
    assert (members["text"]["description"], members["both"]["description"]) == ("its own", "of its field")


@pytest.fixture
def kinds():
    """Kinds that are defined here are not left to other tests."""
    known = dict(KINDS)
    yield
    KINDS.clear()
    KINDS.update(known)


@pytest.mark.usefixtures("kinds")
def test_a_kind_says_of_itself_behind_its_name_or_in_its_class():
    class Behind(Intent, kind="probe", section="probes", step=3):
        """A kind."""

    class Inside(Intent):
        """A kind as they were written before."""

        kind: ClassVar[str] = "probe"
        section: ClassVar[str] = "probes"
        step: ClassVar[int] = 3

    for kind in (Behind, Inside):
        assert (kind.kind, kind.section, kind.step, kind.singleton) == ("probe", "probes", 3, False)
        assert KINDS[kind.__name__] is kind


@pytest.mark.usefixtures("kinds")
@pytest.mark.parametrize("slip", ["sektion", "name", "_home", "key"])
def test_a_slip_in_what_a_kind_says_is_refused(slip):
    with pytest.raises(TypeError, match=f"Slipped: nothing is called {slip} that a kind says of itself"):

        class Slipped(Intent, **{"kind": "probe", slip: "x"}):
            """A kind."""

    assert "Slipped" not in KINDS
