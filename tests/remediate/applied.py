"""A bench with a plan that is carried out, for the tests of it."""

from remediate.plan.planner import build
from remediate.registry import SAFE_ONLY
from remediate.write.applier import Applier
from remediate.write.journal import Journal
from remediate.write.record import load
from remediate.write.writer import Writer
from tests.remediate.inprocess import Bench


class Run:
    """A bench with a plan; `go` carries it out under a journal."""

    def __init__(self, folder, state="drifted", *, only=None, **options):
        self.bench = Bench(state)
        self.folder = folder
        self.options = options
        self.gateway = self.bench.gateway
        self.site = self.bench.site()
        drifts = [one for one in self.bench.drifts(self.site.live) if only is None or only(one[0])]
        self.plan = build(self.site, drifts, options.get("consent", SAFE_ONLY))
        self.said = []

    def go(self, plan=None, **options):
        journal = Journal.begin(self.folder, "iberia", "c", "d", **self.gateway.known_as)
        writer = Writer(self.gateway, journal, sleep=lambda _seconds: None)
        applier = Applier(writer, self.site, say=self.said.append, **{**self.options, **options})
        self.results = applier.apply(plan or self.plan)
        journal.end("done")
        self.record = load(journal.path)
        return [(str(result.step.key), result.status) for result in self.results]

    def of(self, word):
        return next(result for result in self.results if str(result.step.key) == word)

    def fates(self):
        return [entry.fate for entry in self.record.entries]


def once(action, **match):
    """Call an action before or after the first write that matches, once."""
    done = []

    def hook(method, path, body):
        if not done and path.startswith(match.get("path", "")) and method == match.get("method", method):
            done.append(1)
            action(method, path, body)

    return hook


def group(drift):
    return drift.key.name == "S1-AZ2-SE-Group"
