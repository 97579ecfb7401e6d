//! One client for a whole program: created once, cloned into every task, closed at the end.
//!
//! `cargo run --example shared_client` needs no account; set `ELOQ_API_KEY` to use yours.

use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

use eloq_sdk::EloqApi;
use tokio::task::JoinSet;

mod support;

const TASKS: usize = 50;

/// The state that web frameworks pass to each handler. It needs no `Arc` and no lock.
#[derive(Clone)]
struct App {
    eloq: EloqApi,
}

impl App {
    async fn status_page(&self) -> eloq_sdk::Result<String> {
        let clusters = self.eloq.clusters().await?.cluster_list;
        let lines = clusters.iter().map(|cluster| format!("{} is {}", cluster.cluster_name, cluster.status));
        Ok(lines.collect::<Vec<_>>().join(", "))
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    support::run(shared_client).await
}

async fn shared_client(client: EloqApi) -> Result<(), Box<dyn Error>> {
    let app = App { eloq: client };
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let app = app.clone();
        tasks.spawn(async move { app.status_page().await });
    }
    let mut pages = Vec::new();
    while let Some(page) = tasks.join_next().await {
        pages.push(page??);
    }
    // The first task fetched the organization and project; the others waited for that response.
    println!("{} pages by {TASKS} tasks in {} ms", pages.len(), start.elapsed().as_millis());
    println!("  {}", pages.first().ok_or("no pages")?);

    // Closing one clone closes all, even if tasks still hold theirs.
    let clone = app.clone();
    app.eloq.close();
    if let Err(error) = clone.status_page().await {
        println!("\nAfter close():\n  {error:#}");
    }
    Ok(())
}
