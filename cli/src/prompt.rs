//! Prompts: only if stdin and stderr are terminals, and never with `--no-input`.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::input::in_thread;
use crate::output::printable;

/// Whether the user can be asked.
pub(crate) fn can_ask(context: &Context) -> bool {
    !context.globals.no_input && io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Fails with exit code 12 if the user has not confirmed with `--yes` and cannot be asked.
pub(crate) fn check(context: &Context) -> Result {
    match context.globals.yes || can_ask(context) {
        true => Ok(()),
        false => Err(refused("stdin and stderr are no terminals, or --no-input was given")),
    }
}

/// Asks the user to type `expected`, unless `--yes` was given.
///
/// Fails with exit code 12 if the user types something else, or cannot be asked.
pub(crate) async fn confirm(context: &Context, question: &str, expected: &str) -> Result {
    check(context)?;
    if context.globals.yes {
        return Ok(());
    }
    let typed = read_line(format!("{} Type {} to confirm: ", printable(question), printable(expected))).await?;
    match typed.trim() == expected.trim() {
        true => Ok(()),
        false => Err(refused("another text was typed")),
    }
}

fn refused(reason: &str) -> Failure {
    Failure::new(Exit::NotConfirmed, "NotConfirmed", format!("not confirmed: {reason}"))
        .hint("nothing was changed; --yes confirms")
}

/// Reads a line in a thread of its own, so that Ctrl-C ends the program meanwhile.
async fn read_line(prompt: String) -> Result<String> {
    let read = in_thread(move || {
        // No lock may be held while the user types: Ctrl-C is reported meanwhile.
        io::stderr().write_all(prompt.as_bytes())?;
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line)?;
        Ok(line)
    });
    read.await.map_err(|error| failed(&error))
}

/// Reads a secret without showing it. Ctrl-C drops the future, which turns the echo on again.
#[cfg(unix)]
pub(crate) async fn read_secret(prompt: String) -> Result<String> {
    let _hidden = Hidden::new().map_err(|error| failed(&error))?;
    read_line(prompt).await
}

#[cfg(not(unix))]
pub(crate) async fn read_secret(prompt: String) -> Result<String> {
    in_thread(move || rpassword::prompt_password(prompt)).await.map_err(|error| failed(&error))
}

/// The terminal of stdin without echo, until it is dropped.
#[cfg(unix)]
struct Hidden(rustix::termios::Termios);

#[cfg(unix)]
impl Hidden {
    fn new() -> io::Result<Self> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

        let original = tcgetattr(io::stdin())?;
        let mut hidden = original.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Now, &hidden)?;
        Ok(Self(original))
    }
}

#[cfg(unix)]
impl Drop for Hidden {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};

        // The terminal may have gone.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
        // The user's own line break was not shown.
        let _ = io::stderr().write_all(b"\n");
    }
}

fn failed(error: &io::Error) -> Failure {
    Failure::new(Exit::Other, "Input", format!("cannot read the input: {error}"))
}
