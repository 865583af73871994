"""Writes the generated pages of this folder: `python docs/pages.py` (a test keeps them current)."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from avi_schema.command_line import CommandParser  # noqa: E402 -- the clone's folder comes first
from intent.cloud_types import CLOUD_TYPES, coverage, own_keys  # noqa: E402 -- the clone's folder comes first
from intent.environment import DECLARED  # noqa: E402
from intent.objects import overlap  # noqa: E402
from live.kinds import KINDS  # noqa: E402
from remediate import check_page  # noqa: E402

CLOUDS = """# What is covered per type of cloud

Generated from the table of cloud types by `python docs/pages.py`. `python -m intent FILE` says the same of the clouds
that a file declares.

What is not named here is the same in clouds of every type: profiles, subnets and pools of networks, SE groups, DNS
services with their names, system settings. A key that means nothing for the type of its cloud is refused with its line
and the right key; what means nothing in a cloud as the Controller has it is never written there.
"""


def page() -> str:
    """The page of all checks, as Markdown."""
    return check_page.page(sorted((ROOT / "checks").glob("test_*.py")), "python docs/pages.py")


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def clouds_page() -> str:
    """The page of what is covered per type of cloud, as Markdown: a row a type."""
    topics = list(next(coverage(word, DECLARED) for word in CLOUD_TYPES))
    rows = [_row(["type", "", *topics]), _row(["---"] * (len(topics) + 2))]
    for word, each in CLOUD_TYPES.items():
        rows.append(_row([f"`{word}`", each.title, *coverage(word, DECLARED).values()]))
    keys = [(word, own_keys(word, DECLARED)) for word in CLOUD_TYPES]
    mean = [f"* `{word}`: {', '.join(f'`{key}`' for key in own)}" for word, own in keys if own]
    ways = [(word, dict.fromkeys((each.network, each.vrf))) for word, each in CLOUD_TYPES.items()]
    left = [f"* `{word}`: {text}." for word, texts in ways for text in texts if text]
    parts = (
        [CLOUDS, *rows],
        ["", "## Keys that mean something there alone", "", *mean],
        ["", "## What is left to a person", "", *left],
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def members_table() -> str:
    """The table of where each field of a section stands in the Controller's model: section, field, documented path."""
    rows = [
        f"{kind.section}\t{field}\t{leaf.api}"
        for kind in sorted(DECLARED, key=lambda kind: kind.section)
        if kind in KINDS and kind.api
        for field, leaf in sorted(KINDS[kind].leaves.items())
    ]
    return "\n".join(["#section\tfield\tmember", *rows]) + "\n"


if __name__ == "__main__":
    CommandParser(
        prog="python docs/pages.py",
        description="Write the pages checks.md and cloud-types.md, and the table of members, anew.",
        examples=["python docs/pages.py"],
        codes={0: "they are written"},
    ).parse_args()
    overlap.TABLE.write_text(members_table(), encoding="utf-8")
    (ROOT / "docs" / "checks.md").write_text(page(), encoding="utf-8")
    (ROOT / "docs" / "cloud-types.md").write_text(clouds_page(), encoding="utf-8")
