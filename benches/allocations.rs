//! Counts heap allocations: `allocations current|multi|blocking sdk|hand` prints blocks and bytes per call.

use std::env;

use eloq_sdk_benches::Outcome;
use eloq_sdk_benches::calls::Mode;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

const CALLS: usize = 200;

fn main() -> Outcome<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let [mode, which] = &arguments[..] else {
        return Err("usage: allocations current|multi|blocking sdk|hand".into());
    };
    let _profiler = dhat::Profiler::builder().testing().build();
    let client = Mode::new(mode)?.connect(which)?;
    client.describe_many(10, 1)?;
    let before = dhat::HeapStats::get();
    client.describe_many(CALLS, 1)?;
    let after = dhat::HeapStats::get();
    let per_call = |after: u64, before: u64| (after - before) as f64 / CALLS as f64;
    let blocks = per_call(after.total_blocks, before.total_blocks);
    println!("{blocks:.2} {:.0}", per_call(after.total_bytes, before.total_bytes));
    Ok(())
}
