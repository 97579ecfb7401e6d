"""Clients that generators make from openapi.yaml: each is generated afresh, compiled or type-checked, and goes through one workflow
against every behaviour of the service. The programs are in `generators/`; those of two generators are in the guide.

The last test compares the results with the table of docs/other-languages.md; with WRITE_TABLE=1 it writes the table.
"""

import itertools
import os
import re
import shutil
import tomllib
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from conftest import ROOT, Forwarder, Service, serve
from pages import GUIDE, HERE, commands, jackson, run, save, skip_without

OPENAPI_GENERATOR = "openapi-generator-cli generate --input-spec openapi.yaml"
GENERATED = f"{OPENAPI_GENERATOR} --output client --generator-name"
GSON = ":".join(f"/usr/share/java/{name}.jar" for name in ("gson", "okio", "jsr305", "geronimo-annotation-1.3-spec"))
JAVA = "invokerPackage=com.eloq,apiPackage=com.eloq.api,modelPackage=com.eloq.model,openApiNullable=false"
TSC = "node_modules/.bin/tsc --strict --target es2022 --module nodenext"


class Generator(NamedTuple):
    needs: str
    """The programs that the build calls."""
    folder: str | None
    """The folder of `generators/`, or `None` for a section of the guide."""
    build: str
    program: str


def guide(language):
    *build, last = "\n".join(commands(GUIDE, language)).splitlines()
    return "\n".join(build), last


def typescript(generate, main):
    build = f"[ -d node_modules ] || npm ci --silent\nmkdir {main}\nnode_modules/.bin/{generate}\n{TSC} {main}.mts"
    return Generator("npm node", "typescript", build, f"node {main}.mjs")


def java(main, libraries, build):
    """Compiles the program beside the classes of the client."""
    path = f"{libraries}:classes/{main}"
    build = f"{build}\njavac -Xlint:all -Werror -cp {path} -d classes/{main} Workflow.java {main}.java"
    return Generator("java javac", "java", build, f"java -cp {path} {main}")


GENERATORS = {
    "Python, openapi-python-client": Generator("python3", None, *guide("Python")),
    "Python, openapi-generator": Generator(
        "java",
        "python",
        f"""{GENERATED} python --additional-properties=packageName=eloq_client
        (cd client && mypy eloq_client)
        MYPYPATH=client mypy --strict --follow-imports=silent workflow.py""",
        "PYTHONPATH=client python workflow.py",
    ),
    "TypeScript, openapi-typescript": Generator("npm node", None, *guide("TypeScript")),
    "TypeScript, hey-api": typescript("openapi-ts -i openapi.yaml -o hey-api -c @hey-api/client-fetch", "hey-api"),
    "TypeScript, orval": typescript("orval --input ./openapi.yaml --output ./orval/client.ts --client fetch", "orval"),
    "TypeScript, oazapfts": typescript("oazapfts openapi.yaml oazapfts/client.ts", "oazapfts"),
    "Go, openapi-generator": Generator(
        "java",
        "go",
        f"""{GENERATED} go --additional-properties=packageName=eloq
        # Its tests need a module, and its module has the name of no package.
        rm -r client/test
        sed -i 's/^module .*/module eloq/' client/go.mod
        export GOFLAGS=-mod=mod GOTOOLCHAIN=local
        (cd client && go vet ./...)
        go vet .
        go build -o workflow .""",
        "./workflow",
    ),
    "Java, openapi-generator (native, Jackson)": java(
        "Native",
        jackson(),
        f"""{OPENAPI_GENERATOR} --output native --generator-name java --library native --additional-properties={JAVA}
        javac -Xlint:-options -cp {jackson()} -d classes/Native $(find native/src/main -name '*.java')""",
    ),
    "Java, openapi-generator (okhttp-gson, its models)": java(
        "Gson",
        GSON,
        f"""{OPENAPI_GENERATOR} --output gson --generator-name java --library okhttp-gson --additional-properties={JAVA}
        sources=gson/src/main/java/com/eloq
        rm $sources/model/AbstractOpenApiSchema.java
        javac -Xlint:-options -cp {GSON} -d classes/Gson io/gsonfire/*.java $sources/{{JSON,ApiException,model/*}}.java""",
    ),
    "Ruby, openapi-generator": Generator(
        "java ruby",
        "ruby",
        f"""{GENERATED} ruby --additional-properties=gemName=eloq
        for file in workflow.rb $(find client/lib -name '*.rb'); do ruby -c "$file"; done""",
        "ruby -I client/lib workflow.rb",
    ),
    "PHP, openapi-generator": Generator(
        "java php",
        "php",
        f"""{GENERATED} php
        for file in workflow.php $(find client/lib -name '*.php'); do php -l "$file"; done""",
        "php -d error_reporting=-1 -d display_errors=stderr workflow.php",
    ),
    "Rust, progenitor": Generator(
        "cargo-progenitor java",
        "rust",
        f"""cargo-progenitor progenitor -i openapi.yaml -o progenitor -n progenitor -v 1.0.0
        {OPENAPI_GENERATOR} --output openapi-generator --generator-name rust --additional-properties=packageName=openapi-generator
        cargo build --quiet --locked --target-dir target""",
        "target/debug/progenitor",
    ),
    "Rust, openapi-generator": Generator("cargo-progenitor java", "rust", "", "target/debug/openapi-generator"),
}

