"""What an undo makes of an object, and who keeps it from being undone, without a site."""

import pytest

from live.errors import NotFound
from remediate.plan.request import SINGLETONS, Request
from remediate.write.undo import REFERRERS, _irreversible, _users, restored


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


def test_a_collection_that_is_not_there_hides_nobody_behind_it():
    """Whoever uses what is to be deleted is asked for in every collection, also behind one this version has not."""
    last = [api for api in REFERRERS if api not in SINGLETONS][-1]

    class Gateway:
        def read(self, path, _params=None, **_options):
            if path in SINGLETONS:
                return {}
            if path != last:
                raise NotFound("404")
            return {"results": [{"name": "user"}]}

    request = Request("DELETE", "vrfcontext", "v1", "VRF_AZ1", {})
    assert [name.rpartition(" ")[2] for name in _users(request, Gateway())] == ["user"]


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
