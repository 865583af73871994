"""The run as one HTML page that needs nothing else: the verdict, and what has drifted, since when, how bad, who acts.

It is what is looked at first, on a phone too. `python -m reports.html` puts Allure's page behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from intent.forecast import Forecast, Trend
from intent.notice import particulars
from intent.remediation import FAILURES
from intent.words import counted, moment
from reports import grouping
from reports.forecasts import running_out
from reports.formats.markup import RULES, SHOWN, attribute, folded, inline
from reports.history.transitions import duration
from reports.notices import not_compared, tally
from reports.outcomes import CONFORMS, INTERRUPTED, UNKNOWN, NodeResult
from reports.run import Run
from reports.terminal import one_line, title
from reports.text import drift_rows, finding

MAX_ROWS = 500
"""Rows of a table; `drift.json` has every result."""

MAX_CELL = 10_000
"""Characters of what is declared or found; what differs stands first, and `drift.json` has the whole."""

ALL_CHECKS = "avi-compliance-all-checks"
"""What the page tells the one that it stands in when somebody asks for all checks."""

_HEADS = ("what", "declared", "found", "since when", "how bad", "who must act")
_WHO = "who did it"
"""A column that is there where somebody is known."""

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; background: Canvas; color: CanvasText }
:root { --bad: #cf222e; --doubt: #9a6700; --good: #1a7f37; --none: #57606a }
@media (prefers-color-scheme: dark) { :root { --bad: #ff7b72; --doubt: #d29922; --good: #3fb950; --none: #8b949e } }
* { box-sizing: border-box }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 1500px; padding: 16px }
header { border-left: 10px solid var(--tone); padding: 2px 14px; margin-bottom: 14px }
header.bad { --tone: var(--bad) } header.doubt { --tone: var(--doubt) }
header.good { --tone: var(--good) } header.none { --tone: var(--none) }
h1 { font-size: 30px; line-height: 1.2; margin: 0; color: var(--tone) }
h2 { font-size: 17px; margin: 22px 0 6px }
p { margin: 2px 0 } .site { font-weight: 600 } .note { color: var(--doubt) }
table { border-collapse: collapse; width: 100% }
th { text-align: left; background: var(--soft); white-space: nowrap }
td, th { border: 1px solid var(--line); padding: 5px 9px; vertical-align: top }
td[data-head="since when"], td[data-head="how bad"] { white-space: nowrap }
@media (min-width: 1081px) { td[data-head="declared"], td[data-head="found"] { width: 17%; min-width: 170px }
  td:first-child { min-width: 220px } td[data-head="who did it"] { width: 10%; min-width: 130px }
  td[data-head="since when"], td[data-head="how bad"], td[data-head="who must act"] { width: 1% }
  td[data-head="since when"], td[data-head="who must act"] { min-width: 125px } }
@media (max-width: 1160px) { td[data-head="since when"] { white-space: normal } }
.blocker, .critical { color: var(--bad); font-weight: 600 } .normal { color: var(--doubt) }
summary { cursor: pointer } details > div { margin: 2px 0; font-size: 13px } code { font-size: 12px }
.path { display: block; font-size: 13px } #all { font-size: 14px; display: none }
@media screen and (max-width: 1080px) {
  body { padding: 10px } h1 { font-size: 25px }
  table, tbody, tr, td { display: block; width: 100% } thead { display: none }
  tr { border: 1px solid var(--line); margin-bottom: 10px; padding: 4px 0 }
  td { border: 0; padding: 2px 10px; white-space: normal !important }
  td[data-head]::before { content: attr(data-head) ": "; font-size: 12px; opacity: .7 }
  td:first-child::before { content: "" } td:empty, td br { display: none }
}
@media print {
  :root { color-scheme: light; --bad: #000; --doubt: #000; --good: #000; --none: #000; --line: #888 }
  body { font-size: 11px; padding: 0; max-width: none } h1 { font-size: 20px } h2 { font-size: 14px }
  details > div, code, .path { font-size: 10px } td, th { padding: 3px 5px } #all { display: none !important }
  .blocker { text-decoration: underline }
}
"""

_SCRIPT = f"""
let closed = [];
addEventListener("beforeprint", () => {{
  closed = [...document.querySelectorAll("details:not([open])")];
  closed.forEach(each => each.open = true);
}});
addEventListener("afterprint", () => closed.forEach(each => each.open = false));
const all = document.getElementById("all");
if (window.parent !== window) {{
  all.style.display = "inline";
  all.onclick = () => window.parent.postMessage("{ALL_CHECKS}", "*");
}}
"""


