//! An OAuth token for several projects: how to select one, and how to work on all of them.
//!
//! `cargo run --example oauth_projects` needs no account; set `ELOQ_OAUTH_TOKEN` to use yours.

#[path = "support/report.rs"]
mod report;

use std::error::Error;
use std::process::ExitCode;

use eloq_sdk::simulator::Simulator;
use eloq_sdk::{EloqApi, EloqApiBuilder, ProjectPolicy};

#[tokio::main]
async fn main() -> ExitCode {
    report::report(run().await)
}

async fn oauth_projects(builder: EloqApiBuilder) -> Result<(), Box<dyn Error>> {
    // A client with a token never guesses a project: it could create or delete in the wrong one.
    match builder.clone().connect().await {
        Ok(_) => println!("The account has one project, or ELOQ_PROJECT_ID selects one."),
        Err(error) => println!("No project selected:\n  {error:#}"),
    }

    // Unless the builder sets a policy.
    let client = builder.project_policy(ProjectPolicy::Newest).connect().await?;
    println!("\nThe newest project: {} clusters", client.clusters().await?.total);

    println!("\nAll projects, over the same connections:");
    for project in client.projects().await? {
        let clusters = client.with_project(project.project_id).clusters().await?;
        println!("  {:>6} {:<12} {} clusters", project.project_id, project.project_name, clusters.total);
        for cluster in clusters.cluster_list {
            println!("         {:<12} {}", cluster.cluster_name, cluster.status);
        }
    }

    println!("\nA project that does not exist:");
    if let Err(error) = client.with_project(999_999).clusters().await {
        println!("  {error:#}");
    }
    Ok(())
}

async fn run() -> Result<(), Box<dyn Error>> {
    if let Ok(token) = std::env::var("ELOQ_OAUTH_TOKEN")
        && !token.trim().is_empty()
    {
        return oauth_projects(EloqApi::builder().token(token)).await;
    }
    println!("ELOQ_OAUTH_TOKEN is not set: using the embedded simulator instead of EloqCloud.\n");
    let simulator = Simulator::builder().token("some-token").project(148, "staging").project(149, "playground");
    let simulator = simulator.cluster("orders").cluster("sessions").start().await?;
    oauth_projects(EloqApi::builder().token("some-token").base_url(simulator.base_url())).await
}
