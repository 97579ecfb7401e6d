use std::time::Duration;

use drivers::{check, fail, must_wait, report, setting};
use openapi_generator::apis::configuration::{ApiKey, Configuration};
use openapi_generator::apis::{Error, clusters_api, organization_api, sku_api};
use openapi_generator::models::{CloudProvider, CreateClusterRequest, EloqModule, SkuType};

fn ok<T, E>(reply: Result<T, Error<E>>) -> T {
    match reply {
        Ok(reply) => reply,
        Err(Error::ResponseError(refused)) => fail(format!("HTTP {}: {}", refused.status, refused.content)),
        Err(error) => fail(error),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let config = Configuration {
        base_path: setting("ELOQ_BASE_URL"),
        client: reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap(),
        api_key: Some(ApiKey { prefix: None, key: setting("ELOQ_API_KEY") }),
        ..Configuration::default()
    };

    let account = ok(organization_api::org_info(&config).await);
    let org = check(account.code, &account.message, account.data.flatten()).unwrap().org_info;
    let (org, project) = (org.org_id, org.projects.flatten().unwrap()[0].project_id);

    let listed = ok(clusters_api::list_clusters(&config, org, project, 1, 50).await);
    let page = check(listed.code, &listed.message, listed.data.flatten()).unwrap();
    if !page.cluster_list.flatten().unwrap_or_default().iter().any(|each| each.cluster_name == "demo") {
        let filters = (SkuType::Serverless, EloqModule::Eloqkv, CloudProvider::Aws);
        let skus = ok(sku_api::list_skus(&config, filters.0, filters.1, filters.2).await);
        let sku_id = check(skus.code, &skus.message, skus.data.flatten()).unwrap()[0].sku_id;
        let request = CreateClusterRequest::new("demo".into(), "us-west-1".into(), sku_id);
        let created = ok(clusters_api::create_cluster(&config, org, project, request).await);
        check(created.code, &created.message, ());
    }

    let cluster = loop {
        let described = ok(clusters_api::describe_cluster(&config, org, project, "demo").await);
        let cluster = check(described.code, &described.message, described.data.flatten()).unwrap();
        if !must_wait(&cluster.status, &cluster.elb_state) {
            break cluster;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    report(&cluster.admin_user, &cluster.admin_password, &cluster.elb_addr, cluster.elb_port);

    let deleted = ok(clusters_api::delete_cluster(&config, org, project, "demo").await);
    check(deleted.code, &deleted.message, ());
}
