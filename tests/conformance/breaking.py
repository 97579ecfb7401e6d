"""Says what breaks clients between two versions of openapi.yaml: `python breaking.py OLD NEW`.

Exits with 1 if anything does, unless the major version of the new document is higher. Clients break when the service refuses what
they send, when what they receive does not fit, and when a name of the document that generated code has is gone.
"""

import sys
from functools import partial
from pathlib import Path

import yaml

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
LOWER_LIMITS = ("minimum", "minLength", "minItems", "minProperties")
UPPER_LIMITS = ("maximum", "maxLength", "maxItems", "maxProperties")
# Any change of these changes what code generators write.
FIXED = ("type", "format", "oneOf", "anyOf", "not", "discriminator")
PROHIBITIONS = ("exclusiveMinimum", "exclusiveMaximum", "uniqueItems")


def breaking(old, new):
    """One line for each difference that breaks clients."""
    found = Found(old, new)
    compare_documents(found, old, new)
    return found.lines


class Found:
    """What breaks, and which schemas of the two documents are compared."""

    def __init__(self, old, new):
        self.old, self.new = old, new
        self.lines = []
        self.compared = set()

    def add(self, where, what):
        self.lines.append(f"{where}: {what}")

    def gone(self, where, kind, old, new):
        for name in (each for each in old if each not in new):
            self.add(where, f"{kind} {name} is gone")

    def changed(self, where, keys, old, new):
        for key in keys:
            if old.get(key) != new.get(key):
                self.add(where, f"{key} was {old.get(key)}, is {new.get(key)}")


def shared(old, new):
    return ((name, old[name], new[name]) for name in old if name in new)


def compare_documents(found, old, new):
    before, after = operations(old), operations(new)
    found.gone("paths", "operation", before, after)
    for _, one, other in shared(before, after):
        compare_operations(found, one, other)
    found.gone("components", "schema", components(old, "schemas"), components(new, "schemas"))
    before, after = components(old, "securitySchemes"), components(new, "securitySchemes")
    for name, one, other in shared(before, after):
        found.changed(name, ("type", "in", "name", "scheme"), one, other)
    found.gone("servers", "URL", *([each["url"] for each in document.get("servers", [])] for document in (old, new)))


def compare_operations(found, old, new):
    where = old["operationId"]
    # Methods of generated clients have the name of the operation, and their modules and classes that of its tag.
    found.changed(where, ("operationId", "tags"), old, new)
    compare_security(found, where, old["security"], new["security"])
    before, after = old["parameters"], new["parameters"]
    found.gone(where, "parameter", before, after)
    for name, parameter in after.items():
        was_required = name in before and before[name].get("required")
        if parameter.get("required") and not was_required:
            found.add(where, f"parameter {name} is required now")
    for name, one, other in shared(before, after):
        found.changed(f"{where}, {name}", ("style", "explode"), one, other)
        compare_schemas(found, f"{where}, {name}", one.get("schema", {}), other.get("schema", {}), sent=True)
    compare_bodies(found, where, old["requestBody"], new["requestBody"])
    before, after = old["responses"], new["responses"]
    found.gone(where, "response", before, after)
    for status, one, other in shared(before, after):
        compare_responses(found, f"{where}, {status}", one, other)


def compare_security(found, where, old, new):
    """Each alternative that was enough must still be enough."""
    for scheme, alternative in ((sorted(each), each) for each in old):
        if not any(set(each) <= set(alternative) for each in new):
            found.add(where, f"the security scheme {scheme} is not enough now")


def compare_bodies(found, where, old, new):
    if old is None and new is not None and new.get("required"):
        found.add(where, "a body is required now")
    if old is not None and new is None:
        found.add(where, "the body is gone")
    if old is not None and new is not None:
        if new.get("required") and not old.get("required"):
            found.add(where, "the body is required now")
        compare_content(found, f"{where}, body", old, new, sent=True)


def compare_responses(found, where, old, new):
    found.gone(where, "header", old.get("headers", {}), new.get("headers", {}))
    compare_content(found, where, old, new, sent=False)


def compare_content(found, where, old, new, sent):
    before, after = old.get("content", {}), new.get("content", {})
    found.gone(where, "content type", before, after)
    for _, one, other in shared(before, after):
        compare_schemas(found, where, one.get("schema", {}), other.get("schema", {}), sent)


def compare_schemas(found, where, old, new, sent):
    """Compares a named schema once for each direction, whatever refers to it."""
    name, new_name = name_of(old), name_of(new)
    if name and name != new_name:
        found.add(where, f"the schema was {name}, is {new_name or 'one without a name'}")
    elif name:
        # What is beside the reference, such as `nullable`.
        compare_values(found, where, old, new, sent)
        if (name, sent) not in found.compared:
            found.compared.add((name, sent))
            compare_structures(
                found, name, *(components(each, "schemas")[name] for each in (found.old, found.new)), sent
            )
    else:
        compare_structures(found, where, old, new, sent)


