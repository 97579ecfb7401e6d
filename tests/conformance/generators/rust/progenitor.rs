use std::fmt::Debug;
use std::num::NonZeroU32;
use std::time::Duration;

use drivers::{check, fail, must_wait, report, setting};
use progenitor::types::{CloudProvider, CreateClusterRequest, EloqModule, ErrorResponse, SkuType};
use progenitor::{Client, Error, ResponseValue};
use reqwest::header::{AUTHORIZATION, HeaderMap};

fn ok<T: Debug>(reply: Result<ResponseValue<T>, Error<ErrorResponse>>) -> T {
    match reply {
        Ok(reply) => reply.into_inner(),
        Err(Error::ErrorResponse(refused)) => fail(format!("HTTP {}: {}", refused.status(), refused.message)),
        Err(error) => fail(error),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let headers = HeaderMap::from_iter([(AUTHORIZATION, setting("ELOQ_API_KEY").parse().unwrap())]);
    let http = reqwest::Client::builder().default_headers(headers).timeout(Duration::from_secs(30)).build().unwrap();
    let client = Client::new_with_client(&setting("ELOQ_BASE_URL"), http);
    let name = "demo".parse().unwrap();

    let account = ok(client.org_info().await);
    let account = check(account.code, &account.message, account.data).unwrap().0.unwrap();
    let (org, project) = (account.org_info.org_id, account.org_info.projects.unwrap()[0].project_id);

    let listed = ok(client.list_clusters(org, project, NonZeroU32::MIN, NonZeroU32::new(50).unwrap()).await);
    let page = check(listed.code, &listed.message, listed.data).unwrap().0.unwrap();
    if !page.cluster_list.unwrap_or_default().iter().any(|each| each.cluster_name == "demo") {
        let skus = ok(client.list_skus(CloudProvider::Aws, EloqModule::Eloqkv, SkuType::Serverless).await);
        let sku_id = check(skus.code, &skus.message, skus.data).unwrap()[0].sku_id;
        let region = "us-west-1".parse().unwrap();
        let request = CreateClusterRequest { cluster_name: name, region, required_zone: None, sku_id };
        let created = ok(client.create_cluster(org, project, &request).await);
        check(created.code, &created.message, ());
    }

    let name = "demo".parse().unwrap();
    let cluster = loop {
        let described = ok(client.describe_cluster(org, project, &name).await);
        let cluster = check(described.code, &described.message, described.data).unwrap().0.unwrap();
        if !must_wait(&cluster.status, &cluster.elb_state) {
            break cluster;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    report(&cluster.admin_user, &cluster.admin_password, &cluster.elb_addr, cluster.elb_port.into());

    let deleted = ok(client.delete_cluster(org, project, &name).await);
    check(deleted.code, &deleted.message, ());
}
