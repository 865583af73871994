"""Receivers on loopback: an HTTP server and a mail server that keep what they are sent."""

import json
import socketserver
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Webhook:
    """What a webhook got, and what it answers: one status after the other, the last one for ever."""

    def __init__(self, *answers, headers=None):
        self.answers = list(answers) or [200]
        self.headers = headers or {}
        self.got = []
        self.url = ""

    def answer(self):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def webhook(*answers, headers=None):
    hook = Webhook(*answers, headers=headers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.got.append((self.path, json.loads(body)))
            self.send_response(hook.answer())
            for name, value in hook.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST  # noqa: N815 -- its name is the protocol

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook.url = f"http://127.0.0.1:{server.server_port}/services/T0KEN-in-the-path"
    with running(server):
        yield hook


class Mailbox:
    def __init__(self, *answers):
        self.answers = list(answers) or [250]
        self.mails = []
        self.logins = []
        self.port = 0


@contextmanager
def mailbox(*answers, tls=None, starttls=None):  # noqa: C901 -- a mail server in a page
    box = Mailbox(*answers)

    class Handler(socketserver.StreamRequestHandler):
        def say(self, text):
            self.wfile.write(text.encode() + b"\r\n")

        def finish(self):
            super().finish()
            self.connection.close()

        def handle(self):
            self.say("220 test ESMTP")
            to = []
            while line := self.rfile.readline():
                verb = line.decode().strip()
                if verb.upper().startswith("EHLO"):
                    more = (
                        "250-STARTTLS\r\n"
                        if starttls and not isinstance(self.connection, ssl.SSLSocket)
                        else ""
                    )
                    self.say(f"250-test\r\n{more}250-AUTH PLAIN\r\n250 8BITMIME")
                elif verb.upper() == "STARTTLS":
                    self.say("220 go on")
                    self.connection = self.request = starttls.wrap_socket(self.request, server_side=True)
                    self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
                elif verb.upper().startswith("AUTH"):
                    box.logins.append(verb.split()[-1])
                    self.say("235 ok")
                elif verb.upper().startswith("RCPT"):
                    code = box.answers.pop(0) if len(box.answers) > 1 else box.answers[0]
                    to.append(verb)
                    self.say(f"{code} as asked")
                elif verb.upper() == "DATA":
                    self.say("354 go on")
                    lines = []
                    while (part := self.rfile.readline()) not in (b".\r\n", b""):
                        lines.append(part.decode())
                    box.mails.append((to, "".join(lines)))
                    self.say("250 kept")
                elif verb.upper() == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

        def get_request(self):
            # Wrapped here, so that the server closes it when the mail is in.
            request, address = super().get_request()
            return (request if tls is None else tls.wrap_socket(request, server_side=True)), address

        def handle_error(self, *args):
            pass  # a client that hangs up is not this server's trouble

    server = Server(("127.0.0.1", 0), Handler)
    box.port = server.server_address[1]
    with running(server):
        yield box


@contextmanager
def running(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
