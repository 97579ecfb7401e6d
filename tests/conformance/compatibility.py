"""breaking.py finds each kind of break in an altered copy of openapi.yaml, and takes no harmless change for one."""

from copy import deepcopy

import pytest
import yaml
from breaking import breaking, main
from conftest import ROOT
from spec import SPEC

GONE = object()
CLUSTERS = "paths./orgs/{orgId}/projects/{projectId}/clusters"
CREATE = "components.schemas.CreateClusterRequest"
ITEM = "components.schemas.ClusterListItem"
STATUS = f"{ITEM}.properties.status"
NAME = "components.schemas.ClusterName"
NEW_PARAMETER = {"name": "new", "in": "query", "required": True, "schema": {"type": "string"}}
# Place, new value, and what is found.
BREAKS = [
    ("servers", [{"url": "https://example.com"}], "servers: URL https://api-prod.eloqdata.com/api/v1 is gone"),
    ("paths./org-info", GONE, "paths: operation GET /org-info is gone"),
    ("paths./org-info.get.operationId", "info", "org_info: operationId was org_info, is info"),
    ("paths./org-info.get.tags", ["User"], "org_info: tags was ['Organization'], is ['User']"),
    ("paths./org-info.get.security", [{"other": []}], "org_info: the security scheme ['apiKey'] is not enough now"),
    ("components.securitySchemes.apiKey.name", "X-Key", "apiKey: name was Authorization, is X-Key"),
    ("paths./org-info.get.parameters", [NEW_PARAMETER], "org_info: parameter new in query is required now"),
    ("paths./dashboard/info.get.parameters", [], "dashboard_info: parameter productType in query is gone"),
    (
        "paths./dashboard/info.get.parameters.0.required",
        True,
        "dashboard_info: parameter productType in query is required now",
    ),
    (
        "paths./dashboard/info.get.parameters.0.explode",
        False,
        "dashboard_info, productType in query: explode was None, is False",
    ),
    (f"{CLUSTERS}.get.parameters.1.schema.maximum", 20, "list_clusters, perPage in query: maximum was 50, is 20"),
    (f"{CLUSTERS}.get.parameters.0.schema.minimum", 2, "list_clusters, page in query: minimum was 1, is 2"),
    (
        f"{CLUSTERS}.get.parameters.0.schema.exclusiveMinimum",
        True,
        "list_clusters, page in query: exclusiveMinimum is set now",
    ),
    (f"{CLUSTERS}.get.parameters.0.schema.format", "int64", "list_clusters, page in query: format was int32, is int64"),
    (f"{CLUSTERS}.post.requestBody", GONE, "create_cluster: the body is gone"),
    ("components.requestBodies.OpClusterBody.required", True, "start_cluster: the body is required now"),
    ("paths./org-info.get.requestBody", {"required": True, "content": {}}, "org_info: a body is required now"),
    (f"{CLUSTERS}.post.requestBody.content", {}, "create_cluster, body: content type application/json is gone"),
    (f"{CREATE}.required", ["requiredZone"], "CreateClusterRequest: property requiredZone is required now"),
    (f"{CREATE}.properties.requiredZone", GONE, "CreateClusterRequest: property requiredZone is gone"),
    (
        f"{CREATE}.properties.region.enum",
        ["us-west-1"],
        "CreateClusterRequest.region: only ['us-west-1'] are allowed now",
    ),
    (f"{CREATE}.properties.region.minLength", 2, "CreateClusterRequest.region: minLength was 1, is 2"),
    ("components.schemas.OpClusterBody.additionalProperties", False, "OpClusterBody: new fields are not announced now"),
    (f"{NAME}.pattern", "^[a-z]+$", "ClusterName: pattern was "),
    (f"{NAME}.maxLength", 63, "ClusterName: maxLength was 255, is 63"),
    ("components.schemas.SKUType.enum", ["serverless"], "SKUType: value dedicated is gone"),
    ("components.schemas.ElbState.enum", ["active"], "ElbState: only ['active'] are allowed now"),
    (f"{CLUSTERS}.get.responses.404", GONE, "list_clusters: response 404 is gone"),
    ("components.responses.RateLimited.headers", {}, "org_info, 429: header Retry-After is gone"),
    ("components.responses.ReadBadGateway.content.text/html", GONE, "org_info, 502: content type text/html is gone"),
    (
        f"{STATUS}.allOf.0.$ref",
        "#/components/schemas/ElbState",
        "ClusterListItem.status: the schema was ClusterStatus, is ElbState",
    ),
    (STATUS, {"type": "string"}, "ClusterListItem.status: the schema was ClusterStatus, is one without a name"),
    (f"{ITEM}.properties.zone", GONE, "ClusterListItem: property zone is gone"),
    (f"{ITEM}.properties.zone.type", "integer", "ClusterListItem.zone: type was string, is integer"),
    (f"{ITEM}.properties.zone.nullable", True, "ClusterListItem.zone: may be null now"),
    (f"{STATUS}.nullable", True, "ClusterListItem.status: may be null now"),
    (f"{ITEM}.required", ["cluster_name"], "ClusterListItem: property status may be absent now"),
    (f"{ITEM}.additionalProperties", False, "ClusterListItem: new fields are not announced now"),
    (f"{ITEM}.additionalProperties", GONE, "ClusterListItem: new fields are not announced now"),
    (
        f"{ITEM}.properties.zone.oneOf",
        [{"type": "string"}],
        "ClusterListItem.zone: oneOf was None, is [{'type': 'string'}]",
    ),
    (
        "components.schemas.OrgInfo.properties.roles.items.type",
        "integer",
        "OrgInfo.roles, items: type was string, is integer",
    ),
]
HARMLESS = [
    ("info.version", "1.1.0"),
    ("paths./new", {"get": {"operationId": "new", "responses": {"200": {"description": "New."}}}}),
    ("paths./org-info.get.parameters", [NEW_PARAMETER | {"required": False}]),
    ("paths./org-info.get.security", [{"apiKey": []}, {"other": []}]),
    ("paths./org-info.get.security", []),
    ("paths./org-info.get.deprecated", True),
    ("paths./org-info.get.description", "Other words."),
    ("paths./org-info.get.responses.418", {"description": "New."}),
    ("paths./org-info.get.responses.200.headers", {"X-New": {"schema": {"type": "string"}}}),
    (f"{CLUSTERS}.get.parameters.1.schema.maximum", 100),
    (f"{CLUSTERS}.get.parameters.1.schema.maximum", GONE),
    (f"{CLUSTERS}.get.parameters.0.required", False),
    (f"{CREATE}.properties.new", {"type": "string"}),
    (f"{CREATE}.properties.region.nullable", True),
    (f"{CREATE}.required", ["clusterName"]),
    (f"{NAME}.pattern", GONE),
    (f"{NAME}.maxLength", 1000),
    ("components.schemas.SKUType.enum", ["serverless", "dedicated", "new"]),
    ("components.schemas.New", {"type": "object"}),
    ("components.schemas.ClusterStatus.x-extensible-enum", ["available", "new"]),
    (f"{ITEM}.properties.new", {"type": "string"}),
    (f"{ITEM}.properties.zone.minLength", 1),
    (f"{ITEM}.properties.sku_name.nullable", False),
    ("components.schemas.OrgInfo.required", ["org_create_at", "org_id", "org_name", "roles"]),
]


