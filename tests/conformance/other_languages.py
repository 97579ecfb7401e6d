"""Clients that other generators make from openapi.yaml: each is generated afresh, compiled or type-checked, and goes through one
workflow against every behaviour of the service. The programs are in `generators/`; those of two generators are in the guide.

The last test compares the results with the table of docs/other-languages.md; with WRITE_TABLE=1 it writes the table.
"""

import importlib.util
import os
import re
import shutil
import tomllib
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from conftest import ROOT, Forwarder, Service, serve
from pages import GUIDE, HERE, commands, run, save

OPENAPI_GENERATOR = "openapi-generator-cli generate --input-spec openapi.yaml"
GENERATED = f"{OPENAPI_GENERATOR} --output client --generator-name"
# The JSON library, and an annotation that Java no longer has.
JACKSON = "{jar}:/usr/share/java/geronimo-annotation-1.3-spec.jar:classes"
GSON = ":".join(f"/usr/share/java/{name}.jar" for name in ("gson", "okio", "jsr305", "geronimo-annotation-1.3-spec")) + ":classes"
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
    return Generator("npm node", "typescript", f"npm ci --silent\n{generate}\n{TSC} {main}.mts", f"node {main}.mjs")


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
    "TypeScript, hey-api": typescript("node_modules/.bin/openapi-ts -i openapi.yaml -o hey-api -c @hey-api/client-fetch", "hey-api"),
    "TypeScript, orval": typescript("node_modules/.bin/orval --input ./openapi.yaml --output ./orval/client.ts --client fetch", "orval"),
    "TypeScript, oazapfts": typescript(
        "mkdir oazapfts\nnode_modules/.bin/oazapfts openapi.yaml oazapfts/client.ts", "oazapfts"
    ),
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
    "Java, openapi-generator (native, Jackson)": Generator(
        "java javac",
        "java",
        f"""{GENERATED} java --library native --additional-properties={JAVA}
        javac -Xlint:-options -cp {JACKSON} -d classes $(find client/src/main -name '*.java')
        javac -Xlint:all -Werror -cp {JACKSON} -d classes Workflow.java""",
        f"java -cp {JACKSON} Workflow",
    ),
    "Java, openapi-generator (okhttp-gson, its models)": Generator(
        "java javac",
        "java-gson",
        f"""{GENERATED} java --library okhttp-gson --additional-properties={JAVA}
        sources=client/src/main/java/com/eloq
        rm $sources/model/AbstractOpenApiSchema.java
        javac -Xlint:-options -cp {GSON} -d classes io/gsonfire/*.java $sources/{{JSON,ApiException,model/*}}.java
        javac -Xlint:all -Werror -cp {GSON} -d classes Workflow.java""",
        f"java -cp {GSON} Workflow",
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
        for command in generator.needs.split():
            if not shutil.which(command):
                pytest.skip(f"there is no {command}")
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
        return folder, with_jar(generator.program)

    def attempt(generator, folder):
        try:
            run(with_jar(generator.build), folder, Service("", ""), timeout=600)
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


def with_jar(command):
    """The generator's archive contains Jackson."""
    if "{jar}" not in command:
        return command
    package = importlib.util.find_spec("openapi_generator_cli")
    return command.replace("{jar}", str(Path(package.origin).with_name("openapi-generator.jar")))


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
@pytest.mark.parametrize("name", GENERATORS)
def test_a_generated_client(name, behaviour, built_client, start_simulator):
    results[name, behaviour] = "✗"
    folder, program = built_client(name)
    options, printed = BEHAVIOURS[behaviour]
    service = start_simulator("--provisioning", "0.1", *options)
    exception = EXCEPTIONS.get((name, behaviour))
    if exception:
        printed = exception[0]
    with serve(WithoutDemo) as (server, url):
        server.behind = urlsplit(service.url).netloc
        if behaviour == "missing cluster":
            service = service._replace(url=url)
        if behaviour == "wrong key":
            service = service._replace(key="wrong")
        service = service._replace(url=service.url.removesuffix("/"))
        output = run(program, folder, service, fails=printed != SUCCESS)
    assert re.search(printed, output, re.MULTILINE), output
    assert not re.search("admin_password", output)
    results[name, behaviour] = "note" if exception else "✓"


def test_the_table_of_the_page():
    if missing := [f"{name}, {behaviour}" for name in GENERATORS for behaviour in BEHAVIOURS if (name, behaviour) not in results]:
        pytest.skip(f"not run: {'; '.join(missing)}")
    page = ROOT / GUIDE
    text = page.read_text()
    now = re.sub("(<!-- results -->\n).*?(<!-- end of results -->)", rf"\1{table()}\2", text, flags=re.DOTALL)
    if os.environ.get("WRITE_TABLE"):
        page.write_text(now)
    assert now == text or os.environ.get("WRITE_TABLE"), "write the table with WRITE_TABLE=1"


def table():
    notes = list(dict.fromkeys(reason for _, reason in EXCEPTIONS.values()))
    rows = [["generator", *BEHAVIOURS], ["---"] * (len(BEHAVIOURS) + 1)]
    for name in GENERATORS:
        marks = [results[name, behaviour] for behaviour in BEHAVIOURS]
        numbers = [EXCEPTIONS.get((name, behaviour), (None, None))[1] for behaviour in BEHAVIOURS]
        cells = [f"note {notes.index(reason) + 1}" if mark == "note" else mark for mark, reason in zip(marks, numbers)]
        rows.append([name, *cells])
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(["", *lines, "", *(f"Note {number}: {note}" for number, note in enumerate(notes, 1)), ""]) + "\n"


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
    if not shutil.which("java"):
        pytest.skip("there is no java")
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
