"""The model of what is written: whatever version is pinned or known, a write changes nothing that is not declared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intent import load_environment
from live.errors import Conflict
from live.site import Site
from remediate.plan.request import amend
from remediate.write.apis import ControllersModel, carried
from remediate.write.journal import Journal
from remediate.write.record import load
from remediate.write.results import ObjectChanged, RunStopped
from remediate.write.writer import Writer
from tests import lengths
from tests.remediate.inprocess import credentials
from tests.remediate.one_object import KEY
from tests.remediate.site import Runs

OLDER, OWN = "30.2.1", "31.1.1"


class Controller:
    """A Controller of 31.1.1, which keeps one SE group. The older model shows defaults of its own, and lacks what is new.

    A PUT in the older model stores what it holds, and nothing of what that model does not know.
    """

    name = "c:443"
    api_version, own_version = OLDER, OWN
    NEW = frozenset({"shiny", "sparkle"})
    DEFAULTS = {"disable_gro": True, "se_lro": False}  # noqa: RUF012

    def __init__(self, **members):
        self.stored = {
            "uuid": "s1",
            "name": "g",
            "buffer_se": 1,
            "shiny": {"a": 1},
            "_last_modified": "1",
            **members,
        }
        self.log = []
        self.meanwhile = lambda: None

    def _seen(self, value):
        if isinstance(value, dict):
            return {k: self._seen(v) for k, v in value.items() if k not in self.NEW}
        return [self._seen(each) for each in value] if isinstance(value, list) else value

    def read(self, _path, _params=None, *, model=OLDER, **_where):
        return dict(self.stored) if model == OWN else {**self.DEFAULTS, **self._seen(self.stored)}

    def write(self, method, path, body=None, *, model=OLDER, **_where):
        self.meanwhile()
        self.log.append((method, model))
        if method == "PATCH":
            self.stored |= body.get("replace", {}) | body.get("add", {})
        else:
            if body.get("_last_modified") != self.stored["_last_modified"]:
                raise Conflict("Concurrent Update Error")
            self.stored = {"uuid": "s1", **body}
        self.stored["_last_modified"] = str(int(self.stored["_last_modified"]) + 1)
        return self.read(path, model=model)


def sent(folder, controller, **news):
    """What becomes of setting these members in the older model."""
    before = controller.read("serviceenginegroup/s1")
    request = amend("serviceenginegroup", before, {**before, **news})
    journal = Journal.begin(folder, "iberia", "c:443", "d")
    writer = Writer(controller, journal, lambda _: None, own=ControllersModel.of(controller))
    after = writer.send(KEY, request, request.body, before)
    return after, load(journal.path).entries[0]


def differing(before, after):
    return {k for k in {*before, *after} if before.get(k) != after.get(k)}


def test_only_what_is_declared_changes(tmp_path):
    controller = Controller()
    before = dict(controller.stored)
    after, entry = sent(tmp_path, controller, buffer_se=0)
    assert differing(before, controller.stored) == {"buffer_se", "_last_modified"}
    assert controller.log == [("PUT", OWN)]
    assert (entry.fate, after["buffer_se"], "shiny" in after) == ("done", 0, False)


def test_without_it_others_would_change():
    """The Controller of this test is as the real one: else nothing is shown here."""
    controller = Controller()
    before = dict(controller.stored)
    body = {**controller.read("x"), "buffer_se": 0}
    controller.write("PUT", "serviceenginegroup/s1", body)
    assert differing(before, controller.stored) >= {"buffer_se", "disable_gro", "se_lro", "shiny"}


def test_a_part_of_an_object_with_a_secret(tmp_path):
    controller = Controller(vcenter={"password": "<sensitive>"})
    before = dict(controller.stored)
    sent(tmp_path, controller, buffer_se=0)
    assert differing(before, controller.stored) == {"buffer_se", "_last_modified"}
    assert controller.log == [("PATCH", OWN)]


def test_what_is_new_within_a_member_stays(tmp_path):
    ranges = [{"prefix": "a", "sparkle": 1}, {"prefix": "b", "sparkle": 2}]
    controller = Controller(ranges=ranges, nested={"x": 1, "shiny": 9})
    news = [{"prefix": "a"}, {"prefix": "b", "pool": 7}, {"prefix": "c"}]
    sent(tmp_path, controller, ranges=news, nested={"x": 2})
    assert controller.stored["ranges"] == [ranges[0], {**ranges[1], "pool": 7}, {"prefix": "c"}]
    assert controller.stored["nested"] == {"x": 2, "shiny": 9}


@pytest.mark.parametrize("news", [[{"prefix": "b"}], [{"prefix": "b"}, {"prefix": "a"}], []])
def test_what_cannot_be_told_apart_is_not_written(tmp_path, news):
    controller = Controller(ranges=[{"prefix": "a", "sparkle": 1}, {"prefix": "b", "sparkle": 2}])
    with pytest.raises(
        RunStopped, match=r"ranges of .* is another in the model of the Controller's own version, 31.1.1"
    ):
        sent(tmp_path, controller, ranges=news)
    assert controller.log == []


def test_somebody_writes_between_the_two_reads(tmp_path):
    controller = Controller()
    before = controller.read("x")
    controller.stored |= {"_last_modified": "7", "buffer_se": 5}
    request = amend("serviceenginegroup", before, {**before, "buffer_se": 0})
    writer = Writer(
        controller, Journal.begin(tmp_path, "iberia", "c", "d"), own=ControllersModel.of(controller)
    )
    with pytest.raises(ObjectChanged):
        writer.send(KEY, request, request.body, before)
    assert controller.log == []


def test_where_there_is_no_gap_nothing_more_is_read():
    controller = Controller()
    controller.own_version = OLDER
    assert ControllersModel.of(controller) is None


def groups(file):
    """Every SE group in the Controller's own model, by name."""
    site = Site(load_environment(file), credentials)
    try:
        rows = site.gateway().read("serviceenginegroup", {"page_size": "200"})["results"]
    finally:
        site.close()
    return {row["name"]: {k: v for k, v in row.items() if k != "_last_modified"} for row in rows}