def altered(place, value, document=SPEC):
    node = document = deepcopy(document)
    *path, last = place.split(".")
    for key in path:
        node = node[int(key) if isinstance(node, list) else key]
    if value is GONE:
        del node[last]
    else:
        node[last] = value
    return document


@pytest.mark.parametrize("place, value, line", BREAKS, ids=[line for _, _, line in BREAKS])
def test_a_break_is_found(place, value, line):
    found = breaking(SPEC, altered(place, value))
    assert any(each.startswith(line) for each in found), found


@pytest.mark.parametrize("place, value", HARMLESS)
def test_a_harmless_change_is_not_found(place, value):
    assert breaking(SPEC, altered(place, value)) == []


def test_another_name_of_a_schema_is_found():
    renamed = yaml.safe_load((ROOT / "openapi.yaml").read_text().replace("SimpleProjectInfo", "Project"))
    assert breaking(SPEC, renamed) == [
        "OrgInfo.projects, items: the schema was SimpleProjectInfo, is Project",
        "components: schema SimpleProjectInfo is gone",
    ]


def test_a_break_needs_a_new_major_version(tmp_path, capsys):
    def check(new):
        (tmp_path / "new.yaml").write_text(yaml.safe_dump(new))
        main(ROOT / "openapi.yaml", tmp_path / "new.yaml")

    check(SPEC)
    assert capsys.readouterr().out == "nothing breaks\n"
    broken = altered("paths./org-info", GONE)
    with pytest.raises(SystemExit, match="set info.version to 2.0.0"):
        check(broken)
    assert capsys.readouterr().out == "paths: operation GET /org-info is gone\n"
    check(altered("info.version", "2.0.0", broken))
