"""The simulator behaves like the service to the vendor's own Python SDK.

The assertions describe version 0.1.4 of the SDK, including its bugs.
"""

import base64
import itertools
import time

import pytest
from eloq_sdk import EloqAPI, EloqAPIError, schema
from eloq_sdk.exceptions import EloqAuthenticationError, EloqPermissionError

REGION = "us-west-1"
PROVISIONING = 0.5


@pytest.fixture
def service(start_simulator):
    return start_simulator("--clusters", "2", "--provisioning", str(PROVISIONING))


def connect(service, key):
    # The SDK appends to the URL as it is.
    return EloqAPI.from_key_and_url(key, f"{service.url}/")


@pytest.fixture
def client(service):
    return connect(service, service.key)


@pytest.fixture
def sku(client):
    return client.get_skus(schema.SKUType.SERVERLESS, schema.EloqModule.ELOQKV, schema.CloudProvider.AWS)[0]


def wait_for(condition):
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "timed out after 10 seconds"
        time.sleep(0.05)


def gone(client, name):
    try:
        client.cluster(name)
    except EloqPermissionError:
        return True
    return False


def test_info(client):
    info = client.info()
    assert isinstance(info, schema.UserOrgInfoDTO)
    assert info.email and info.user_name and info.auth_provider
    assert info.org_info.org_name and info.org_info.roles
    assert [project.project_name for project in info.org_info.projects] == ["project1"]


def test_clusters(client):
    clusters = client.clusters()
    assert isinstance(clusters, schema.ClusterList)
    assert clusters.total == 2
    assert [cluster.cluster_name for cluster in clusters.cluster_list] == ["cluster-1", "cluster-2"]
    assert {cluster.status for cluster in clusters.cluster_list} == {"available"}


def test_pages_of_clusters(client):
    second = client.clusters(page=2, per_page=1)
    assert second.total == 2
    assert [cluster.cluster_name for cluster in second.cluster_list] == ["cluster-2"]
    assert client.clusters(page=3, per_page=1).cluster_list == []


def test_cluster(client):
    cluster = client.cluster("cluster-1")
    assert isinstance(cluster, schema.DescClusterDTO)
    assert cluster.display_cluster_name == "cluster-1"
    assert (cluster.status, cluster.elb_state, cluster.elb_port) == ("available", "active", 6379)


@pytest.mark.parametrize(
    "sku_type, module, cloud", list(itertools.product(schema.SKUType, schema.EloqModule, schema.CloudProvider))
)
def test_get_skus(client, sku_type, module, cloud):
    skus = client.get_skus(sku_type=sku_type, eloq_module=module, cloud_provider=cloud)
    assert skus and all(isinstance(sku, schema.SKUInfo) for sku in skus)
    for sku in skus:
        assert sku.sku_type == sku_type.value
        assert sku.module_type.lower() == module.value
        assert sku.cloud_provider.lower() == cloud.value


def test_a_cluster_is_created_becomes_available_and_is_deleted(client, sku):
    created = client.cluster_create("new", REGION, sku.sku_id)
    assert isinstance(created, schema.OperationResult) and created.success
    early = client.cluster("new")
    assert (early.status, early.elb_addr, early.elb_port) == ("provisioning", "", 0)

    wait_for(lambda: client.cluster("new").status == "available")
    assert client.cluster("new").elb_addr

    deleted = client.cluster_delete("new")
    assert isinstance(deleted, schema.OperationResult) and deleted.success
    wait_for(lambda: gone(client, "new"))
    assert client.clusters().total == 2


def test_the_limit_of_the_free_plan_is_a_failed_result(client, sku):
    assert client.cluster_create("third", REGION, sku.sku_id).success
    fourth = client.cluster_create("fourth", REGION, sku.sku_id)
    assert not fourth.success
    assert "limit" in fourth.message


def test_an_unknown_sku_is_a_failed_result(client):
    result = client.cluster_create("new", REGION, 999_999)
    assert not result.success
    assert "skuId" in result.message


def test_a_cluster_that_is_not_available_cannot_be_deleted(client, sku):
    assert client.cluster_create("new", REGION, sku.sku_id).success
    result = client.cluster_delete("new")
    assert not result.success
    assert result.message.startswith("Permission denied or cluster not in available status")


def test_deleting_a_missing_cluster_is_a_failed_result(client):
    result = client.cluster_delete("missing")
    assert not result.success
    assert "not found" in result.message


def test_credentials_are_decoded(client):
    cluster = client.cluster("cluster-1")
    credentials = client.cluster_credentials("cluster-1")
    assert isinstance(credentials, schema.ClusterCredentials)
    assert base64.b64encode(credentials.username.encode()).decode() == cluster.admin_user
    assert base64.b64encode(credentials.password.encode()).decode() == cluster.admin_password
    assert (credentials.host, credentials.port) == (cluster.elb_addr, cluster.elb_port)
    assert credentials.status == "available"


def test_a_wrong_key_is_an_authentication_error(service):
    stranger = connect(service, "wrong")
    for call in (stranger.info, stranger.clusters, lambda: stranger.cluster("cluster-1")):
        with pytest.raises(EloqAuthenticationError) as caught:
            call()
        assert caught.value.status_code == 401
        assert "Invalid token" in str(caught.value)


def test_a_missing_cluster_is_a_permission_error(client):
    for call in (client.cluster, client.cluster_credentials):
        with pytest.raises(EloqPermissionError) as caught:
            call("missing")
        assert isinstance(caught.value, EloqAPIError)
        assert caught.value.status_code == 403
        assert "cluster not found" in str(caught.value)


def test_org_is_broken_in_the_sdk_itself(client):
    with pytest.raises(AttributeError):
        client.org()
