"""A small Controller over TLS in this process: scripted, to the byte. The lab is faithful; this one misbehaves at will."""
# ruff: noqa: N815, PLR0911, SIM105 -- the names are those of http.server

import http.client
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PASSWORD = "pl4nted-p4ssword"
PRIVATE = "pl4nted-vcenter-p4ssword"


def whole(**members):
    """An object as a Controller lists it: of tenant admin and Default-Cloud, named as its uuid, where not said."""
    scopes = {
        "tenant_ref": "https://x/api/tenant/admin#admin",
        "cloud_ref": "https://x/api/cloud/c0#Default-Cloud",
    }
    return {"name": members["uuid"], "url": f"https://x/api/any/{members['uuid']}", **scopes, **members}


@dataclass(repr=False)
class Seen:
    method: str
    path: str
    query: dict
    headers: dict
    body: str


@dataclass
class Fault:
    """What happens instead of the answer, to the next `times` requests whose path begins with `path`."""

    path: str
    do: Callable
    times: int = 1
    method: str = ""


def status(code, body="", headers=None):
    def do(handler):
        handler.send(code, body, headers or {"Content-Type": "application/json"})

    return do


def reset(handler):
    """RST instead of an answer."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    handler.connection.unwrap = None
    handler.server.shutdown_request = lambda request: request.close()
    socket.socket.close(handler.connection)


def hang_up(handler):
    """Close without an answer."""
    handler.close_connection = True


def stall(seconds):
    def do(handler):
        handler.server.owner.gone.wait(seconds)
        handler.close_connection = True

    return do


def drip(handler):
    """A byte now and then, for ever."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    for _ in range(300):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        if handler.server.owner.gone.wait(0.05):
            break
    handler.close_connection = True


EVERY = 0.05
"""Seconds between two pieces of what drips."""


def dripping(first, again):
    """Answer with `first`, then with `again` piece by piece, for ever."""

    def do(handler):
        handler.close_connection = True
        handler.wfile.write(first)
        while not handler.server.owner.gone.wait(EVERY):
            handler.wfile.write(again)
            handler.wfile.flush()

    return do


CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
DRIPS = {
    "status line": dripping(b"HTTP/1.1 200 ", b"O"),
    "interim answers": dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "interim headers": dripping(b"HTTP/1.1 100 Continue\r\nX: ", b"y"),
    "headers": dripping(b"HTTP/1.1 200 OK\r\nX: ", b"y"),
    "chunk size": dripping(CHUNKED + b"1;", b"y"),
    "chunk": dripping(CHUNKED + b"ffff\r\n", b" "),
    "chunks": dripping(CHUNKED, b"1\r\n \r\n"),
    "trailers": dripping(CHUNKED + b"2\r\n{}\r\n0\r\nX: ", b"y"),
    "body": dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b" "),
    "body without length": dripping(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b" "),
}
"""What a server does that is never silent and never comes to an end, by the part of its answer that it is in."""


