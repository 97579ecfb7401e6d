//! Counts heap allocations: `allocations sdk|hand` prints blocks and bytes per call.

use std::env;
use std::error::Error;

use eloq_sdk_benches::Client;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

const CALLS: usize = 200;

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let which = env::args().nth(1).ok_or("usage: allocations sdk|hand")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let _profiler = dhat::Profiler::builder().testing().build();
    runtime.block_on(async {
        let client = Client::connect(&which).await?;
        client.describe_many(10, 1).await?;
        let before = dhat::HeapStats::get();
        client.describe_many(CALLS, 1).await?;
        let after = dhat::HeapStats::get();
        let per_call = |after: u64, before: u64| (after - before) as f64 / CALLS as f64;
        let blocks = per_call(after.total_blocks, before.total_blocks);
        println!("{blocks:.2} {:.0}", per_call(after.total_bytes, before.total_bytes));
        Ok(())
    })
}
