#!/usr/bin/env python3
"""Builds every Rust block of the Markdown pages exactly as the page shows it, each as a program of an otherwise empty crate.

    python3 tests/conformance/snippets.py

The crate is target/snippets. Its build goes to CARGO_TARGET_DIR, or else to target/snippets/target.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CRATE = ROOT / "target/snippets"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
# rustdoc does not compile these blocks either.
LEFT_OUT = {"ignore", "text"}

# What a reader adds to an empty crate to run any of the blocks. The debug settings are those that the project's own build has
# for its dependencies, so that both can share a target directory.
MANIFEST = """\
[package]
name = "snippets"
version = "0.0.0"
edition = "2024"
publish = false

[workspace]

[dependencies]
eloq-sdk = { path = "../..", features = ["blocking", "simulator"] }
redis = { version = "1", default-features = false }
serde_json = "1"
tokio = { version = "1", features = ["full", "test-util"] }
tracing-subscriber = "0.3"

[profile.dev]
debug = false
"""


def blocks(text):
    """The Rust blocks of a page: the number of the first line of each, and its lines."""
    lines = text.splitlines()
    number = 0
    while number < len(lines):
        fence = re.fullmatch(r"( *)(`{3,}|~{3,})(.*)", lines[number])
        number += 1
        if not fence:
            continue
        indent, marks, attributes = len(fence[1]), fence[2], re.split(r"[\s,]+", fence[3].strip())
        start = number
        while number < len(lines) and not re.fullmatch(rf" *{marks[0]}{{{len(marks)},}} *", lines[number]):
            number += 1
        if attributes[0] == "rust" and not LEFT_OUT.intersection(attributes):
            body = [line[min(indent, len(line) - len(line.lstrip(" "))) :] for line in lines[start:number]]
            yield start + 1, body
        number += 1


def collect():
    """All blocks, by the name of their program: the page, the number of the first line, and the lines."""
    programs = {}
    for page in PAGES:
        for first, lines in blocks(page.read_text(encoding="utf-8")):
            programs[f"{page.stem}_{first}"] = page.relative_to(ROOT), first, lines
    return programs


def hidden(programs):
    """Where a block has lines that rustdoc hides: a reader who copies it from the page gets what does not compile."""
    for page, first, lines in programs.values():
        for number, line in enumerate(lines, first):
            if line.strip() == "#" or line.lstrip().startswith("# "):
                yield f"{page}:{number}: a hidden line in a Rust block: {line.strip()}"


def write(programs):
    shutil.rmtree(CRATE / "src", ignore_errors=True)
    (CRATE / "src/bin").mkdir(parents=True)
    (CRATE / "Cargo.toml").write_text(MANIFEST)
    # The versions are those of the project, as far as it has them.
    shutil.copy(ROOT / "Cargo.lock", CRATE / "Cargo.lock")
    for name, (_, _, lines) in programs.items():
        (CRATE / f"src/bin/{name}.rs").write_text("\n".join(lines) + "\n", encoding="utf-8")


def check(programs):
    """Whether all programs compile. What the compiler says of them names the place in the page."""

    def place(match):
        page, first, _ = programs[match[1]]
        return f"{page}:{first + int(match[2]) - 1}"

    target = Path(os.environ.get("CARGO_TARGET_DIR", CRATE / "target")).absolute()
    variables = os.environ | {"CARGO_TARGET_DIR": str(target)}
    command = ["cargo", "check", "--bins", "--keep-going", "--quiet"]
    process = subprocess.Popen(command, cwd=CRATE, env=variables, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        line = re.sub(r"src/bin/(\w[\w-]*)\.rs:(\d+)", place, line)
        print(line, end="", file=sys.stderr)
    return process.wait() == 0


def main():
    programs = collect()
    if not programs:
        sys.exit("no Rust blocks in the pages")
    if errors := list(hidden(programs)):
        sys.exit("\n".join(errors))
    write(programs)
    if not check(programs):
        sys.exit("not every Rust block compiles as its page shows it")
    print(f"built {len(programs)} Rust blocks")


if __name__ == "__main__":
    main()