def compare_structures(found, where, old, new, sent):
    old, new = merged(found.old, old), merged(found.new, new)
    found.changed(where, FIXED, old, new)
    compare_values(found, where, old, new, sent)
    before, after = old.get("properties", {}), new.get("properties", {})
    found.gone(where, "property", before, after)
    for name, one, other in shared(before, after):
        compare_schemas(found, f"{where}.{name}", one, other, sent)
    required, required_now = old.get("required", []), new.get("required", [])
    if sent:
        for name in (each for each in required_now if each not in required):
            found.add(where, f"property {name} is required now")
    else:
        for name in (each for each in required if each not in required_now and each in after):
            found.add(where, f"property {name} may be absent now")
    for part in ("items", "additionalProperties"):
        before, after = old.get(part), new.get(part)
        if isinstance(before, dict) and isinstance(after, dict):
            compare_schemas(found, f"{where}, {part}", before, after, sent)
    # Many generators ignore new fields only where the document announces them.
    closed = (False,) if sent else (False, None)
    if old.get("additionalProperties") not in closed and new.get("additionalProperties") in closed:
        found.add(where, "new fields are not announced now")


def compare_values(found, where, old, new, sent):
    if sent and old.get("nullable") and not new.get("nullable"):
        found.add(where, "may not be null now")
    if not sent and new.get("nullable") and not old.get("nullable"):
        found.add(where, "may be null now")
    before, after = old.get("enum"), new.get("enum")
    found.gone(where, "value", before or [], before if after is None else after)
    # A client refuses the other values, even if it receives them.
    if before is None and after is not None:
        found.add(where, f"only {after} are allowed now")
    if not sent and before is not None and (after is None or set(after) - set(before)):
        found.add(where, f"may be other than {before} now")
    if sent:
        compare_limits(found, where, old, new)


def compare_limits(found, where, old, new):
    for one in (each for each in PROHIBITIONS if new.get(each) and not old.get(each)):
        found.add(where, f"{one} is set now")
    if new.get("pattern") not in (None, old.get("pattern")):
        found.add(where, f"pattern was {old.get('pattern')}, is {new['pattern']}")
    for limits, stricter in ((LOWER_LIMITS, max), (UPPER_LIMITS, min)):
        for limit in limits:
            before, after = old.get(limit), new.get(limit)
            if after is not None and (before is None or stricter(before, after) != before):
                found.add(where, f"{limit} was {before}, is {after}")


def components(document, kind):
    return document.get("components", {}).get(kind, {})


def resolve(document, node):
    while "$ref" in node:
        reference, node = node["$ref"], document
        for key in reference.removeprefix("#/").split("/"):
            node = node[key]
    return node


def operations(document):
    """The operations by method and path, with what they inherit, and without references but those to schemas."""
    return {
        f"{method.upper()} {path}": {
            "operationId": each["operationId"],
            "tags": each.get("tags"),
            "security": each.get("security", document.get("security")) or [{}],
            "parameters": {
                f"{one['name']} in {one['in']}": one
                for one in map(partial(resolve, document), item.get("parameters", []) + each.get("parameters", []))
            },
            "requestBody": resolve(document, each["requestBody"]) if "requestBody" in each else None,
            "responses": {status: resolve(document, response) for status, response in each["responses"].items()},
        }
        for path, item in document["paths"].items()
        for method, each in item.items()
        if method in METHODS
    }


def name_of(schema):
    """The name of the schema that this one is, perhaps with a description of its own."""
    parts = schema.get("allOf", [schema])
    return parts[0]["$ref"].rpartition("/")[2] if len(parts) == 1 and "$ref" in parts[0] else None


def merged(document, schema):
    """The schema without references and `allOf`."""
    schema = resolve(document, schema)
    parts = [merged(document, part) for part in schema.get("allOf", [])]
    both = {key: value for part in parts for key, value in part.items()} | schema
    both["properties"] = {name: each for part in [*parts, schema] for name, each in part.get("properties", {}).items()}
    both["required"] = [name for part in [*parts, schema] for name in part.get("required", [])]
    return both


def major(document):
    return int(document["info"]["version"].partition(".")[0])


def main(old, new):
    old, new = (yaml.safe_load(Path(each).read_text()) for each in (old, new))
    lines = breaking(old, new)
    print(*lines or ["nothing breaks"], sep="\n")
    if lines and major(new) <= major(old):
        raise SystemExit(
            f"This breaks clients: {len(lines)} in all. Take it back, or set info.version to {major(old) + 1}.0.0."
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
