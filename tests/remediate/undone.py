"""A run that was carried out on a site in this process, to be undone."""

from remediate.plan.planner import build
from remediate.write.applier import Applier
from remediate.write.journal import Journal
from remediate.write.record import load
from remediate.write.undo import undo_run
from remediate.write.writer import Writer
from tests.remediate.breaking import Hand, picture
from tests.remediate.inprocess import Bench


class Run:
    """A site that was put right, and its journal."""

    def __init__(self, folder, state, skip=(), answered=None):
        self.folder = folder
        self.bench = Bench(state)
        self.gateway = self.bench.gateway
        write = self.gateway.write
        if answered is not None:
            self.gateway.write = lambda *args, **options: (write(*args, **options), answered)[1]
        self.before = picture(self.gateway)
        site = self.bench.site()
        drifts = [one for one in self.bench.drifts(site.live) if one[0].key.kind not in skip]
        journal = Journal.begin(folder, "iberia", "c", "d", **self.gateway.known_as)
        self.results = Applier(Writer(self.gateway, journal), site).apply(build(site, drifts))
        journal.end("done")
        self.journal = journal.path
        self.hand = Hand(self.gateway)
        self.said = []

    def undo(self, **options):
        journal = Journal.begin(self.folder, "iberia", "c", "d", undoes=self.journal.name)
        writer = Writer(self.gateway, journal, sleep=lambda _seconds: None)
        self.undone = undo_run(load(self.journal), writer, self.bench.site(), say=self.said.append, **options)
        journal.end("done")
        return {str(one.entry): (one.outcome, one.text) for one in self.undone}


def outcomes(found):
    return {outcome for outcome, _ in found.values()}
