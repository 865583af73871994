"""The site's own name server: delegates the Avi domain to the DNS service, and knows a few names by itself.

`python forwarder.py ADDRESS SERVICE name=address ...`
"""

import socket
import sys

from dnslib import QTYPE, RCODE, RR, A, DNSRecord

address, service, *own = sys.argv[1:]
known = dict(pair.split("=") for pair in own)

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
    listening.bind((address, 53))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        data, client = listening.recvfrom(4096)
        question = DNSRecord.parse(data)
        name = str(question.q.qname).rstrip(".")
        if name.endswith("avi.iberia.local"):
            try:
                reply = DNSRecord.question(name, QTYPE[question.q.qtype]).send(service, 53, timeout=2)
                answer = DNSRecord.parse(reply)
                answer.header.id = question.header.id
            except OSError:
                answer = question.reply()
                answer.header.rcode = RCODE.SERVFAIL
        else:
            answer = question.reply()
            if name in known and question.q.qtype == QTYPE.A:
                answer.add_answer(RR(name, QTYPE.A, ttl=60, rdata=A(known[name])))
            elif name not in known:
                answer.header.rcode = RCODE.NXDOMAIN
        listening.sendto(answer.pack(), client)
