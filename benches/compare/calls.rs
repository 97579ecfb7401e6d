//! The same calls by either client on three runtimes: current-thread, multi-threaded, and blocking.

use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};

use crate::blocking::Blocking;
use crate::{Client, Outcome, Service};

#[derive(Clone)]
pub enum Mode {
    /// One thread, so that every run executes the same instructions.
    Current(Arc<Runtime>),
    /// Two worker threads. The calls run in spawned tasks, since the thread of `block_on` is not a worker.
    Multi(Arc<Runtime>),
    Blocking,
}

pub enum Caller {
    Async(Mode, Client),
    Blocking(Blocking),
}

impl Mode {
    pub fn new(name: &str) -> Outcome<Self> {
        Ok(match name {
            "current" => Self::Current(Arc::new(Builder::new_current_thread().enable_all().build()?)),
            "multi" => Self::Multi(Arc::new(Builder::new_multi_thread().worker_threads(2).enable_all().build()?)),
            "blocking" => Self::Blocking,
            other => return Err(format!("unknown runtime {other}: use current, multi or blocking").into()),
        })
    }

    pub fn connect(&self, which: &str) -> Outcome<Caller> {
        let Service { base, key, .. } = Service::from_environ()?;
        Ok(match self {
            Self::Current(runtime) | Self::Multi(runtime) => {
                Caller::Async(self.clone(), runtime.block_on(Client::connect(which, &base, &key))?)
            }
            Self::Blocking => Caller::Blocking(Blocking::connect(which, &base, &key)?),
        })
    }
}

impl Caller {
    /// Makes `calls` calls, divided among `tasks` tasks or threads.
    pub fn describe_many(&self, calls: usize, tasks: usize) -> Outcome<()> {
        match self {
            Self::Async(Mode::Multi(runtime), client) => {
                let client = client.clone();
                runtime.block_on(runtime.spawn(async move { client.describe_many(calls, tasks).await }))?
            }
            Self::Async(Mode::Current(runtime), client) => runtime.block_on(client.describe_many(calls, tasks)),
            Self::Async(Mode::Blocking, _) => unreachable!("a blocking client is no async one"),
            Self::Blocking(client) => client.describe_many(calls, tasks),
        }
    }
}
