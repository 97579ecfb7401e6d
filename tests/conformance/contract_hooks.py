"""Gives schemathesis the ids and the region that exist, which openapi.yaml does not contain."""

from urllib.parse import unquote

import schemathesis

KNOWN = {"skuId": 101, "planId": 2, "configId": 1, "region": "us-west-1"}


# The simulator is right to refuse a well-formed request for a SKU or a region that does not exist. With those that exist,
# schemathesis still finds every other refusal of a well-formed request.
@schemathesis.hook
def map_case(context, case):
    if case.meta.generation.mode.is_positive:
        for part in (case.path_parameters, case.body):
            if isinstance(part, dict):
                part |= {name: value for name, value in KNOWN.items() if name in part}
    return case


# These names pass the pattern of ClusterName, which cannot say what its description says, and the simulator is right to refuse them.
@schemathesis.hook
def filter_case(context, case):
    parts = (part for part in (case.path_parameters, case.body) if isinstance(part, dict))
    names = (part["clusterName"] for part in parts if isinstance(part.get("clusterName"), str))
    return not case.meta.generation.mode.is_positive or all(map(is_named_by_description, names))


def is_named_by_description(name):
    name = unquote(name)  # Names of paths are encoded.
    return len(name.encode(errors="replace")) <= 255 and not any("\x80" <= char <= "\x9f" for char in name)
