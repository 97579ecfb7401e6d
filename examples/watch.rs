//! Creates and deletes a cluster and shows the progress: one redrawn line on a terminal, a line for each change in a file or
//! pipe.
//!
//! `cargo run --example watch` needs no account; set `ELOQ_API_KEY` to use yours. If you stop it early, the cluster remains:
//! `cargo run --example watch -- --delete` deletes it.

use std::error::Error;
use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use eloq_sdk::schema::{CloudProvider, EloqModule, SkuType};
use eloq_sdk::{ClusterCredentials, EloqApi, Wait};
use tokio::time::interval;

mod support;

const CLUSTER: &str = "watched";
const REDRAW_INTERVAL: Duration = Duration::from_millis(100);
/// A wrapped line cannot be redrawn.
const MAX_COLUMNS: usize = 60;

#[tokio::main]
async fn main() -> ExitCode {
    support::run(watch).await
}

async fn watch(client: EloqApi) -> Result<(), Box<dyn Error>> {
    if std::env::args().any(|argument| argument == "--delete") {
        return delete(&client).await;
    }
    let skus = client.get_skus(SkuType::Serverless, EloqModule::EloqKv, CloudProvider::Aws).await?;
    let sku = skus.first().ok_or("no SKUs available")?;

    writeln!(
        io::stdout(),
        "Creating {CLUSTER}. If you stop this program, delete it with `cargo run --example watch -- --delete`."
    )?;
    let creating = client.cluster_create(CLUSTER, "us-west-1", sku.sku_id).wait();
    let result = match show_progress(creating, "is connectable").await {
        Ok(credentials) => connect_and_delete(&client, &credentials).await,
        Err(error) if was_not_created(&*error) => return Err(error),
        Err(error) => Err(error),
    };
    result.inspect_err(|_| {
        eprintln!("{CLUSTER} may still exist: delete it with `cargo run --example watch -- --delete`");
    })
}

async fn connect_and_delete(client: &EloqApi, credentials: &ClusterCredentials) -> Result<(), Box<dyn Error>> {
    let mut out = io::stdout();
    writeln!(out, "  address  {}:{}", credentials.host, credentials.port)?;
    writeln!(out, "  user     {}", credentials.username)?;
    writeln!(out, "  URL      {}; expose() returns it\n", credentials.connection_url()?)?;
    delete(client).await
}

async fn delete(client: &EloqApi) -> Result<(), Box<dyn Error>> {
    writeln!(io::stdout(), "Deleting {CLUSTER}.")?;
    show_progress(client.cluster_delete(CLUSTER).when_deletable().wait(), "is deleted").await
}

/// Whether the create request certainly failed: the wait after it did not begin, and its outcome is known.
fn was_not_created(error: &(dyn Error + 'static)) -> bool {
    let error = error.downcast_ref::<eloq_sdk::Error>();
    error.is_some_and(|error| error.waited().is_none() && !matches!(error, eloq_sdk::Error::OutcomeUnknown { .. }))
}

/// Shows the states of a wait and returns its outcome.
async fn show_progress<T: Send + 'static>(mut wait: Wait<T>, goal: &str) -> Result<T, Box<dyn Error>> {
    let mut progress = Progress::new();
    let mut ticks = interval(REDRAW_INTERVAL);
    loop {
        // `select!` drops the future that is not ready; dropping that of `next` loses nothing.
        tokio::select! {
            state = wait.next() => match state {
                Some(state) => progress.set_state(state.to_string())?,
                None => break,
            },
            _ = ticks.tick() => progress.redraw()?,
        }
    }
    progress.clear()?;
    let outcome = wait.await?;
    writeln!(io::stdout(), "✅ {CLUSTER} {goal} after {:.1} s", progress.start.elapsed().as_secs_f32())?;
    Ok(outcome)
}

/// One progress line on a terminal, log lines elsewhere.
struct Progress {
    start: Instant,
    terminal: bool,
    frames: std::iter::Cycle<std::str::Chars<'static>>,
    state: String,
}

impl Progress {
    fn new() -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
        Self {
            start: Instant::now(),
            terminal: io::stdout().is_terminal() && !dumb,
            frames: r"|/-\".chars().cycle(),
            state: "requested".to_owned(),
        }
    }

    fn set_state(&mut self, state: String) -> io::Result<()> {
        self.state = state;
        if self.terminal {
            return self.redraw();
        }
        writeln!(io::stdout(), "  {:>5.1} s  {}", self.start.elapsed().as_secs_f32(), self.state)
    }

    /// Redraws the line; does nothing without a terminal.
    fn redraw(&mut self) -> io::Result<()> {
        if !self.terminal {
            return Ok(());
        }
        let (seconds, frame) = (self.start.elapsed().as_secs_f32(), self.frames.next().unwrap_or(' '));
        // The escape sequence erases the rest of a longer line.
        write!(io::stdout(), "\r{frame} {seconds:>5.1} s  {:.MAX_COLUMNS$}\x1b[K", self.state)?;
        io::stdout().flush()
    }

    /// Erases the line.
    fn clear(&self) -> io::Result<()> {
        if !self.terminal {
            return Ok(());
        }
        write!(io::stdout(), "\r\x1b[K")?;
        io::stdout().flush()
    }
}