@lengths.WHOLE_RUN
def test_an_older_version_is_pinned(lab, tmp_path):
    """A17: in the model of 20.1.6 `se_lro` and `disable_gro` have defaults, which a PUT in it would store."""
    lab.reset("drifted")
    plain = lab.environment_file(tmp_path)
    pinned = lab.environment_file(
        tmp_path, "pinned.yaml", **{"controller:\n": "controller:\n  api_version: 20.1.6\n"}
    )
    before = groups(plain)
    assert "se_lro" not in before["S1-AZ2-SE-Group"]
    runs = Runs(lab, tmp_path, pinned)
    code, text = runs("--remediate", "-k", "test_buffer", checks=("checks/test_se_groups.py",))
    assert code == 0, text
    after = groups(plain)
    changed = {(name, key) for name in before for key in differing(before[name], after[name])}
    assert changed == {("S1-AZ2-SE-Group", "buffer_se")}
    code, text = runs(f"--rollback={runs.journal()}")
    assert (code, groups(plain)) == (0, before), text


JSON = st.recursive(
    st.integers(0, 3) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


@given(JSON, JSON)
def test_carrying_over_loses_nothing_and_adds_nothing(was, now):
    """An own value that is more by one member everywhere keeps that wherever an object stays."""

    def more(value):
        if isinstance(value, dict):
            return {k: more(v) for k, v in value.items()} | {"new": 1}
        return [more(each) for each in value] if isinstance(value, list) else value

    def less(value):
        if isinstance(value, dict):
            return {k: less(v) for k, v in value.items() if k != "new"}
        return [less(each) for each in value] if isinstance(value, list) else value

    assert carried(was, was, now) == now
    try:
        own = carried(more(was), was, now)
    except LookupError:
        return
    assert less(own) == now
    if was == now:
        assert own == more(was)
