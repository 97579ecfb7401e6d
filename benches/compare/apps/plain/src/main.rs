//! The quick start without the crate.

use std::env;
use std::error::Error;

use serde::Deserialize;

#[derive(Deserialize)]
struct Envelope<T> {
    data: T,
}

#[derive(Deserialize)]
struct User {
    org_info: Org,
}

#[derive(Deserialize)]
struct Org {
    org_id: i64,
    org_name: String,
    projects: Vec<Project>,
}

#[derive(Deserialize)]
struct Project {
    project_id: i64,
}

#[derive(Deserialize)]
struct Clusters {
    total: i64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (key, base) = (env::var("ELOQ_API_KEY")?, env::var("ELOQ_BASE_URL")?);
    let client = reqwest::Client::new();
    let get = |path: String| client.get(format!("{base}{path}")).header("Authorization", &key).send();

    let account: Envelope<User> = get("org-info".to_owned()).await?.error_for_status()?.json().await?;
    let Org { org_id, org_name, projects } = account.data.org_info;
    println!("Organization: {org_name}");
    let project_id = projects.first().ok_or("no project")?.project_id;
    let path = format!("orgs/{org_id}/projects/{project_id}/clusters?page=1&perPage=20");
    let clusters: Envelope<Clusters> = get(path).await?.error_for_status()?.json().await?;
    println!("Found {} clusters", clusters.data.total);
    Ok(())
}