SUCCESS = r"^147-\w{6} at demo-\S+:6379, with 32 characters of password$"


class Behaviour(NamedTuple):
    options: tuple[str, ...]
    """Options of the simulator."""
    printed: str
    """The program fails unless it is `SUCCESS`."""


def fault(name):
    return "--fault", f"describe_cluster:{name}:always"


BEHAVIOURS = {
    "workflow": Behaviour((), SUCCESS),
    "wrong key": Behaviour((), "HTTP 401"),
    "missing cluster": Behaviour((), "HTTP 403"),
    "new fields": Behaviour(("--extra-fields",), SUCCESS),
    "unknown values": Behaviour(("--unknown-values",), "demo is new-"),
    "null lists": Behaviour(("--null-lists",), SUCCESS),
    "error under 200, null `data`": Behaviour(fault("code200"), "HTTP 200.*code 5001"),
    "error under 200, no `data`": Behaviour(fault("absent200"), "HTTP 200.*code 5001"),
    "HTML 502": Behaviour(fault("html502"), "HTTP 502"),
    "empty 503": Behaviour(fault("empty503"), "HTTP 503"),
}

# What no document can mend: what the program prints instead, and why.
PROGENITOR_READS_JSON = (
    "Invalid Response Payload",
    "progenitor reads the body of every status that the document lists as JSON, so this error does not name the status. The facade "
    "of this crate is built without those responses, and does.",
)
EXCEPTIONS = {
    ("Rust, progenitor", "HTML 502"): PROGENITOR_READS_JSON,
    ("Rust, progenitor", "empty 503"): PROGENITOR_READS_JSON,
}

REASONS = list(dict.fromkeys(reason for _, reason in EXCEPTIONS.values()))

results = {}


class WithoutDemo(Forwarder):
    """Forwards requests, but another cluster, which does not exist, is described."""

    def do_GET(self):
        self.path = re.sub("/clusters/demo$", "/clusters/absent", self.path)
        self.forward()


@pytest.fixture(scope="module")
def built_client(tmp_path_factory):
    """Builds a client when it is first needed; returns the folder with it and the command of its program."""
    folders, failures = {}, {}

    def build(name):
        generator = GENERATORS[name]
        # The programs of one language share a folder, and so what is installed.
        shared = generator.folder or name
        if shared not in folders:
            folders[shared] = tmp_path_factory.mktemp("generated")
            prepare(generator, name, folders[shared])
        folder = folders[shared]
        if name not in failures:
            failures[name] = attempt(generator, folder)
        if failures[name]:
            raise failures[name]
        return folder, generator.program

    def attempt(generator, folder):
        try:
            run(generator.build, folder, Service("", ""), timeout=600)
        except AssertionError as error:
            return error

    return build