def cut(announce, body):
    """A body shorter than announced (`announce`), or without a length and cut (None)."""

    def do(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        if announce is not None:
            handler.send_header("Content-Length", str(announce))
        handler.end_headers()
        handler.wfile.write(body.encode())
        handler.wfile.flush()
        handler.close_connection = True

    return do


def at_call(call, do):
    """Answer one SOAP call so; the others as they are."""
    return lambda handler: do(handler) if f"<{call} " in handler.seen.body else handler.normal()


def after(do):
    """Do what was asked, then misbehave: the write was applied, its answer is lost."""

    def both(handler):
        handler.silent = True
        handler.normal()
        handler.silent = False
        do(handler)

    return both


@dataclass(repr=False)
class Stub:
    """Collections and singletons by path, sessions, and the faults to come."""

    objects: dict = field(default_factory=dict)
    version: str = "30.2.1"
    faults: list = field(default_factory=list)
    seen: list = field(default_factory=list)
    sessions: set = field(default_factory=set)
    connections: int = 0
    page: int = 200
    expired_status: int = 401
    behind: tuple = ()

    def start(self, cert):
        self.gone = threading.Event()
        self.lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Between if self.behind else Handler)
        self.server.daemon_threads = True
        self.server.owner = self
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        cert.configure_cert(context)
        self.server.socket = context.wrap_socket(
            self.server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self.thread.start()
        return self

    def stop(self):
        self.gone.set()
        self.server.shutdown()
        self.server.server_close()

    def calls(self, path="", method=""):
        return [s for s in self.seen if s.path.startswith(path) and (not method or s.method == method)]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    silent = False
    timeout = 20

    def setup(self):
        super().setup()
        with self.server.owner.lock:
            self.server.owner.connections += 1

    def log_message(self, *args):
        pass

    def handle(self):
        try:
            super().handle()
        except (OSError, ValueError):
            self.close_connection = True

    def finish(self):
        try:
            super().finish()
        except (OSError, ValueError):
            pass

    def handle_any(self):
        owner = self.server.owner
        split = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        query = {name: values[0] for name, values in parse_qs(split.query, keep_blank_values=True).items()}
        self.seen = Seen(self.command, split.path, query, dict(self.headers), body)
        with owner.lock:
            owner.seen.append(self.seen)
            fault = next(
                (
                    f
                    for f in owner.faults
                    if f.times > 0 and split.path.startswith(f.path) and f.method in ("", self.command)
                ),
                None,
            )
            if fault:
                fault.times -= 1
        (fault.do if fault else type(self).normal)(self)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def send(self, code, body="", headers=None):
        if self.silent:
            return
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(code)
        for name, value in (headers or {"Content-Type": "application/json"}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def normal(self):
        owner, path = self.server.owner, self.seen.path
        if path == "/login":
            return self.login(parse_qs(self.seen.body))
        if path == "/logout":
            owner.sessions.clear()
            return self.send(200, {})
        cookies = dict(part.strip().partition("=")[::2] for part in self.headers.get("Cookie", "").split(";"))
        if cookies.get("avi-sessionid") not in owner.sessions:
            return self.send(
                owner.expired_status, {"detail": "Authentication credentials were not provided."}
            )
        name = path.removeprefix("/api/")
        if self.command != "GET":
            return self.send(200, {"url": f"https://x{path}", "echo": self.seen.body})
        if name not in owner.objects:
            return self.send(404, {"error": f"{name} object not found!"})
        found = owner.objects[name]
        if callable(found):
            found = found(self.seen.query)
        if isinstance(found, dict):
            return self.send(200, found)
        page, size = (
            int(self.seen.query.get("page", 1)),
            min(owner.page, int(self.seen.query.get("page_size", 25))),
        )
        answer = {"count": len(found), "results": found[(page - 1) * size : page * size]}
        if page * size < len(found):
            answer["next"] = f"https://x{path}?page={page + 1}"
        return self.send(200, answer)

    def login(self, form):
        owner = self.server.owner
        if form.get("password") != [PASSWORD] and form.get("token") != ["pl4nted-token"]:
            return self.send(401, {"error": "Invalid credentials"})
        key = f"session{len(owner.seen):04d}{time.monotonic_ns()}"
        owner.sessions.add(key)
        body = json.dumps(
            {"version": {"Version": owner.version}, "session_cookie_name": "avi-sessionid"}
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Set-Cookie", f"csrftoken=csrf{key}; Path=/; Secure")
        self.send_header("Set-Cookie", f"avi-sessionid={key}; HttpOnly; Path=/; Secure")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return self.wfile.write(body)


def answer_behind(handler):
    """What the server at the stub's `behind` (address, port) answers to this request, and the answer's body."""
    host, port = handler.server.owner.behind
    far = http.client.HTTPSConnection(host, port, context=ssl._create_unverified_context(), timeout=20)
    own = ("host", "content-length", "connection", "accept-encoding")
    headers = {name: value for name, value in handler.headers.items() if name.lower() not in own}
    far.request(handler.command, handler.path, handler.seen.body.encode() or None, headers)
    answer = far.getresponse()
    body = answer.read()
    far.close()
    return answer, body


class Between(Handler):
    """Hands every request on to the server at the stub's `behind` (address, port), and its answer back."""

    def normal(self):
        answer, body = answer_behind(self)
        if self.silent:
            return
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def objects(count, start=0):
    return [whole(uuid=f"n{number}") for number in range(start, start + count)]


class Changing:
    """A collection that is written to after each of the first `times` page reads."""

    def __init__(self, change, times, count=450):
        self.rows, self.change, self.times, self.lock = objects(count), change, times, threading.Lock()

    def __call__(self, query):
        with self.lock:
            page, size = int(query.get("page", 1)), int(query["page_size"])
            answer = {"count": len(self.rows), "results": self.rows[(page - 1) * size : page * size]}
            if page * size < len(self.rows):
                answer["next"] = "more"
            if self.times:
                self.times -= 1
                self.rows = self.change(self.rows)
            return answer