def render(run: Run) -> str:
    """The page. Everything in it that is the site's is escaped and harmless."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{attribute(_word(run))}: {attribute(run.environment)}</title><style>{RULES}{_STYLE}</style></head>"
        f"<body>{''.join(_header(run))}<main>{''.join(_parts(run))}</main><script>{_SCRIPT}</script></body></html>\n"
    )


def _parts(run: Run) -> Iterator[str]:
    drifts = sorted(run.results.of(*FAILURES), key=run.worst())
    named = grouping.some_origin(drifts)
    heads = (*_HEADS[:3], _WHO, *_HEADS[3:]) if named else _HEADS
    total = sum(len(each.drifts) or 1 for each in drifts)
    shown = islice((cells for each in drifts for cells in _rows(each, run, named=named)), MAX_ROWS)
    count = counted(len(drifts), "fact") + ("" if total == len(drifts) else f", {total:,} differences")
    cut = None if grouping.to_act(drifts) else -1
    yield from _table("Not as declared", heads[:cut], [row[:cut] for row in shown], count, total)
    yield from _reasons("Could not be read", "reason", grouping.by_reason(run.results.of("unknown")))
    yield from _reasons("Not asked, because of", "cause", grouping.by_cause(run.results.of("blocked")))
    waived = [(folded(one_line(each)), folded(each.check_result.waiver)) for each in run.results.of("waived")]
    yield from _table("Waived", ("what", "until when, why, by whom"), waived)
    remediated = [(folded(one_line(each)),) for each in run.results.of("remediated")]
    yield from _table("Put right by this run", ("what",), remediated)
    yield from _table("Waivers to look at", ("waiver",), [(folded(fault),) for fault in run.faults])
    yield from _notices(run)
    unseen = [(folded(each),) for each in run.facts.get("unseen", ())]
    yield from _table("Neither healthy nor ill, since it was not seen", ("what",), unseen)
    yield from _forecasts(run)
    yield from _coverage(run)
    yield from _table("Notes", ("note",), [(folded(note),) for note in run.notes])


def _notices(run: Run) -> Iterator[str]:
    """What the run tells beside its verdict."""
    rows = [
        (
            f"<b>{folded(each.sort)}</b> {folded(each.subject)}",
            folded(particulars(each)),
            folded(str(each.author or each.owner)),
            _severity(each.severity),
            folded(each.waived.text if each.waived else each.topic),
        )
        for each in run.notices
    ]
    heads = ("what", "how", "who did it", "how bad", "topic or waiver")
    yield from _table("About what is not declared", heads, rows, folded(tally(run.notices)))


def _forecasts(run: Run) -> Iterator[str]:
    """What is used up in a known time, the earliest first."""
    heads = ("what", "when", "used", "of", "more a day", "days read")
    rows = [
        (
            folded(f"{each.figure.subject} {each.figure.measure}"),
            folded(each.sentence()),
            *_fitted(each),
            f"{each.readings:,}" if each.readings else "",
        )
        for each in running_out(run.forecasts)
    ]
    yield from _table("Used up, as it grows now", heads, rows)


def _fitted(each: Forecast) -> tuple[str, str, str]:
    """Used, of how much, and how much more a day; empty of what is exact."""
    if each.trend is Trend.EXACT:
        return "", "", ""
    return f"{each.figure.used:,.0f}", f"{each.figure.limit:,.0f}", f"{each.daily:,.2f}"


def _coverage(run: Run) -> Iterator[str]:
    """How much of each type is declared, of those that hold anything one could declare; what could not be listed."""
    if run.coverage is None:
        return
    types = {api: each for api, each in run.coverage.types.items() if each.objects or each.ako}
    heads = ("type", "objects declared", "members declared", "AKO's", "as installed")
    rows = [
        (
            folded(api),
            f"{each.declared:,} of {each.objects:,}",
            f"{each.declared_members:,} of {each.members:,}",
            f"{each.ako:,}",
            f"{each.factory:,}",
        )
        for api, each in types.items()
    ]
    yield from _table("Declared of what is there", heads, rows, counted(len(rows), "type"))
    if others := len(run.coverage.types) - len(types):
        yield f"<p>{counted(others, 'further type')} with nothing but what a Controller is installed with</p>"
    reasons = [(folded(api), folded(why)) for api, why in sorted(run.coverage.not_listed.items())]
    yield from _table("Could not be listed", ("type", "why"), reasons)


def _header(run: Run) -> Iterator[str]:
    counts = run.results.counts()
    finding = run.verdict.partition(": ")[2]
    drifted = f"{counted(counts.drifted, 'fact')} not as declared" if counts.drifted else ""
    unread = f"{counted(counts.of('unknown'), 'fact')} could not be read" if counts.of("unknown") else ""
    heading = ": ".join(filter(None, [_word(run), ", ".join(filter(None, [drifted, unread]))]))
    yield f'<header class="{_tone(run)}"><h1>{inline(heading)}</h1>'
    yield f'<p class="site">{inline(title(run))}</p>'
    objects = f"{counted(counts.objects, 'object')}, {counts.objects_with_drift:,} with drift"
    yield f"<p>{inline(finding)}; {objects}</p>"
    if not_asked := run.facts.get("not_asked"):
        yield f'<p class="note">not asked any more: {inline(not_asked)}</p>'
    if run.coverage is not None:
        yield f"<p>{inline(run.coverage.sentence())}</p>"
    if text := not_compared(run):
        yield f"<p>{inline(text)}</p>"
    took = f"; the run took {run.seconds:.0f} s" if run.ended else ""
    yield f"<p>{_moment(run.started)}{took}</p>"
    if owners := grouping.to_act(run.results.of(*FAILURES)):
        yield f"<p>to act: <b>{inline(owners)}</b></p>"
    if run.before is not None:
        yield f"<p>since {_moment(run.before.started)}: {inline(run.tally)}</p>"
    if run.facts.get("verify_tls") is False:
        yield '<p class="note">TLS certificates were not verified (verify_tls: false)</p>'
    yield '<button id="all">all checks, with their history</button></header>'


def _word(run: Run) -> str:
    """`DRIFT`."""
    return run.verdict.partition(":")[0]


def _tone(run: Run) -> str:
    return {CONFORMS: "good", UNKNOWN: "doubt", INTERRUPTED: "none"}.get(run.exit_code, "bad")


def _rows(result: NodeResult, run: Run, *, named: bool) -> Iterator[tuple[str, ...]]:
    """A row for each drift; one for a fact that does not hold. The cells are HTML. `named`: with who did it."""
    subject, since = result.fact.subject or result.fact.title, _since(result, run)
    end = since, _severity(result.check.severity)
    starts = drift_rows(result.check_result, SHOWN)
    for (path, *sides, who), start in zip(drift_rows(result.check_result, MAX_CELL), starts, strict=True):
        want, have = map(folded, sides, (start.declared, start.found))
        origin = (folded(who),) if named else ()
        yield _what(subject, path, result), want, have, *origin, *end, folded(result.check.owner)


def _severity(word: str) -> str:
    return f'<span class="{attribute(word)}">{inline(word)}</span>'


def _what(subject: str, path: str, result: NodeResult) -> str:
    """The object and its field; opened, the fact in a sentence, why it matters and what to do."""
    check = result.check
    more = [("", finding(result.check_result)), ("why", check.why), ("do", check.do)]
    lines = [
        f"<div>{f'<b>{label}</b> ' if label else ''}{folded(text)}</div>" for label, text in more if text
    ]
    if check.docs.startswith(("https://", "http://")):
        lines.append(
            f'<div><a href="{attribute(check.docs)}" rel="noreferrer">{inline(check.docs)}</a></div>'
        )
    lines.append(f"<div><code>{inline(result.nodeid)}</code></div>")
    field = f'<span class="path">{inline(path)}</span>' if path else ""
    return f"<details><summary><b>{inline(subject)}</b>{field}</summary>{''.join(lines)}</details>"


def _since(result: NodeResult, run: Run) -> str:
    transition = run.transitions.get(result.nodeid)
    if transition is None:
        return "this run, the first" if run.before is None else ""
    flapping = " <br>flapping" if transition.flapping else ""
    if transition.since is None:
        return f"this run (new){flapping}"
    unwaived = " <br>no longer waived" if transition.unwaived else ""
    return f"{_moment(transition.since)} <br>({duration(transition.lasted(run.started))}){unwaived}{flapping}"


def _moment(when: datetime) -> str:
    return f'<time datetime="{when.isoformat(timespec="seconds")}">{moment(when)}</time>'


def _reasons(caption: str, head: str, reasons: Sequence[tuple[str, int]]) -> Iterator[str]:
    rows = [(folded(reason), f"{count:,}") for reason, count in reasons]
    facts = sum(count for _, count in reasons)
    yield from _table(caption, (head, "facts"), rows, counted(facts, "fact"))


def _table(
    caption: str, heads: Sequence[str], rows: Sequence[tuple[str, ...]], count: str = "", total: int = 0
) -> Iterator[str]:
    """`count`: what stands behind the caption in place of the number of rows. `total`: how many there are."""
    if not rows:
        return
    more = f"; the first {MAX_ROWS:,} rows" if max(total, len(rows)) > MAX_ROWS else ""
    yield f"<h2>{caption} ({count or f'{len(rows):,}'}{more})</h2><table>"
    columns = "".join(f'<th scope="col">{head}</th>' for head in heads)
    yield f"<thead><tr>{columns}</tr></thead><tbody>"
    for row in rows[:MAX_ROWS]:
        cells = (f'<td data-head="{head}">{cell}</td>' for head, cell in zip(heads, row, strict=True))
        yield f"<tr>{''.join(cells)}</tr>"
    yield "</tbody></table>"
