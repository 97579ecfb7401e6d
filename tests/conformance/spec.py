"""The simulator serves every operation of openapi.yaml, its responses match the schemas, and the document says what clients need."""

import pytest
import requests
import yaml
from conftest import ROOT
from openapi_schema_validator import OAS30Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

SPEC = yaml.safe_load((ROOT / "openapi.yaml").read_text())
METHODS = {"get", "put", "post", "delete", "patch"}
STATUSES = {"400", "401", "403", "404", "405", "409", "413", "429", "500", "502", "503", "504"}
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
        for method in (each for each in item if each in METHODS):
            operation = item[method]
            parameters = [resolve(each) for each in item.get("parameters", []) + operation.get("parameters", [])]
            yield pytest.param(path, method, operation, parameters, id=operation["operationId"])


def example_of(schema):
    schema = resolve(schema)
    if "example" in schema:
        return schema["example"]
    return {name: value["example"] for name, value in schema["properties"].items()}


def violations(instance, schema):
    registry = Registry().with_resource("urn:spec", Resource(SPEC, DRAFT4))
    pointed = {"$ref": "urn:spec" + schema["$ref"]} if "$ref" in schema else schema
    return [
        f"{error.json_path}: {error.message}"
        for error in OAS30Validator(pointed, registry=registry).iter_errors(instance)
    ]


def assert_valid(instance, schema):
    assert violations(instance, schema) == []


def error_responses(operation):
    return {status: resolve(each) for status, each in operation["responses"].items() if status != "200"}


def examples_of(media):
    return {name: resolve(each)["value"] for name, each in media["examples"].items()}


@pytest.fixture
def service(start_simulator):
    return start_simulator("--clusters", "1")


def send(base, known, key, path, method, operation, parameters):
    """Sends the operation's example to the service at `base`, with `known` path parameters."""
    query = {each["name"]: each["example"] for each in parameters if each["in"] == "query"}
    body = None
    if "requestBody" in operation:
        body = example_of(resolve(operation["requestBody"])["content"]["application/json"]["schema"])
    url = base + path.format_map(known)
    return requests.request(method, url, headers={"Authorization": key}, params=query, json=body, timeout=10)


@pytest.fixture
def call(service):
    def send_to_service(path, method, operation, parameters, key):
        org = requests.get(service.url + "/org-info", headers={"Authorization": service.key}, timeout=10).json()
        org = org["data"]["org_info"]
        known = KNOWN | {"orgId": org["org_id"], "projectId": org["projects"][0]["project_id"]}
        return send(service.url, known, key, path, method, operation, parameters)

    return send_to_service


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
def test_every_operation_says_where_it_is_known_from(path, method, operation, parameters):
    documented = operation["x-eloq-provenance"] == "documented"
    assert documented or operation["x-eloq-provenance"] == "legacy-sdk"
    assert documented == ("externalDocs" in operation) == ("deprecated" not in operation)


# Ranges and `default` break generators.
@pytest.mark.parametrize("path, method, operation, parameters", list(operations()))
def test_every_error_has_a_status_a_meaning_and_an_example(path, method, operation, parameters):
    errors = error_responses(operation)
    assert {"400", "401", "403", "404", "405", "429", "500", "502", "503", "504"} <= errors.keys() <= STATUSES
    assert ("413" in errors) == ("requestBody" in operation)
    assert ("409" in errors) == (method != "get" and "{projectId}" in path)
    for status, error in errors.items():
        assert error["description"], status
        # progenitor wants one type for all errors of an operation.
        assert error["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/ErrorResponse"}, status
        assert ("Retry-After" in error.get("headers", {})) == (status in {"429", "503"}), status
        for kind, media in error["content"].items():
            for example in examples_of(media).values():
                if kind == "text/html":
                    assert example.startswith("<html>"), status
                else:
                    assert example["code"] == int(status)
                    assert_valid(example, media["schema"])
    pages = {status for status, error in errors.items() if "text/html" in error["content"]}
    assert pages == {"502", "503", "504"}


@pytest.mark.parametrize("path, method, operation, parameters", list(operations()))
def test_http_200_has_examples_of_a_success_and_of_an_error(path, method, operation, parameters):
    media = operation["responses"]["200"]["content"]["application/json"]
    examples = examples_of(media)
    codes = {name: example["code"] for name, example in examples.items()}
    assert codes.pop("errorUnderHttp200") == 500 and codes and set(codes.values()) <= {0, 200}
    for example in examples.values():
        assert_valid(example, media["schema"])
        assert_valid(example | {"new": {"field": 1}}, media["schema"])
    assert_valid({"code": 500, "message": "no data"}, media["schema"])


@pytest.mark.parametrize("name, schema", SPEC["components"]["schemas"].items(), ids=SPEC["components"]["schemas"])
def test_objects_of_responses_are_open_and_their_null_lists_optional(name, schema):
    if "properties" in schema:
        request = name.endswith(("Request", "Body"))
        assert schema.get("additionalProperties") is (None if request else True)
    lists = {field for field, each in schema.get("properties", {}).items() if each.get("type") == "array"}
    assert all(schema["properties"][field]["nullable"] for field in lists)
    assert not lists & set(schema.get("required", []))


def with_known_values():
    """Every place with known values, and the values: components, properties, parameters."""
    for name, schema in SPEC["components"]["schemas"].items():
        if "x-extensible-enum" in schema:
            yield pytest.param(schema, schema["x-extensible-enum"], id=name)
        for field, each in schema.get("properties", {}).items():
            if known := resolve(each.get("allOf", [{}])[0]).get("x-extensible-enum"):
                yield pytest.param(each, known, id=f"{name}.{field}")
    for operation in operations():
        for each in operation.values[3]:
            schema = resolve(each["schema"])
            if known := schema.get("x-extensible-enum", schema.get("enum")):
                yield pytest.param(each, known, id=f"{operation.id}.{each['name']}")


# No viewer shows the extension.
@pytest.mark.parametrize("described, known", list(with_known_values()))
def test_known_values_have_a_meaning(described, known):
    assert [value for value in known if f"`{value}`" not in described["description"]] == []


def test_one_scheme_writes_the_header():
    assert SPEC["security"] == [{"apiKey": []}]
    assert list(SPEC["components"]["securitySchemes"]) == ["apiKey"]


def test_sku_ids_have_one_type():
    schemas = SPEC["components"]["schemas"]
    ids = schemas["SKUInfo"]["properties"]["sku_id"], schemas["CreateClusterRequest"]["properties"]["skuId"]
    received, sent = ({key: value for key, value in each.items() if key != "description"} for each in ids)
    assert received == sent


@pytest.mark.parametrize("path, method, operation, parameters", list(operations()))
def test_success(call, service, path, method, operation, parameters):
    reply = call(path, method, operation, parameters, service.key)
    assert reply.status_code == 200, reply.text
    assert_valid(reply.json(), operation["responses"]["200"]["content"]["application/json"]["schema"])


@pytest.mark.parametrize("path, method, operation, parameters", list(operations()))
def test_wrong_key(call, path, method, operation, parameters):
    reply = call(path, method, operation, parameters, "wrong")
    assert reply.status_code == 401
    refused = resolve(operation["responses"]["401"])
    assert_valid(reply.json(), refused["content"]["application/json"]["schema"])
