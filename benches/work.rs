//! Measures a piece of work. `ELOQ_BASE_URL` and `ELOQ_API_KEY` select the service, `ELOQ_TLS_URL` and `ELOQ_TLS_CA` its TLS.
//!
//! `work time KIND SIZE ROUNDS BATCH CLIENT…` prints a line for each round: for each client (`sdk`, `hand` or `socket`) the wall time
//! and the processor time of one piece, in nanoseconds; and at last the peak memory of the process in KiB. `work wire KIND SIZE CLIENT`
//! prints connections, requests, and bytes sent and received.

#![allow(clippy::disallowed_methods, reason = "a separate program measures real time")]

use std::env;
use std::time::{Duration, Instant};

use eloq_sdk_benches::process::{peak_memory, processor_time};
use eloq_sdk_benches::work::{IDLE, Kind, Wire, Work, Worker};
use eloq_sdk_benches::{Outcome, Service};
use tokio::time::{sleep, sleep_until};

/// Between two calls after a pause, so that none of them finds the caches as another left them.
const STAGGER: Duration = Duration::from_millis(10);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["wire", kind, size, which] => {
            let work = Work::new(kind, size, Service::from_environ()?)?;
            let Wire { connections, requests, sent, received } = work.wire(which).await?;
            println!("{connections} {requests} {sent} {received}");
        }
        ["time", kind, size, rounds, batch, ref clients @ ..] if !clients.is_empty() => {
            let work = Work::new(kind, size, Service::from_environ()?)?;
            let (rounds, batch) = (rounds.parse()?, batch.parse()?);
            match work.kind {
                Kind::Idle => idle(&work, rounds, clients).await?,
                _ => busy(&work, rounds, batch, clients).await?,
            }
            println!("{}", peak_memory()?);
        }
        _ => return Err("usage: work time KIND SIZE ROUNDS BATCH CLIENT…, or work wire KIND SIZE CLIENT".into()),
    }
    Ok(())
}

async fn busy(work: &Work, rounds: usize, batch: u32, clients: &[&str]) -> Outcome<()> {
    let mut workers = Vec::new();
    for which in clients {
        let mut worker = work.worker(which).await?;
        // A watch runs until the service ends it, so it runs once.
        if work.kind != Kind::Watch {
            work.run(&mut worker).await?;
        }
        workers.push(worker);
    }
    for round in 0..rounds {
        print_round(work, &mut workers, round, batch, Duration::ZERO).await?;
    }
    Ok(())
}

/// Each round has clients of its own, all of which are idle during the same time.
async fn idle(work: &Work, rounds: usize, clients: &[&str]) -> Outcome<()> {
    let mut idle = Vec::new();
    let workers_in_round = u32::try_from(clients.len())?;
    for _ in 0..rounds {
        let mut workers = Vec::new();
        for which in clients {
            let mut worker = work.worker(which).await?;
            work.run(&mut worker).await?;
            workers.push(worker);
        }
        idle.push((tokio::time::Instant::now() + IDLE, workers));
        sleep(STAGGER * workers_in_round).await;
    }
    for (round, (time, workers)) in idle.iter_mut().enumerate() {
        sleep_until(*time).await;
        print_round(work, workers, round, 1, STAGGER).await?;
    }
    Ok(())
}

/// Each client is the first in turn, since the order can affect the duration. `pause` comes before each.
async fn print_round(work: &Work, workers: &mut [Worker], round: usize, batch: u32, pause: Duration) -> Outcome<()> {
    let mut figures = vec![String::new(); workers.len()];
    for step in 0..workers.len() {
        let index = (round + step) % workers.len();
        if !pause.is_zero() {
            sleep(pause).await;
        }
        let (began, used) = (Instant::now(), processor_time());
        for _ in 0..batch {
            work.run(&mut workers[index]).await?;
        }
        let (wall, processor) = (began.elapsed() / batch, (processor_time() - used) / batch);
        figures[index] = format!("{} {}", wall.as_nanos(), processor.as_nanos());
    }
    println!("{}", figures.join(" "));
    Ok(())
}
