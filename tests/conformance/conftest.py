"""Fixtures that run the simulator as a process, and the examples."""

import os
import re
import subprocess
import threading
from collections import namedtuple
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]

Service = namedtuple("Service", "url key")


def environment(**variables):
    """The environment without `ELOQ_` variables, plus these variables."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ELOQ_")}
    return clean | variables


@pytest.fixture(scope="session")
def built():
    subprocess.run(["cargo", "build", "--quiet", "--examples"], cwd=ROOT, check=True)


@pytest.fixture
def run_example(built):
    def run(name, **variables):
        command = ["cargo", "run", "--quiet", "--example", name]
        return subprocess.run(
            command, cwd=ROOT, env=environment(**variables), capture_output=True, text=True, timeout=60
        )

    return run


@pytest.fixture
def start_simulator(built):
    processes = []

    def start(*options):
        command = ["cargo", "run", "--quiet", "--example", "simulator", "--", *options]
        process = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True)
        processes.append(process)
        printed = {}
        for line in process.stdout:
            if export := re.fullmatch(r"\s*export (ELOQ_\w+)='(.*)'\n", line):
                printed[export[1]] = export[2]
            if len(printed) == 2:
                return Service(printed["ELOQ_BASE_URL"], printed["ELOQ_API_KEY"])
        raise RuntimeError(f"the simulator exited with {process.wait()} before it printed its address")

    yield start
    for process in processes:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


class Forwarder(BaseHTTPRequestHandler):
    """Forwards requests to another service."""

    def forward(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        there = HTTPConnection(self.server.behind)
        there.request(self.command, self.path, body, dict(self.headers))
        reply = there.getresponse()
        headers = [(name, value) for name, value in reply.getheaders() if name.lower() != "content-length"]
        self.answer(reply.status, headers, reply.read())
        there.close()

    do_GET = do_POST = do_DELETE = forward

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in [*headers, ("Content-Length", str(len(body)))]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Keeper(Forwarder):
    """Forwards requests, but refuses deletes."""

    def do_DELETE(self):
        body = b'{"code":403,"message":"not in an available state","data":null}'
        self.answer(403, [("Content-Type", "application/json")], body)


@contextmanager
def serve(handler):
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server, f"http://127.0.0.1:{server.server_port}/api/v1"
        server.shutdown()
        thread.join()


@pytest.fixture
def keeping_service(start_simulator):
    simulator = start_simulator()
    with serve(Keeper) as (server, url):
        server.behind = urlsplit(simulator.url).netloc
        yield Service(url, simulator.key)
