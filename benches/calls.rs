//! Makes calls, and prints how long they took in nanoseconds: `calls sdk|hand CALLS TASKS`, or `calls all CONCURRENCY` to
//! describe every cluster. The service is that of `ELOQ_BASE_URL` and `ELOQ_API_KEY`.

use std::env;
use std::error::Error;
use std::time::Instant;

use eloq_sdk::EloqApi;
use eloq_sdk_benches::Client;

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    // One thread, so that instructions are the same in every run.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match arguments[..] {
            ["all", concurrency] => {
                let began = Instant::now();
                let all = EloqApi::from_environ()?.describe_all().concurrency(concurrency.parse()?).await?;
                let done = all.iter().filter(|each| each.result.is_ok()).count();
                println!("{} {done}", began.elapsed().as_nanos());
            }
            [which, calls, tasks] => {
                let client = Client::connect(which).await?;
                // The connection and the caches are warm.
                client.describe_many(10, 1).await?;
                let began = Instant::now();
                client.describe_many(calls.parse()?, tasks.parse()?).await?;
                println!("{}", began.elapsed().as_nanos());
            }
            _ => return Err("usage: calls sdk|hand CALLS TASKS, or calls all CONCURRENCY".into()),
        }
        Ok(())
    })
}
