//! Makes calls and prints their duration in nanoseconds. `calls sdk|hand CALLS TASKS` uses one client; `calls pairs CALLS TASKS
//! PAIRS` alternates both clients and prints one line for each pair; `calls all CONCURRENCY` describes every cluster.
//! `ELOQ_BASE_URL` and `ELOQ_API_KEY` select the service.

use std::env;
use std::time::Instant;

use eloq_sdk::EloqApi;
use eloq_sdk_benches::{Client, Failure};

fn main() -> Result<(), Failure> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    // One thread, so that every run executes the same instructions.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match arguments[..] {
            ["all", concurrency] => {
                let began = Instant::now();
                let all = EloqApi::from_environ()?.describe_all().concurrency(concurrency.parse()?).await?;
                let done = all.iter().filter(|each| each.result.is_ok()).count();
                println!("{} {done}", began.elapsed().as_nanos());
            }
            ["pairs", calls, tasks, pairs] => {
                let (sdk, hand) = (Client::connect("sdk").await?, Client::connect("hand").await?);
                let (calls, tasks) = (calls.parse()?, tasks.parse()?);
                // Warms up connections and caches.
                timed(&sdk, calls, tasks).await?;
                timed(&hand, calls, tasks).await?;
                for pair in 0..pairs.parse()? {
                    // The order can affect the duration, so it alternates.
                    let (of_sdk, of_hand) = if pair % 2 == 0 {
                        let of_sdk = timed(&sdk, calls, tasks).await?;
                        (of_sdk, timed(&hand, calls, tasks).await?)
                    } else {
                        let of_hand = timed(&hand, calls, tasks).await?;
                        (timed(&sdk, calls, tasks).await?, of_hand)
                    };
                    println!("{of_sdk} {of_hand}");
                }
            }
            [which, calls, tasks] => {
                let client = Client::connect(which).await?;
                client.describe_many(10, 1).await?;
                println!("{}", timed(&client, calls.parse()?, tasks.parse()?).await?);
            }
            _ => {
                return Err(
                    "usage: calls sdk|hand CALLS TASKS, calls pairs CALLS TASKS PAIRS, or calls all CONCURRENCY".into(),
                );
            }
        }
        Ok(())
    })
}

async fn timed(client: &Client, calls: usize, tasks: usize) -> Result<u128, Failure> {
    let began = Instant::now();
    client.describe_many(calls, tasks).await?;
    Ok(began.elapsed().as_nanos())
}
