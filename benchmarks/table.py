"""The results as tables for people, in Markdown: what the JSON beside them holds, and the targets held against it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from benchmarks.machine import sentence
from benchmarks.stopwatch import PHASES

Row = dict[str, Any]
ORDER = (
    "read",
    "pytest",
    "floor",
    "check",
    "plan",
    "remediate",
    "ten checks",
    "GET per object",
    "GET per check",
)
WORDS = {
    "read": "floor: the same pages, bare",
    "pytest": "floor: as many empty tests",
    "floor": "**floor, both**",
    "check": "**check**, Allure and JUnit on",
    "ten checks": "ten chosen checks",
    "GET per object": "naive: one GET per object ¹",
    "GET per check": "naive: one GET per check ¹",
}
OURS = ("check", "plan", "remediate", "ten checks")
"""What this program does; the rest is what it is held against."""
FIGURES = (
    ("facts", "facts"),
    ("wall", "wall"),
    ("cpu", "CPU"),
    ("mib", "memory"),
    ("requests", "requests"),
    ("bytes", "bytes"),
)


def document(found: dict[str, Any]) -> str:
    """Everything that was measured."""
    lines = [f"Machine: {sentence(found['machine'])}. {found['when']}, {found['repeats']} repeats.", ""]
    lines += _costs(found["rows"])
    lines += [
        "",
        "¹ Reckoned from a sample of the GETs, sent one after the other; the client's start is left out.",
        "",
    ]
    lines += _phases(found["rows"])
    if found.get("growth"):
        lines += ["", *_growth(found["growth"])]
    lines += ["", *_targets(found)]
    return "\n".join(lines) + "\n"


def with_floor(rows: Iterable[Row]) -> list[Row]:
    """The rows with the floor of each site and latency among them: reading, then the empty tests."""
    every = list(rows)
    for read in [row for row in every if row["what"] == "read"]:
        empty = next(row for row in every if row["what"] == "pytest" and _at(row) == _at(read))
        both = {name: read[name] + empty[name] for name in ("wall", "cpu", "lab_cpu", "requests", "bytes")}
        both["mib"] = max(read["mib"], empty["mib"])
        both["load"] = max(read["load"], empty["load"])
        every.append({**read, **both, "what": "floor"})
    sizes = list(dict.fromkeys(row["size"] for row in every))
    return sorted(every, key=lambda row: (sizes.index(row["size"]), row["latency"], ORDER.index(row["what"])))


def _at(row: Row) -> tuple[str, int]:
    return row["size"], row["latency"]


def _costs(rows: list[Row]) -> Iterator[str]:
    yield "| site | ms | | wall s | of the floor | CPU s | of the floor | lab's CPU s | MiB | requests | MB |"
    yield "|---|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    every = with_floor(rows)
    floors = {_at(row): row for row in every if row["what"] == "floor"}
    for row in every:
        floor = floors[_at(row)]
        of = [f"{row[name] / floor[name]:.2f}" for name in ("wall", "cpu")]
        if row["what"] in ("read", "pytest", "floor"):
            of = ["", ""]
        yield (
            f"| {row['size']} | {row['latency']} | {WORDS.get(row['what'], row['what'])} | {row['wall']:.1f} | {of[0]} "
            f"| {row['cpu']:.1f} | {of[1]} | {row['lab_cpu']:.1f} | {row['mib']:.0f} | {row['requests']:,} "
            f"| {row['bytes'] / 1e6:.1f} |"
        )


def _phases(rows: list[Row]) -> Iterator[str]:
    names = PHASES[1:]
    yield "Where a check spends it, in seconds of the processor:"
    yield ""
    yield f"| site | ms | facts | {' | '.join(names)} |"
    yield f"|---|--:|--:|{'--:|' * len(names)}"
    for row in rows:
        if row["what"] == "check":
            phases = row["more"]["phases"]
            cells = " | ".join(f"{phases[name]['cpu']:.2f}" for name in names)
            yield f"| {row['size']} | {row['latency']} | {phases['items']:,} | {cells} |"


def _growth(pairs: list[dict[str, Row]]) -> Iterator[str]:
    yield "A site of twice the size, beside the site:"
    yield ""
    yield f"| site | {' | '.join(word for _, word in FIGURES)} |"
    yield f"|---|{'--:|' * len(FIGURES)}"
    for pair in pairs:
        one, two = _flat(pair["once"]), _flat(pair["twice"])
        yield f"| {pair['twice']['size']} | {' | '.join(f'{two[n] / one[n]:.2f}' for n, _ in FIGURES)} |"


def _flat(row: Row) -> Row:
    return {**row, "facts": row["more"]["facts"]}


def _targets(found: dict[str, Any]) -> Iterator[str]:
    yield "Targets, on the largest site measured (beside the floor: on the large one alone):"
    yield ""
    yield "| target | wanted | found | |"
    yield "|---|--:|--:|---|"
    for target in targets(found):
        held = "held" if target["held"] else "NOT held"
        yield f"| {target['what']} | {target['wanted']} | {target['found']} | {held} |"


def targets(found: dict[str, Any]) -> Iterator[Row]:
    """Each target with what was found of it."""
    size = found["rows"][-1]["size"]
    rows = {(row["latency"], row["what"]): row for row in with_floor(found["rows"]) if row["size"] == size}
    for latency in sorted({ms for ms, _ in rows}) if size == "large" else ():
        # Of a small site most is the start of Python, which is not a check's to save.
        check, floor = rows[latency, "check"], rows[latency, "floor"]
        ratio = check["wall"] / floor["wall"]
        yield _target(f"wall time of check beside the floor, {latency} ms", ratio, 1.5, "{:.2f}")
    least = min(ms for ms, _ in rows)
    check, ten = rows[least, "check"], rows[least, "ten checks"]
    yield _target("requests besides the pages", check["requests"] - check["more"]["pages"], 10, "{}")
    most = max(row["mib"] for (_, what), row in rows.items() if what in OURS)
    yield _target("peak memory of check, plan and remediate, MiB", most, 512, "{:.0f}")
    phases = check["more"]["phases"]
    collect = phases["collect"]["wall"] / check["wall"]
    yield _target("collection, of the run", collect, 1 / 3, "{:.2f}")
    load, read = found["loading"][size], ten["more"]["phases"]["read"]
    for name, of in (("wall", ""), ("cpu", " of the processor")):
        what = f"loading the environment file of {load['networks']:,} networks, s{of}"
        yield _target(what, load[name], 2.0, "{:.2f}")
        yield _target(f"ten chosen checks beside their reads, s{of}", ten[name] - read[name], 3.0, "{:.2f}")
    for pair in found.get("growth", ()):
        one, two = _flat(pair["once"]), _flat(pair["twice"])
        for name, word in FIGURES[1:]:
            yield _target(
                f"{word} of {two['size']} beside {one['size']}", two[name] / one[name], 2.0, "{:.2f}"
            )


def _target(what: str, found: float, wanted: float, form: str) -> Row:
    shown = form.format(found)
    return {
        "what": what,
        "wanted": f"≤ {form.format(wanted)}",
        "found": shown,
        "held": float(shown) <= float(form.format(wanted)),
    }
