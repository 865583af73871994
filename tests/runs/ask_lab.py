"""A lab in another process: `ask_lab.py NAME ARGUMENT...` asks a zygote of this name for it, and ends as it does.

For a run that a zygote has forked this stands where `python -m lab` would: it takes its streams, surroundings and signals.
"""

import json
import os
import signal
import socket
import sys

name, *arguments = sys.argv[1:]
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as zygote:
    zygote.connect(f"\0{name}")
    order = {"lab": arguments, "variables": dict(os.environ), "cwd": os.getcwd()}  # noqa: PTH109 -- to import pathlib takes as long as all of this
    socket.send_fds(zygote, [json.dumps(order).encode()], [0, 1, 2])
    lab = int(zygote.recv(8), 16)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: os.kill(lab, number))
    for stream in (0, 1, 2):
        os.close(stream)
    ended = zygote.recv(1 << 10)
os._exit(json.loads(ended)[0] & 0xFF if ended else 70)
