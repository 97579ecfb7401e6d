//! Runs the simulator for the benches in a separate process. `server CLUSTERS LATENCY_MS` prints its address and API key, and
//! exits at the end of standard input.

use std::env;
use std::error::Error;
use std::time::Duration;

use eloq_sdk::simulator::Simulator;
use tokio::io::AsyncReadExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let clusters: usize = arguments.next().ok_or("usage: server CLUSTERS LATENCY_MS")?.parse()?;
    let latency = Duration::from_millis(arguments.next().ok_or("usage: server CLUSTERS LATENCY_MS")?.parse()?);
    let builder = Simulator::builder().cluster_limit(None).record_limit(0).latency(latency);
    let builder = (1..=clusters).fold(builder, |builder, number| builder.cluster(format!("cluster-{number}")));
    let simulator = builder.start().await?;
    println!("{} {}", simulator.base_url(), simulator.api_key());
    // Standard input ends when the parent process exits.
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    Ok(())
}
