"""A process that a zygote forks: `ask.py NAME lab|worker ARGUMENT...` asks the zygote of this name, and ends as it does.

For a run that was forked itself this stands where `python -m lab` or a worker of xdist would: it has its streams,
surroundings and signals.
"""

import json
import os
import signal
import socket
import sys

name, program, *arguments = sys.argv[1:]
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as zygote:
    zygote.connect(f"\0{name}")
    order = {"program": program, "arguments": arguments, "variables": dict(os.environ), "cwd": os.getcwd()}  # noqa: PTH109 -- to import pathlib takes as long as all of this
    socket.send_fds(zygote, [json.dumps(order).encode()], [0, 1, 2])
    process = int(zygote.recv(8), 16)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: os.kill(process, number))
    for stream in (0, 1, 2):
        os.close(stream)
    ended = zygote.recv(1 << 10)
os._exit(json.loads(ended)[0] & 0xFF if ended else 70)
