//! Measures wall time per call, sequential and 64 at once: `cargo bench`.

use std::error::Error;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use eloq_sdk::simulator::Simulator;
use eloq_sdk_benches::{CLUSTER, Client};
use tokio::runtime::Runtime;

/// Starts the simulator on a separate runtime.
fn service() -> Result<(Runtime, Simulator), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let simulator = runtime.block_on(Simulator::builder().record_limit(0).cluster(CLUSTER).start())?;
    Ok((runtime, simulator))
}

fn calls(criterion: &mut Criterion) {
    let (_service, simulator) = service().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (group, tasks) in [("sequential", 1), ("64 at once", 64)] {
        let mut group = criterion.benchmark_group(group);
        group.throughput(Throughput::Elements(tasks as u64));
        for which in ["sdk", "hand"] {
            let connecting = Client::connect(which, simulator.base_url(), simulator.api_key());
            let client = runtime.block_on(connecting).unwrap();
            group.bench_function(which, |bencher| {
                bencher.to_async(&runtime).iter(async || black_box(client.describe_many(tasks, tasks).await).unwrap());
            });
        }
        group.finish();
    }
}

criterion_group!(benches, calls);
criterion_main!(benches);
