"""The simulator serves every operation of openapi.yaml, and its responses match the schemas."""

import pytest
import requests
import yaml
from conftest import ROOT
from openapi_schema_validator import OAS30Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

SPEC = yaml.safe_load((ROOT / "openapi.yaml").read_text())
METHODS = {"get", "put", "post", "delete", "patch"}
# Values of the simulator that differ from the examples of openapi.yaml.
KNOWN = {"clusterName": "cluster-1", "configId": 1}


def resolve(node):
    while "$ref" in node:
        reference, node = node["$ref"], SPEC
        for key in reference.removeprefix("#/").split("/"):
            node = node[key]
    return node


def operations():
    for path, item in SPEC["paths"].items():
        for method in METHODS & item.keys():
            operation = item[method]
            parameters = [resolve(each) for each in item.get("parameters", []) + operation.get("parameters", [])]
            yield pytest.param(path, method, operation, parameters, id=operation["operationId"])


def example_of(schema):
    schema = resolve(schema)
    if "example" in schema:
        return schema["example"]
    return {name: value["example"] for name, value in schema["properties"].items()}


def assert_valid(instance, schema):
    registry = Registry().with_resource("urn:spec", Resource(SPEC, DRAFT4))
    pointed = {"$ref": "urn:spec" + schema["$ref"]}
    errors = OAS30Validator(pointed, registry=registry).iter_errors(instance)
    assert [f"{error.json_path}: {error.message}" for error in errors] == []


@pytest.fixture
def service(start_simulator):
    return start_simulator("--clusters", "1")


@pytest.fixture
def call(service):
    def send(path, method, operation, parameters, key):
        org = requests.get(service.url + "org-info", headers={"Authorization": service.key}, timeout=10).json()
        org = org["data"]["org_info"]
        known = KNOWN | {"orgId": org["org_id"], "projectId": org["projects"][0]["project_id"]}
        query = {each["name"]: each["example"] for each in parameters if each["in"] == "query"}
        body = None
        if "requestBody" in operation:
            body = example_of(resolve(operation["requestBody"])["content"]["application/json"]["schema"])
        url = service.url.removesuffix("/") + path.format_map(known)
        headers = {"Authorization": key}
        return requests.request(method, url, headers=headers, params=query, json=body, timeout=10)

    return send


@pytest.mark.parametrize("path, method, operation, parameters", list(operations()))
def test_every_operation_is_described(path, method, operation, parameters):
    assert operation["summary"] and operation["description"] and operation["tags"]
    assert all(each["description"] and "example" in each for each in parameters)


@pytest.mark.parametrize("schema", SPEC["components"]["schemas"].values(), ids=SPEC["components"]["schemas"])
def test_every_field_has_a_description_and_an_example(schema):
    assert schema["description"]
    fields = schema.get("properties", {}).items()
    assert [name for name, field in fields if not field.get("description") or "example" not in field] == []


@pytest.mark.parametrize("path, method, operation, parameters", list(operations()))
def test_success(call, service, path, method, operation, parameters):
    reply = call(path, method, operation, parameters, service.key)
    assert reply.status_code == 200, reply.text
    assert_valid(reply.json(), operation["responses"]["200"]["content"]["application/json"]["schema"])


@pytest.mark.parametrize("path, method, operation, parameters", list(operations()))
def test_wrong_key(call, path, method, operation, parameters):
    reply = call(path, method, operation, parameters, "wrong")
    assert reply.status_code == 401
    refused = resolve(operation["responses"]["4XX"])
    assert_valid(reply.json(), refused["content"]["application/json"]["schema"])
