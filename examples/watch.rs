//! Creates a cluster and deletes it again, and shows how far each is: one line that is redrawn on a terminal, and a line for
//! each change where stdout is a file or a pipe.
//!
//! Without an account: `cargo run --example watch`. With one, set `ELOQ_API_KEY` before. If it is stopped halfway, the cluster
//! stays: `cargo run --example watch -- --delete` deletes it.

use std::error::Error;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use eloq_sdk::schema::{CloudProvider, EloqModule, SkuType};
use eloq_sdk::{ClusterCredentials, EloqApi, Wait};
use tokio::time::interval;

mod support;

const CLUSTER: &str = "watched";
const TICK: Duration = Duration::from_millis(100);
/// A line that is wrapped cannot be redrawn.
const MOST_COLUMNS: usize = 60;

#[tokio::main]
async fn main() -> ExitCode {
    support::run(watch).await
}

async fn watch(client: EloqApi) -> Result<(), Box<dyn Error>> {
    if std::env::args().any(|argument| argument == "--delete") {
        return delete(&client).await;
    }
    let skus = client.get_skus(SkuType::Serverless, EloqModule::EloqKv, CloudProvider::Aws).await?;
    let sku = skus.first().ok_or("there is no SKU to create a cluster with")?;

    writeln!(
        io::stdout(),
        "Creating {CLUSTER}; `cargo run --example watch -- --delete` deletes it if this is stopped."
    )?;
    let creating = client.cluster_create(CLUSTER, "us-west-1", sku.sku_id).wait();
    let done = match show(creating, "can be connected to").await {
        Ok(credentials) => connect_and_delete(&client, &credentials).await,
        Err(error) if was_refused(&*error) => return Err(error),
        Err(error) => Err(error),
    };
    done.inspect_err(|_| {
        eprintln!("{CLUSTER} may still be there: delete it with `cargo run --example watch -- --delete`");
    })
}

async fn connect_and_delete(client: &EloqApi, credentials: &ClusterCredentials) -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout();
    writeln!(out, "  address  {}:{}", credentials.host, credentials.port)?;
    writeln!(out, "  user     {}", credentials.username)?;
    writeln!(out, "  URL      {}; expose() has it all\n", credentials.connection_url()?)?;
    delete(client).await
}

async fn delete(client: &EloqApi) -> Result<(), Box<dyn Error>> {
    writeln!(io::stdout(), "Deleting {CLUSTER}.")?;
    show(client.cluster_delete(CLUSTER).wait(), "is gone").await
}

/// Whether there is certainly nothing to delete: the wait after the order did not begin, and the order was answered.
fn was_refused(error: &(dyn Error + 'static)) -> bool {
    let error = error.downcast_ref::<eloq_sdk::Error>();
    error.is_some_and(|error| error.waited().is_none() && !matches!(error, eloq_sdk::Error::OutcomeUnknown { .. }))
}

/// Shows what a wait sees until it ends, and gives its outcome.
async fn show<T: Send + 'static>(mut wait: Wait<T>, goal: &str) -> Result<T, Box<dyn Error>> {
    let mut progress = Progress::begin();
    let mut ticks = interval(TICK);
    loop {
        // What loses is dropped; a wait goes on where it was with the next call of `next`.
        tokio::select! {
            state = wait.next() => match state {
                Some(state) => progress.change(state.to_string())?,
                None => break,
            },
            _ = ticks.tick() => progress.tick()?,
        }
    }
    progress.end()?;
    let outcome = wait.await?;
    writeln!(io::stdout(), "✅ {CLUSTER} {goal} after {:.1} s", progress.start.elapsed().as_secs_f32())?;
    Ok(outcome)
}

/// A line of progress on a terminal, lines of a log elsewhere.
struct Progress {
    start: Instant,
    terminal: bool,
    frames: std::iter::Cycle<std::str::Chars<'static>>,
    state: String,
}

impl Progress {
    fn begin() -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
        Self {
            start: Instant::now(),
            terminal: io::stdout().is_terminal() && !dumb,
            frames: r"|/-\".chars().cycle(),
            state: "ordered".to_owned(),
        }
    }

    fn change(&mut self, state: String) -> io::Result<()> {
        self.state = state;
        if self.terminal {
            return self.tick();
        }
        writeln!(io::stdout(), "  {:>5.1} s  {}", self.start.elapsed().as_secs_f32(), self.state)
    }

    /// Draws the line again, over the one before.
    fn tick(&mut self) -> io::Result<()> {
        if !self.terminal {
            return Ok(());
        }
        let (seconds, frame) = (self.start.elapsed().as_secs_f32(), self.frames.next().unwrap_or(' '));
        // The code at the end erases what is left of a longer line.
        write!(io::stdout(), "\r{frame} {seconds:>5.1} s  {:.MOST_COLUMNS$}\x1b[K", self.state)?;
        io::stdout().flush()
    }

    /// Leaves an empty line for what comes next.
    fn end(&self) -> io::Result<()> {
        if !self.terminal {
            return Ok(());
        }
        write!(io::stdout(), "\r\x1b[K")?;
        io::stdout().flush()
    }
}
