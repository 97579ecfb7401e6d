"""Does the same work with the vendor's SDK: `vendor.py calls N`, `vendor.py all`, or `vendor.py start`."""

import os
import sys
import time

from eloq_sdk import EloqAPI

# from_environ() supports only the production address.
client = EloqAPI(os.environ["ELOQ_API_KEY"], base_url=os.environ["ELOQ_BASE_URL"])
match sys.argv[1:]:
    case ["calls", calls]:
        client.cluster("cluster-1")
        began = time.perf_counter_ns()
        for _ in range(int(calls)):
            client.cluster("cluster-1")
        print(time.perf_counter_ns() - began)
    case ["all"]:
        began = time.perf_counter_ns()
        names, page = [], 1
        while listed := client.clusters(page=page, per_page=50).cluster_list:
            names += [cluster.cluster_name for cluster in listed]
            page += 1
        done = [client.cluster(name) for name in names]
        print(time.perf_counter_ns() - began, len(done))
    case ["start"]:
        print("Organization:", client.info().org_info.org_name)
        print("Found", client.clusters().total, "clusters")
