"""Every example runs without an account and against the service that the environment names, and the README links to it."""

import json
import os
import re
import signal
import subprocess
import time
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from conftest import ROOT, environment

EXAMPLES = sorted(path.stem for path in (ROOT / "examples").glob("*.rs") if path.stem not in ("simulator", "soak"))
# One uses a token, not a key; the other connects to a database.
WITH_KEY = [name for name in EXAMPLES if name not in ("oauth_projects", "redis_pool")]
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


def test_the_quickstart_says_how_to_delete_later_what_cannot_be_deleted(run_example, keeping_service):
    done = run_example("quickstart", ELOQ_API_KEY=keeping_service.key, ELOQ_BASE_URL=keeping_service.url)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "HTTP 403" in done.stderr and 'client.cluster_delete("quickstart")' in done.stderr


def test_ctrl_c_deletes_the_cluster_of_a_job(built, start_simulator):
    service = start_simulator("--provisioning", "3")
    variables = environment(ELOQ_API_KEY=service.key, ELOQ_BASE_URL=service.url)
    command = ["target/debug/examples/ci_job"]
    if target := os.environ.get("CARGO_TARGET_DIR"):
        command = [f"{target}/debug/examples/ci_job"]
    job = subprocess.Popen(
        command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    name = job.stdout.readline().removeprefix("Creating ").strip()
    assert wait_for_clusters(service, {name}) == {name}
    job.send_signal(signal.SIGINT)
    _, stderr = job.communicate(timeout=50)
    assert job.returncode == 1
    assert stderr.splitlines()[0] == "Ctrl-C: deleting the cluster"
    assert wait_for_clusters(service, set()) == set()


def wait_for_clusters(service, expected):
    """Lists the clusters until they are these, for at most 10 s."""
    url = f"{service.url}/orgs/1/projects/147/clusters?page=1&perPage=50"
    deadline = time.monotonic() + 10
    while True:
        request = Request(url, headers={"Authorization": service.key})
        with urlopen(request, timeout=5) as response:
            found = {cluster["cluster_name"] for cluster in json.load(response)["data"]["cluster_list"] or []}
        if found == expected or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


def test_a_port_that_is_taken_is_one_line_that_names_the_simulator_once(start_simulator):
    port = urlsplit(start_simulator().url).port
    command = ["cargo", "run", "--quiet", "--example", "simulator", "--", "--port", str(port)]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert re.fullmatch(rf"simulator: cannot listen on port {port}: [^:\n]+\n", done.stderr)


STATES = [
    "provisioning, load balancer provisioning",
    "available, load balancer active",
    "unavailable",
    "absent",
]


def test_watch_has_a_line_for_each_change(run_example):
    shown = run_example("watch").stdout
    assert "\x1b" not in shown
    assert re.findall(r"^ +\d+\.\d s  (.+)$", shown, re.MULTILINE) == STATES


def run_watch_all(*options):
    command = ["cargo", "run", "--quiet", "--example", "watch_all", "--", *options]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()[2:]


def test_watch_all_has_a_line_for_each_change_and_resumes(tmp_path):
    state = tmp_path / "clusters.json"
    assert sorted(run_watch_all("--state", str(state))) == [
        "project1  + orders: available",
        "project1  + sessions: available",
        "project1  - sessions",
        "project1  ~ sessions: status available → unavailable",
        "staging  + reports: provisioning",
        "staging  ~ reports: status provisioning → available",
    ]
    known = json.loads(state.read_text())
    assert {project: sorted(clusters) for project, clusters in known.items()} == {"147": ["orders"], "148": ["reports"]}
    # Another simulator, with clusters of its own.
    assert "staging  - reports" in run_watch_all("--state", str(state))


def test_the_inventory_has_a_line_for_each_cluster(run_example):
    lines = run_example("inventory").stdout.splitlines()[2:]
    # The trial cluster may be connectable already.
    lines = sorted(line for line in lines if " trial " not in line)
    assert [line.split("  ")[:2] for line in lines] == [["project1", name] for name in ("invoices", "orders", "sessions")]
    assert "HTTP 403" in lines[0] and lines[1].endswith(":6379")


def test_a_plan_is_applied_with_yes_only(start_simulator):
    service = start_simulator("--clusters", "1")

    def plan(*options):
        command = ["cargo", "run", "--quiet", "--example", "plan", "--", "examples/clusters.yaml", *options]
        variables = environment(ELOQ_API_KEY=service.key, ELOQ_BASE_URL=service.url)
        done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    assert plan().startswith("+ orders\n+ planned-sessions\n2 to create, 0 to delete, 0 differ, 0 unchanged\n")
    assert "1 to delete" in plan("--prune")
    shown = plan("--prune", "--yes")
    assert "orders: created\n" in shown and "planned-sessions: created\n" in shown
    assert wait_for_clusters(service, {"orders", "planned-sessions"}) == {"orders", "planned-sessions"}
    assert plan("--prune") == "0 to create, 0 to delete, 0 differ, 2 unchanged\n"


def test_the_readme_links_to_every_example_and_to_nothing_that_is_missing():
    links = dict(re.findall(r"^\[(.+)\]: (?!https?:)(.+)$", (ROOT / "README.md").read_text(), re.MULTILINE))
    assert {f"examples/{name}.rs" for name in EXAMPLES} <= set(links.values())
    assert [path for path in links.values() if not (ROOT / path).exists()] == []
