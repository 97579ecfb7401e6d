"""Builds index.html beside this file: openapi.yaml as one page that needs no network. Needs Node; installs its tools in target/ci."""

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests/conformance"))

from tools.install import install

# Of Redoc. Properties and known values are visible without a click; error responses are listed with their meaning.
OPTIONS = {
    "expandResponses": "200",
    "jsonSampleExpandLevel": "all",
    "schemasExpansionLevel": "all",
    "showExtensions": True,
}
# Redoc's bundle loads one image, its logo.
LOGO = "https://cdn.redoc.ly/redoc/logo-mini.svg"
NO_IMAGE = "data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22/%3E"
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
img-src data:; font-src data:; worker-src blob:">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>body {{ margin: 0 }}</style>
</head>
<body>
<div id="reference"></div>
<script>{redoc}</script>
<script>Redoc.init({document}, {options}, document.getElementById("reference"))</script>
</body>
</html>
"""


def document(node):
    """openapi.yaml as JSON, by redocly, since plain Python does not read YAML."""
    command = [node / "node_modules/.bin/redocly", "bundle", "--config", node / "redocly.yaml", "--ext", "json"]
    variables = os.environ | {"REDOCLY_TELEMETRY": "off"}
    done = subprocess.run([*command, ROOT / "openapi.yaml"], env=variables, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def build():
    node = install()
    api = document(node)
    redoc = (node / "node_modules/redoc/bundles/redoc.standalone.js").read_text()
    if redoc.count(LOGO) != 1:
        raise SystemExit(
            f"build.py: this version of Redoc does not load {LOGO} once: see what it loads, and change LOGO"
        )
    page = PAGE.format(
        title=api["info"]["title"],
        redoc=redoc.replace(LOGO, NO_IMAGE).replace("</script", r"<\/script"),
        document=json.dumps(api).replace("</", r"<\/"),
        options=json.dumps(OPTIONS),
    )
    built = HERE / "index.html"
    built.write_text(page)
    return built


if __name__ == "__main__":
    print(build())
