"""HTML elements as calls; every piece of text is escaped unless it is an element itself."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

VOID = frozenset({"br", "meta", "hr"})


class Html(str):
    """Markup that is safe to send as it is. Only this module makes it."""

    __slots__ = ()


Child = str | int | float | None | Html | Iterable["Child"]


def text(child: Child) -> str:
    """A child as markup: elements as they are, None as nothing, anything else escaped."""
    if isinstance(child, Html):
        return child
    if child is None:
        return ""
    if isinstance(child, str | int | float):
        return escape(str(child))
    return "".join(map(text, child))


def el(tag: str, /, *children: Child, **attributes: object) -> Html:
    """An element: `el("a", "text", href="/lab/")`; a trailing underscore is dropped (`class_`), None attributes too."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if tag in VOID:
        return Html(f"<{tag}{written}>")
    return Html(f"<{tag}{written}>{text(children)}</{tag}>")


def table(
    caption: str, heads: Iterable[str], rows: Iterable[Iterable[Child]], *, empty: str = "none"
) -> Html:
    """A table with a caption and column heads; a line that says so when there are no rows."""
    body = [el("tr", [el("td", cell) for cell in row]) for row in rows]
    if not body:
        return el("section", el("h2", caption), el("p", empty, class_="empty"))
    head = el("thead", el("tr", [el("th", title, scope="col") for title in heads]))
    return el("section", el("h2", caption), el("div", el("table", head, el("tbody", body)), class_="scroll"))


def document(title: str, *children: Child) -> str:
    """A whole page, with its own style and nothing from outside."""
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("title", title),
        el("style", Html(STYLE)),
    )
    return f"<!doctype html>\n{el('html', head, el('body', children), lang='en')}\n"


STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; }
body { font: 15px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 78rem; padding: 1rem 1.25rem 3rem; }
h1 { font-size: 1.35rem; margin: .2rem 0; }
h2 { font-size: 1.05rem; margin: 2rem 0 .4rem; }
nav { display: flex; flex-wrap: wrap; gap: .3rem 1rem; margin: .5rem 0 1rem; }
.facts { display: flex; flex-wrap: wrap; gap: .3rem 1.6rem; margin: .6rem 0; padding: 0; list-style: none; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; min-width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .9rem .25rem 0; text-align: left;
  vertical-align: top; }
th { font-weight: 600; white-space: nowrap; }
meter { width: 7rem; vertical-align: middle; }
td:has(> meter) { white-space: nowrap; }
pre { background: var(--soft); overflow-x: auto; padding: .8rem; }
.state { border-radius: .3rem; padding: .05rem .4rem; background: var(--soft); white-space: nowrap; }
.up { background: #2a83; } .down { background: #d333; }
.empty { opacity: .7; }
"""
