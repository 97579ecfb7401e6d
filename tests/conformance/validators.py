"""Three validators find nothing wrong in the simulator's responses, faults included, and find what is wrong in altered ones.

Requests go through Prism and then a relay to the simulator. Prism validates requests and responses; the two other validators get
the bodies that the relay keeps.
"""

import json
import re
import subprocess
import threading
from urllib.parse import urlsplit

import pytest
from conftest import ROOT, Forwarder, serve
from spec import SPEC, operations, resolve, send, violations
from tools.install import install

OPERATIONS = [each.values for each in operations()]
# One for each operation, so that none depends on another.
CLUSTERS = ("--clusters", str(len(OPERATIONS)), "--limit", "none")
VARIATIONS = {
    "plain": (),
    "new fields": ("--extra-fields",),
    "unknown values": ("--unknown-values",),
    "null lists": ("--null-lists",),
    "all three": ("--extra-fields", "--unknown-values", "--null-lists"),
}
NOTHING_THERE = {
    "no clusters": ("--null-lists",),
    "no projects": ("--null-lists", "--projects", "0"),
}
NOTHING_WRONG = {"Prism": [], "OAS30Validator": [], "openapi-response-validator": []}


class Relay(Forwarder):
    """Forwards requests to a simulator. Alters the bodies of responses, and keeps them."""

    def answer(self, status, headers, body):
        body = self.server.alter(body)
        kinds = [value for name, value in headers if name.lower() == "content-type"]
        self.server.kept = status, kinds[0].partition(";")[0], body.decode()
        super().answer(status, headers, body)


@pytest.fixture(scope="module")
def node():
    return install()


@pytest.fixture(scope="module")
def prism(node):
    """The relay, and the address of Prism before it."""
    with serve(Relay) as (relay, upstream):
        command = [
            node / "node_modules/.bin/prism",
            "proxy",
            ROOT / "openapi.yaml",
            upstream,
            "--errors",
            "--port",
            "0",
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            listening = (re.search(r"listening on (http://\S+)", line) for line in process.stdout)
            url = next(filter(None, listening))[1]
            # It stops when nobody reads its log.
            threading.Thread(target=process.stdout.read, daemon=True).start()
            yield relay, url
            process.terminate()


@pytest.fixture
def drive(prism, node, start_simulator):
    """Sends requests to a simulator with these options. Returns the statuses and what each validator finds wrong."""
    relay, url = prism

    def run(*options, operations=OPERATIONS, alter=lambda body: body):
        service = start_simulator(*options)
        relay.behind, relay.alter = urlsplit(service.url).netloc, alter
        found, received = {name: [] for name in NOTHING_WRONG}, []
        for number, (path, method, operation, parameters) in enumerate(operations):
            known = {
                "orgId": 1,
                "projectId": 147,
                "clusterName": f"cluster-{number % len(OPERATIONS) + 1}",
                "configId": 1,
            }
            reply = send(url, known, service.key, path, method, operation, parameters)
            status, kind, body = relay.kept
            if "problem+json" in reply.headers["Content-Type"] or reply.status_code != status:
                found["Prism"].append(f"{operation['operationId']}: {reply.text}")
            schema = resolve(operation["responses"][str(status)])["content"][kind]["schema"]
            received.append(
                {
                    "operation": operation["operationId"],
                    "status": status,
                    "schema": schema,
                    "body": json.loads(body) if kind == "application/json" else body,
                }
            )
        for each in received:
            found["OAS30Validator"] += [
                f"{each['operation']}: {one}" for one in violations(each["body"], each["schema"])
            ]
        judged = {"components": SPEC["components"], "received": received}
        done = subprocess.run(
            ["node", node / "responses.mjs"], input=json.dumps(judged), capture_output=True, text=True, check=True
        )
        for each, errors in zip(received, json.loads(done.stdout), strict=True):
            found["openapi-response-validator"] += [f"{each['operation']}: {one}" for one in errors]
        return [each["status"] for each in received], found

    return run


@pytest.mark.parametrize("options", VARIATIONS.values(), ids=VARIATIONS)
def test_successes(drive, options):
    statuses, found = drive(*CLUSTERS, *options)
    assert found == NOTHING_WRONG
    assert statuses == [200] * len(OPERATIONS)


@pytest.mark.parametrize("options", NOTHING_THERE.values(), ids=NOTHING_THERE)
def test_nothing_there(drive, options):
    statuses, found = drive(*options)
    assert found == NOTHING_WRONG
    assert set(statuses) > {200}


def test_faults(drive):
    """Every status of the document, an error under HTTP 200, and a gateway's page, for each operation."""
    options, operations = [], []
    for each in OPERATIONS:
        for fault in [*each[2]["responses"].keys() - {"200"}, "code200", "html502"]:
            options += ["--fault", f"{each[2]['operationId']}:{fault}"]
            operations.append(each)
    statuses, found = drive(*options, operations=operations)
    assert found == NOTHING_WRONG
    assert {*map(str, statuses)} == {status for each in OPERATIONS for status in each[2]["responses"]}


def text_for_code(body):
    return json.dumps(json.loads(body) | {"code": "none"}).encode()


def no_message(body):
    return json.dumps({name: value for name, value in json.loads(body).items() if name != "message"}).encode()


@pytest.mark.parametrize("alter", [text_for_code, no_message])
def test_wrong_responses_are_found(drive, alter):
    _, found = drive(*CLUSTERS, alter=alter)
    names = [operation["operationId"] for _, _, operation, _ in OPERATIONS]
    for name, errors in found.items():
        assert [error.split(":")[0] for error in errors] == names, name
