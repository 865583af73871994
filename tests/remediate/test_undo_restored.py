"""What an undo makes of an object, and who keeps it from being undone, without a site."""

import pytest

from remediate.plan.model import Request
from remediate.write.undo import _irreversible, restored


@pytest.mark.parametrize(
    ("changed", "target", "said"),
    [
        (("dns_virtualservice_refs",), {"dns_virtualservice_refs": ["a"]}, ""),
        (
            ("dns_virtualservice_refs",),
            {},
            "dns_virtualservice_refs cannot be emptied again: the Controller refuses it",
        ),
        (("dns_configuration",), {}, ""),
    ],
)
def test_what_is_set_for_ever(changed, target, said):
    assert _irreversible(Request("PUT", "systemconfiguration", "", "system", {}, changed), target) == said


def test_three_ways():
    before = {"a": 1, "b": {"c": 1, "d": 1}, "l": [1, 2], "gone": 7}
    after = {"a": 2, "b": {"c": 2, "d": 1, "new": 1}, "l": [1, 2, 3]}
    now = {"a": 2, "b": {"c": 2, "d": 9, "new": 1}, "l": [0, 1, 3, 2], "theirs": 1}
    assert restored("network", before, after, now) == (
        {"a": 1, "b": {"c": 1, "d": 9}, "l": [0, 1, 2], "theirs": 1, "gone": 7},
        [],
    )
    assert restored("network", before, after, after) == (before, [])
    assert restored("network", before, after, before) == (before, [])
    assert restored("network", before, after, {**after, "a": 3, "l": [1]}) == (
        {**before, "a": 3, "l": [1]},
        ["a", "l"],
    )
