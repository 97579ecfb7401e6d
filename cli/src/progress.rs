//! Progress on stderr: one redrawn line at a terminal, a line for each change elsewhere, nothing with `--quiet`.

use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use eloq_sdk::Wait;

use crate::cli::Globals;
use crate::output::{cut, printable, redraws};

const REDRAW_INTERVAL: Duration = Duration::from_millis(100);

/// The progress of one command.
#[derive(Debug)]
pub(crate) struct Progress {
    start: Instant,
    mode: Mode,
    state: String,
    frame: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Off,
    Lines,
    /// One line of at most this width, since a wrapped line cannot be redrawn.
    Redrawn(usize),
}

impl Progress {
    pub(crate) fn new(globals: &Globals) -> Self {
        let width = terminal_size::terminal_size_of(io::stderr()).map(|(width, _)| usize::from(width.0));
        let mode = match width {
            _ if globals.quiet => Mode::Off,
            // Log lines would break the redrawn line.
            Some(width) if redraws(&io::stderr()) && globals.verbose == 0 => Mode::Redrawn(width),
            _ => Mode::Lines,
        };
        Self { start: Instant::now(), mode, state: String::new(), frame: 0 }
    }

    /// Shows a new state, as in `orders: creating, load balancer pending`.
    pub(crate) fn set(&mut self, state: impl Into<String>) {
        let state = state.into();
        if state == self.state {
            return;
        }
        self.state = state;
        match self.mode {
            Mode::Off => {}
            Mode::Lines => self.write(format!("{:>6.1} s  {}\n", self.seconds(), printable(&self.state))),
            Mode::Redrawn(_) => self.redraw(),
        }
    }

    /// Awaits a future and redraws the line meanwhile.
    pub(crate) async fn during<T>(&mut self, future: impl Future<Output = T>) -> T {
        tokio::pin!(future);
        let mut ticks = tokio::time::interval(REDRAW_INTERVAL);
        loop {
            tokio::select! {
                biased;
                outcome = &mut future => return outcome,
                _ = ticks.tick() => self.redraw(),
            }
        }
    }

    /// Erases the redrawn line until the next change, so that a result can be printed.
    pub(crate) fn clear(&mut self) {
        if matches!(self.mode, Mode::Redrawn(_)) && !self.state.is_empty() {
            self.write("\r\x1b[K".to_owned());
        }
    }

    /// Awaits a wait, and shows each state of the cluster.
    pub(crate) async fn follow<T: Send + 'static>(&mut self, name: &str, mut wait: Wait<T>) -> eloq_sdk::Result<T> {
        while let Some(state) = self.during(wait.next()).await {
            self.set(format!("{name}: {state}"));
        }
        wait.await
    }

    fn redraw(&mut self) {
        if let Mode::Redrawn(width) = self.mode {
            self.frame = (self.frame + 1) % 4;
            let spinner = [b'|', b'/', b'-', b'\\'][self.frame] as char;
            let line = format!("{spinner} {:>6.1} s  {}", self.seconds(), printable(&self.state));
            // The escape sequence erases the rest of a longer line.
            self.write(format!("\r{}\x1b[K", cut(&line, width.saturating_sub(1))));
        }
    }

    fn seconds(&self) -> f32 {
        self.start.elapsed().as_secs_f32()
    }

    fn write(&self, text: String) {
        let mut err = io::stderr().lock();
        // Progress is no result: the command goes on if it cannot be written.
        let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
    }
}

impl Drop for Progress {
    /// Erases the redrawn line, so that results and errors begin on an empty one.
    fn drop(&mut self) {
        self.clear();
    }
}
