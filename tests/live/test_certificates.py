"""Names that a certificate bears, as the Controller tells what is in it."""

from __future__ import annotations

import pytest

from intent import Unknown
from intent.kinds.upkeep import Certificate
from live.facts.upkeep import names

WEB = Certificate(name="web")


class Told:
    """A site of one certificate, of which this is told."""

    def __init__(self, inside):
        self.inside = inside

    def raw(self, _certificate):
        return {"name": "web", "certificate": self.inside}


@pytest.mark.parametrize(
    ("inside", "borne"),
    [
        ({"subject": {"common_name": "avi.test"}, "subject_alt_names": ["avi", "10.0.0.1"]}, ("avi.test", "avi", "10.0.0.1")),
        ({"subject": {"common_name": "avi.test"}}, ("avi.test",)),
        ({"subject_alt_names": ["avi"]}, ("avi",)),
        ({"subject": {"organization": "iberia"}, "subject_alt_names": []}, ()),
        ({"subject": {"common_name": ""}}, ()),
        ({}, ()),
    ],
)  # fmt: skip
def test_the_names_that_a_certificate_bears(inside, borne):
    assert names(Told({"not_after": "2027-01-01 00:00:00", **inside}), WEB) == borne


@pytest.mark.parametrize("inside", [None, {}, [], "text", {"certificate": "-----BEGIN", "not_after": ""}])
def test_of_a_certificate_whose_inside_is_not_told_nothing_is_known(inside):
    with pytest.raises(Unknown):
        names(Told(inside), WEB)
