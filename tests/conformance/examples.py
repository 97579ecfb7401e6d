"""Every example must run without an account, and against a service that the environment names; the README links to it."""

import re

import pytest
from conftest import ROOT

EXAMPLES = sorted(path.stem for path in (ROOT / "examples").glob("*.rs") if path.stem not in ("simulator", "soak"))
# A token is the point of this one; a key is none of its business.
WITH_KEY = [name for name in EXAMPLES if name != "oauth_projects"]
EMBEDDED = "embedded simulator"


@pytest.mark.parametrize("name", EXAMPLES)
def test_without_an_account(run_example, name):
    done = run_example(name)
    assert (done.returncode, done.stderr) == (0, "")
    assert EMBEDDED in done.stdout.splitlines()[0]


@pytest.mark.parametrize("name", WITH_KEY)
def test_with_a_key(run_example, start_simulator, name):
    service = start_simulator("--clusters", "1")
    done = run_example(name, ELOQ_API_KEY=service.key, ELOQ_BASE_URL=service.url)
    assert (done.returncode, done.stderr) == (0, "")
    assert EMBEDDED not in done.stdout


@pytest.mark.parametrize("name", WITH_KEY)
def test_a_wrong_key_is_one_clear_line(run_example, start_simulator, name):
    service = start_simulator()
    done = run_example(name, ELOQ_API_KEY="wrong-key", ELOQ_BASE_URL=service.url)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "401" in done.stderr and "check the API key" in done.stderr
    assert "wrong-key" not in done.stdout + done.stderr


def test_the_quickstart_shows_everything_but_the_password(run_example):
    shown = run_example("quickstart").stdout
    for part in ("Organization", "Clusters", "SKUs", "provisioning", "available", "Connection", "Deleting"):
        assert part in shown
    assert "password  [redacted]" in shown


def test_the_readme_links_to_every_example_and_to_nothing_that_is_missing():
    links = dict(re.findall(r"^\[(.+)\]: (?!https?:)(.+)$", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert {f"examples/{name}.rs" for name in EXAMPLES} <= set(links.values())
    assert [path for path in links.values() if not (ROOT / path).exists()] == []
