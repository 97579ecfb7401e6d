//! The first call: the user, organization and projects of the key.

use std::error::Error;
use std::process::ExitCode;

use eloq_sdk::EloqApi;

mod support;

#[tokio::main]
async fn main() -> ExitCode {
    support::run(first_call).await
}

async fn first_call(client: EloqApi) -> Result<(), Box<dyn Error>> {
    let account = client.info().await?;
    let org = account.org_info;

    println!("=== Organization ===");
    println!("Organization:    {}", org.org_name);
    println!("Organization ID: {}", org.org_id);
    println!("User:            {}", account.user_name);
    println!("Email:           {}", account.email);
    println!("Created:         {}", account.create_at);
    println!("Roles:           {}", org.roles.join(", "));
    println!("Projects:        {}", org.projects.len());
    for project in org.projects {
        println!("  {} (id {})", project.project_name, project.project_id);
    }
    Ok(())
}
