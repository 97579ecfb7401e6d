"""The page that docs/reference/build.py builds shows all operations, known values and examples, and sends no request to any host."""

import json
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT
from spec import error_responses, example_of, examples_of, operations, resolve, with_known_values
from tools.install import INSTALLED

OPERATIONS = [operation for _, _, operation, _ in (each.values for each in operations())]


@pytest.fixture(scope="module")
def page():
    if not (chromium := shutil.which("chromium")):
        pytest.skip("there is no chromium on PATH")
    build = [sys.executable, ROOT / "docs/reference/build.py"]
    built = subprocess.run(build, capture_output=True, text=True, check=True).stdout.strip()
    command = ["node", INSTALLED / "browse.mjs", chromium, f"file://{built}"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout)


def test_it_requests_nothing(page):
    # The blob is the worker of the search, which the page contains.
    requested = [url for url in page["requests"] if not url.startswith("blob:")]
    assert requested == [f"file://{ROOT}/docs/reference/index.html"]
    assert page["failures"] == []


def test_it_contains_each_operation_with_its_errors(page):
    text = page["text"]
    for operation in OPERATIONS:
        heading = operation["summary"] + (" Deprecated" if operation.get("deprecated") else "")
        _, found, text = text.partition(f"\n{heading}\n")
        assert found, heading
        of_operation, _, _ = text.partition("\nResponse samples\n")
        assert f"eloq-provenance: {operation['x-eloq-provenance']}\n" in of_operation
        assert [status for status in error_responses(operation) if f"\n{status} \n\n" not in of_operation] == []


def test_it_shows_the_known_values(page):
    for case in with_known_values():
        described, known = case.values
        if "enum" in resolve(described.get("schema", {})):
            shown = "Enum: " + " ".join(f'"{value}"' for value in known)
        else:
            shown = "extensible-enum: " + json.dumps(known, separators=(",", ":"))
        assert shown in page["text"], case.id


def test_it_shows_an_example_of_each_request_and_response(page):
    """In the tabs of each operation: its request, if it has a body, and each response, with its first example."""
    shown = iter(page["tabs"])
    for operation in OPERATIONS:
        if "requestBody" in operation:
            schema = resolve(operation["requestBody"])["content"]["application/json"]["schema"]
            text = next(shown)
            assert all(f'"{field}": ' in text for field in example_of(schema)), text
        for response in map(resolve, operation["responses"].values()):
            kind, media = next(iter(response["content"].items()))
            first = next(iter(examples_of(media).values()))
            text = next(shown)
            assert kind in text
            assert (first if kind == "text/html" else f'"message": {json.dumps(first["message"])}') in text
    assert list(shown) == []