def prepare(generator, name, folder):
    if generator.folder:
        shutil.copytree(HERE / "generators" / generator.folder, folder, dirs_exist_ok=True)
        shutil.copy(ROOT / "openapi.yaml", folder)
        return
    for lock in ("package.json", "package-lock.json"):
        shutil.copy(HERE / lock, folder)
    save(GUIDE, name.split(",")[0], folder)


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
@pytest.mark.parametrize("name", GENERATORS)
def test_a_generated_client(name, behaviour, built_client, start_simulator):
    skip_without(GENERATORS[name].needs)
    results[name, behaviour] = "✗"
    folder, program = built_client(name)
    options, printed = BEHAVIOURS[behaviour]
    service = start_simulator("--provisioning", "0.1", *options)
    printed, reason = EXCEPTIONS.get((name, behaviour), (printed, None))
    with serve(WithoutDemo) as (server, url):
        server.behind = urlsplit(service.url).netloc
        if behaviour == "missing cluster":
            service = service._replace(url=url)
        if behaviour == "wrong key":
            service = service._replace(key="wrong")
        output = run(program, folder, service, fails=printed != SUCCESS)
    assert re.search(printed, output, re.MULTILINE), output
    assert not re.search("admin_password", output)
    results[name, behaviour] = f"note {REASONS.index(reason) + 1}" if reason else "✓"


def test_the_table_of_the_page():
    cells = itertools.product(GENERATORS, BEHAVIOURS)
    if missing := [f"{name}, {behaviour}" for name, behaviour in cells if (name, behaviour) not in results]:
        pytest.skip(f"not run: {'; '.join(missing)}")
    page = ROOT / GUIDE
    text = page.read_text()
    now = re.sub("(<!-- results -->\n).*?(<!-- end of results -->)", rf"\1{table()}\2", text, flags=re.DOTALL)
    if os.environ.get("WRITE_TABLE"):
        page.write_text(now)
    assert now == text or os.environ.get("WRITE_TABLE"), "write the table with WRITE_TABLE=1"


def table():
    rows = [["generator", *BEHAVIOURS], ["---"] * (len(BEHAVIOURS) + 1)]
    rows += [[name, *(results[name, behaviour] for behaviour in BEHAVIOURS)] for name in GENERATORS]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    notes = [f"Note {number}: {reason}" for number, reason in enumerate(REASONS, 1)]
    return "\n".join(["", *lines, "", *notes, ""]) + "\n"


# There is no toolchain for these languages in the checks.
@pytest.mark.parametrize(
    "language, status, data, new_fields",
    [
        ("csharp", "string Status {", r"DescClusterDTO\? Data {", r"\[JsonExtensionData\]"),
        ("kotlin", "val status: kotlin.String,", r"val `data`: DescClusterDTO\? = null", "HashMap<String, kotlin.Any>"),
        ("swift6", "var status: String$", r"var data: DescClusterDTO\?$", r"var additionalProperties: \["),
    ],
)
def test_a_client_that_is_only_read(language, status, data, new_fields, tmp_path):
    skip_without("java")
    shutil.copy(ROOT / "openapi.yaml", tmp_path)
    run(f"{GENERATED} {language}", tmp_path, Service("", ""))
    [cluster], [response] = ([*tmp_path.rglob(f"DescCluster{name}.[cks]*")] for name in ("DTO", "Response"))
    assert re.search(status, cluster.read_text(), re.MULTILINE)
    assert re.search(data, response.read_text(), re.MULTILINE)
    assert re.search(new_fields, response.read_text(), re.MULTILINE)


def test_progenitor_is_the_one_that_the_crate_builds_with():
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text())
    [version] = [package["version"] for package in lock["package"] if package["name"] == "progenitor"]
    assert f"cargo_progenitor={version}\n" in (ROOT / ".ci/run").read_text()
