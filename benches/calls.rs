//! Makes calls and prints their duration in nanoseconds. RUNTIME is `current`, `multi` or `blocking`. `calls RUNTIME sdk|hand CALLS
//! TASKS` uses one client; `calls RUNTIME pairs CALLS TASKS PAIRS` alternates both clients and prints one line for each pair;
//! `calls all CONCURRENCY` describes every cluster. `ELOQ_BASE_URL` and `ELOQ_API_KEY` select the service.

#![allow(clippy::disallowed_methods, reason = "a separate program measures real time")]

use std::env;
use std::time::Instant;

use eloq_sdk::EloqApi;
use eloq_sdk_benches::calls::{Caller, Mode};
use eloq_sdk_benches::{Failure, Outcome};

fn main() -> Outcome<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["all", concurrency] => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let began = Instant::now();
                let all = EloqApi::from_environ()?.describe_all().concurrency(concurrency.parse()?).await?;
                let done = all.iter().filter(|each| each.result.is_ok()).count();
                println!("{} {done}", began.elapsed().as_nanos());
                Ok::<_, Failure>(())
            })?;
        }
        [mode, "pairs", calls, tasks, pairs] => {
            let mode = Mode::new(mode)?;
            let (sdk, hand) = (mode.connect("sdk")?, mode.connect("hand")?);
            let (calls, tasks) = (calls.parse()?, tasks.parse()?);
            // Warms up connections and caches.
            timed(&sdk, calls, tasks)?;
            timed(&hand, calls, tasks)?;
            for pair in 0..pairs.parse()? {
                // The order can affect the duration, so it alternates.
                let (of_sdk, of_hand) = if pair % 2 == 0 {
                    let of_sdk = timed(&sdk, calls, tasks)?;
                    (of_sdk, timed(&hand, calls, tasks)?)
                } else {
                    let of_hand = timed(&hand, calls, tasks)?;
                    (timed(&sdk, calls, tasks)?, of_hand)
                };
                println!("{of_sdk} {of_hand}");
            }
        }
        [mode, which, calls, tasks] => {
            let client = Mode::new(mode)?.connect(which)?;
            client.describe_many(10, 1)?;
            println!("{}", timed(&client, calls.parse()?, tasks.parse()?)?);
        }
        _ => {
            let usage = "usage: calls RUNTIME sdk|hand CALLS TASKS, calls RUNTIME pairs CALLS TASKS PAIRS, or calls all CONCURRENCY";
            return Err(usage.into());
        }
    }
    Ok(())
}

fn timed(client: &Caller, calls: usize, tasks: usize) -> Outcome<u128> {
    let began = Instant::now();
    client.describe_many(calls, tasks)?;
    Ok(began.elapsed().as_nanos())
}
