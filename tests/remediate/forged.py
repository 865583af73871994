"""Journals as a test wants them: sealed by the key of this machine's user, by another, or not at all."""

import json

from remediate.write.seal import Seal, user_seal

OTHER = Seal(b"somebody else's key, of 32 and more")


def write(path, lines, seal=None):
    """A journal of these lines, each sealed anew."""
    seal, mac, text = seal or user_seal(), "", ""
    for line in lines:
        plain = {name: value for name, value in line.items() if name != "mac"}
        bare = json.dumps(plain | ({"key": seal.name} if "run" in plain else {}))
        mac = seal.mac(bare.encode(), mac)
        text += f'{bare[:-1]},"mac":"{mac}"}}\n'
    path.write_text(text)
    return path


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def unheard(path, number):
    """The journal without what became of one write."""
    return write(
        path, [line for line in lines(path) if (line["line"], line.get("number")) != ("answer", number)]
    )
