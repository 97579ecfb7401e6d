"""The machine and the versions that figures belong to."""

import os
import platform
import re
import time
from pathlib import Path

from process import PYTHON, ROOT, VENDOR, build_vendor, run, server


def model():
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return re.sub(r"\((R|TM)\)", "", found[1]).strip() if found else platform.machine()


def slug():
    return "-".join(re.findall(r"[a-z0-9]+", model().lower()))


def describe(programs):
    build_vendor()
    memory = re.search(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(), re.MULTILINE)
    versions = run(PYTHON, "-m", "pip", "list", "--format", "freeze")
    requests = re.search(r"^requests==(.+)$", versions, re.MULTILINE)[1]
    crates = ", ".join(f"{crate} {locked(crate)}" for crate in ("reqwest", "tokio", "rustls", "progenitor"))
    return {
        "name": model(),
        "hardware": f"{os.cpu_count()} processors, {int(memory[1]) // 2**20} GiB of memory, {platform.system()} {platform.machine()}",
        "tools": f"{run('rustc', '--version').strip()}; {run('valgrind', '--version').strip()}",
        "crates": crates,
        "python": f"Python {platform.python_version()}, `{VENDOR}` with requests {requests}",
        "service": f"{service_cost(programs):.0f} µs",
    }


def today():
    return time.strftime("%Y-%m-%d")


def locked(crate):
    return re.search(rf'name = "{crate}"\nversion = "(.+)"', (ROOT / "Cargo.lock").read_text())[1]


def service_cost(programs, calls=20000):
    """The processor time of the service for each call, in microseconds."""
    with server(programs) as service:
        def ticks():
            fields = Path(f"/proc/{service.process}/stat").read_text().rsplit(")", 1)[1].split()
            return int(fields[11]) + int(fields[12])

        before = ticks()
        run(programs / "calls", "current", "hand", calls, "1", **service)
        return (ticks() - before) / os.sysconf("SC_CLK_TCK") / calls * 1e6
