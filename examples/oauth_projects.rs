//! An OAuth token that reaches several projects: which one is meant, and how to work on all of them.
//!
//! Without an account: `cargo run --example oauth_projects`. With one, set `ELOQ_OAUTH_TOKEN` before.

use std::error::Error;
use std::process::ExitCode;

use eloq_sdk::simulator::Simulator;
use eloq_sdk::{EloqApi, EloqApiBuilder, ProjectPolicy};

#[tokio::main]
async fn main() -> ExitCode {
    match choose_service().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn oauth_projects(builder: EloqApiBuilder) -> Result<(), Box<dyn Error>> {
    // With a token, a project is never guessed: a wrong guess could create or delete in the wrong place.
    match builder.clone().connect().await {
        Ok(_) => println!("The account has one project, or ELOQ_PROJECT_ID chooses one."),
        Err(error) => println!("Nothing chosen:\n  {error}"),
    }

    // Unless the builder says how to guess.
    let client = builder.project_policy(ProjectPolicy::Newest).connect().await?;
    println!("\nThe newest project: {} clusters", client.clusters().await?.total);

    println!("\nEvery project, over the same connections:");
    for project in client.projects().await? {
        let clusters = client.with_project(project.project_id).clusters().await?;
        println!("  {:>6} {:<12} {} clusters", project.project_id, project.project_name, clusters.total);
        for cluster in clusters.cluster_list {
            println!("         {:<12} {}", cluster.cluster_name, cluster.status);
        }
    }

    println!("\nA project that is not there:");
    if let Err(error) = client.with_project(999_999).clusters().await {
        println!("  {error}");
    }
    Ok(())
}

async fn choose_service() -> Result<(), Box<dyn Error>> {
    if let Ok(token) = std::env::var("ELOQ_OAUTH_TOKEN")
        && !token.trim().is_empty()
    {
        return oauth_projects(EloqApi::builder().token(token)).await;
    }
    println!("ELOQ_OAUTH_TOKEN is not set: this talks to the embedded simulator, not to EloqCloud.\n");
    let simulator = Simulator::builder().token("some-token").project(148, "staging").project(149, "playground");
    let simulator = simulator.cluster("orders").cluster("sessions").start().await?;
    oauth_projects(EloqApi::builder().token("some-token").base_url(simulator.base_url())).await
}
