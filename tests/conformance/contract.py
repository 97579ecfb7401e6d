"""The simulator passes all checks of schemathesis against openapi.yaml. See schemathesis.toml."""

import subprocess
import sys
from pathlib import Path

from conftest import ROOT, environment

HERE = Path(__file__).parent


def test_the_simulator_keeps_what_the_document_promises(start_simulator, tmp_path):
    service = start_simulator("--clusters", "2", "--limit", "none", "--provisioning", "0")
    schemathesis = Path(sys.executable).with_name("schemathesis")
    command = [schemathesis, "run", ROOT / "openapi.yaml", "--url", service.url, "--no-color"]
    variables = environment(ELOQ_API_KEY=service.key, HYPOTHESIS_STORAGE_DIRECTORY=str(tmp_path))
    done = subprocess.run(command, cwd=HERE, env=variables, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and "No issues found" in done.stdout, done.stdout + done.stderr
