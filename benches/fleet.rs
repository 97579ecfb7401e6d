//! Time, requests and peak memory of listing and planning many clusters, in a process apart from that of the service.
//!
//! `cargo run --release --manifest-path benches/Cargo.toml --bin fleet` prints a table.

use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use eloq_sdk::simulator::{SeededCluster, Simulator};
use eloq_sdk::{ClusterSpec, DesiredState, EloqApi};

/// Clusters and projects.
const SIZES: [(usize, usize); 7] = [(100, 1), (1000, 1), (10_000, 1), (100, 20), (1000, 20), (5000, 20), (10_000, 20)];
const REGION: &str = "us-west-1";
const SKU: i64 = 101;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn name(number: usize) -> String {
    format!("cluster-{number:05}")
}

fn project(number: usize, projects: usize) -> i64 {
    147 + (number % projects) as i64
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |index: usize| {
        arguments.get(index).ok_or("too few arguments")?.parse::<usize>().map_err(Box::<dyn Error>::from)
    };
    match arguments.get(1).map(String::as_str) {
        Some("serve") => serve(number(2)?, number(3)?).await,
        Some(work) => measure(work, &arguments[2], number(3)?, number(4)?).await,
        None => {
            println!("| clusters | projects | work | requests | time | peak memory |\n|---|---|---|---|---|---|");
            SIZES.iter().try_for_each(|&(clusters, projects)| {
                ["list", "plan"].iter().try_for_each(|work| run(work, clusters, projects))
            })
        }
    }
}

/// Measures one piece of work in a process of its own, and prints a row of the table.
fn run(work: &str, clusters: usize, projects: usize) -> Outcome<()> {
    let program = std::env::current_exe()?;
    let size = [clusters.to_string(), projects.to_string()];
    let mut server =
        Command::new(&program).arg("serve").args(&size).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut lines = BufReader::new(server.stdout.take().ok_or("no output")?).lines();
    let url = lines.next().ok_or("no URL")??;
    let measured = Command::new(&program).arg(work).arg(&url).args(&size).output()?;
    if !measured.status.success() {
        return Err(String::from_utf8_lossy(&measured.stderr).into());
    }
    server.stdin.take().ok_or("no input")?.write_all(b"\n")?;
    let requests = lines.next().ok_or("no count")??;
    server.wait()?;
    let figures = String::from_utf8(measured.stdout)?;
    println!("| {clusters} | {projects} | {work} | {requests} | {} |", figures.trim());
    Ok(())
}

/// Serves until a line comes, then prints how many requests it received.
async fn serve(clusters: usize, projects: usize) -> Outcome<()> {
    let mut builder = Simulator::builder().api_key("key").cluster_limit(None).record_limit(usize::MAX);
    builder = (1..projects)
        .fold(builder, |builder, index| builder.project(147 + index as i64, format!("project{}", index + 1)));
    let seeds = (0..clusters).map(|number| SeededCluster::new(name(number)).project(project(number, projects)));
    let seeds = seeds.map(|seed| seed.region(REGION).sku(SKU).age(Duration::from_secs(86_400)));
    let simulator = seeds.fold(builder, |builder, seed| builder.cluster(seed)).start().await?;
    println!("{}", simulator.base_url());
    tokio::task::spawn_blocking(|| std::io::stdin().lock().read_line(&mut String::new())).await??;
    println!("{}", simulator.requests().len());
    Ok(())
}

async fn measure(work: &str, url: &str, clusters: usize, projects: usize) -> Outcome<()> {
    let client = EloqApi::from_key_and_url("key", url)?;
    let start = Instant::now();
    if work == "list" {
        let mut listed = 0;
        for project in 0..projects {
            let mut all = client.with_project(147 + project as i64).clusters().stream();
            while all.next().await.transpose()?.is_some() {
                listed += 1;
            }
        }
        assert_eq!(listed, clusters);
    } else {
        let mut desired = DesiredState::default();
        for number in 0..clusters {
            desired = desired.cluster_in(project(number, projects), ClusterSpec::new(name(number), REGION, SKU));
        }
        let plan = client.plan(desired).prune(true).await?;
        assert!(!plan.has_changes() && plan.clusters.len() == clusters);
    }
    println!("{:.0} ms | {:.1} MiB", start.elapsed().as_secs_f64() * 1e3, peak_memory()? as f64 / 1024.0);
    Ok(())
}

/// In KiB, from Linux.
fn peak_memory() -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no peak memory")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
