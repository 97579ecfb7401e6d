//! Topics of `eloq help`.

use serde::Serialize;

use crate::context::Context;
use crate::exit::EXITS;
use crate::failure::Result;

const ENVIRONMENT: &str = include_str!("environment.txt");
const OUTPUT: &str = include_str!("output.txt");
const AGENTS: &str = include_str!("agents.txt");

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Topic {
    ExitCodes,
    Environment,
    Output,
    Agents,
}

/// A row of the table of exit codes.
#[derive(Serialize)]
pub(super) struct ExitCode {
    code: u8,
    name: String,
    meaning: &'static str,
}

#[derive(Serialize)]
struct Text<'a> {
    topic: &'a str,
    text: &'a str,
}

impl Topic {
    pub(super) const ALL: [Self; 4] = [Self::ExitCodes, Self::Environment, Self::Output, Self::Agents];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::ExitCodes => "exit-codes",
            Self::Environment => "environment",
            Self::Output => "output",
            Self::Agents => "agents",
        }
    }

    pub(super) fn text(self) -> String {
        match self {
            Self::ExitCodes => {
                exit_codes().iter().map(|ExitCode { code, meaning, .. }| format!("{code:>3}  {meaning}\n")).collect()
            }
            Self::Environment => ENVIRONMENT.to_owned(),
            Self::Output => OUTPUT.to_owned(),
            Self::Agents => AGENTS.to_owned(),
        }
    }

    pub(super) fn document(self, context: &Context) -> Result {
        match self {
            Self::ExitCodes => context.printer.document(&exit_codes()),
            _ => context.printer.document(&Text { topic: self.name(), text: &self.text() }),
        }
    }
}

pub(super) fn exit_codes() -> Vec<ExitCode> {
    let success = ExitCode { code: 0, name: "Success".to_owned(), meaning: "what was asked is now so" };
    let failures =
        EXITS.iter().map(|(exit, meaning)| ExitCode { code: exit.code(), name: format!("{exit:?}"), meaning });
    std::iter::once(success).chain(failures).collect()
}
