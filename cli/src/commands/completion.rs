//! `eloq completion`: the script with which a shell asks this program for completions.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use clap_complete::CompleteEnv;
use clap_complete::env::Shells;
use serde::Serialize;

use crate::cli::command;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::{Columns, Format};

/// The variable by which a shell asks for completions.
const VARIABLE: &str = "ELOQ_COMPLETE";
const PROGRAM: &str = "eloq";
const COLUMNS: Columns = &[("shell", "SHELL"), ("script", "SCRIPT")];

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shell {
    /// For `source <(eloq completion bash)` in ~/.bashrc
    Bash,
    /// For `source <(eloq completion zsh)` in ~/.zshrc, after compinit
    Zsh,
    /// For `eloq completion fish | source` in ~/.config/fish/config.fish
    Fish,
    /// For `eloq completion powershell | Out-String | Invoke-Expression` in $PROFILE
    Powershell,
    /// For `eval (eloq completion elvish | slurp)` in ~/.config/elvish/rc.elv
    Elvish,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionArgs {
    /// Shell of the script
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Serialize)]
struct Script<'a> {
    shell: &'a str,
    script: &'a str,
}

pub(crate) fn run(context: &Context, args: CompletionArgs) -> Result {
    let failed = || Failure::new(Exit::Other, "Output", "cannot make the script");
    let value = args.shell.to_possible_value().ok_or_else(failed)?;
    let shell = Shells::builtins().completer(value.get_name()).map(|shell| {
        let mut script = Vec::new();
        shell.write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script).map(|()| script)
    });
    let script = shell.and_then(Result::ok).and_then(|script| String::from_utf8(script).ok()).ok_or_else(failed)?;
    // Not that of a variable or a profile: a shell sources the script.
    match context.globals.output {
        None | Some(Format::Table) => context.printer.text(&script),
        Some(_) => context.printer.object(COLUMNS, &Script { shell: value.get_name(), script: &script }),
    }
}

/// Answers a shell that asks for completions, before anything else is done.
pub(crate) fn answer_shell() -> Option<ExitCode> {
    let directory = std::env::current_dir().ok();
    match CompleteEnv::with_factory(command).var(VARIABLE).try_complete(std::env::args_os(), directory.as_deref()) {
        Ok(false) => None,
        Ok(true) => Some(ExitCode::SUCCESS),
        Err(_) => Some(ExitCode::FAILURE),
    }
}
