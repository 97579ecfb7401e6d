import os
import sys
import time
from base64 import b64decode
from typing import Protocol

import eloq_client
from eloq_client import CloudProvider, CreateClusterRequest, EloqModule, SKUType
from eloq_client.exceptions import ApiException


class Envelope(Protocol):
    code: int
    message: str


def check(envelope: Envelope) -> None:
    if not (envelope.code == 0 or 200 <= envelope.code < 300):
        sys.exit(f"HTTP 200, code {envelope.code}: {envelope.message}")


def main() -> None:
    config = eloq_client.Configuration(os.environ["ELOQ_BASE_URL"], api_key={"apiKey": os.environ["ELOQ_API_KEY"]})
    client = eloq_client.ApiClient(config)
    clusters = eloq_client.ClustersApi(client)

    account = eloq_client.OrganizationApi(client).org_info(_request_timeout=30)
    check(account)
    assert account.data and account.data.org_info.projects
    project = account.data.org_info.org_id, account.data.org_info.projects[0].project_id

    listed = clusters.list_clusters(*project, 1, 50, _request_timeout=30)
    check(listed)
    assert listed.data
    if not any(each.cluster_name == "demo" for each in listed.data.cluster_list or []):
        skus = eloq_client.SKUApi(client).list_skus(SKUType.SERVERLESS, EloqModule.ELOQKV, CloudProvider.AWS)
        check(skus)
        assert skus.data
        request = CreateClusterRequest(clusterName="demo", region="us-west-1", skuId=skus.data[0].sku_id)
        check(clusters.create_cluster(*project, request, _request_timeout=30))

    while True:
        response = clusters.describe_cluster(*project, "demo", _request_timeout=30)
        check(response)
        cluster = response.data
        assert cluster
        if cluster.status == "available" and cluster.elb_state == "active":
            break
        if cluster.status not in ("creating", "provisioning", "updating", "available"):
            sys.exit(f"demo is {cluster.status}")
        time.sleep(0.1)
    user, password = b64decode(cluster.admin_user).decode(), b64decode(cluster.admin_password.get_secret_value()).decode()
    print(f"{user} at {cluster.elb_addr}:{cluster.elb_port}, with {len(password)} characters of password")

    check(clusters.delete_cluster(*project, "demo", _request_timeout=30))


try:
    main()
except ApiException as error:
    sys.exit(f"HTTP {error.status}: {error.body}")
