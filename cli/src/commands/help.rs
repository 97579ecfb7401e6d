//! `eloq help`: commands, topics, and the whole tree for programs.

mod topic;
mod tree;

use clap::Args;
use clap_complete::{ArgValueCandidates, CompletionCandidate};

use self::topic::Topic;
use self::tree::{Node, Tree};
use crate::cli::command;
use crate::context::Context;
use crate::failure::{Failure, Result};
use crate::output::Format;

#[derive(Debug, Args)]
pub(crate) struct HelpArgs {
    /// Command, as in `cluster list`, or topic: exit-codes, environment, output, agents
    #[arg(value_name = "COMMAND OR TOPIC", add = ArgValueCandidates::new(candidates))]
    topic: Vec<String>,
    /// Print JSON: the whole tree of commands, or that of the command
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(context: &Context, args: HelpArgs) -> Result {
    // Not the format of a variable or a profile: help is for the reader at hand.
    let structured = args.json || context.globals.output.is_some_and(|format| format != Format::Table);
    let words: Vec<_> = args.topic.iter().map(String::as_str).collect();
    if let [word] = words[..]
        && let Some(topic) = Topic::named(word)
    {
        return if structured { topic.document(context) } else { context.printer.text(&topic.text()) };
    }
    let mut root = command();
    root.build();
    let found =
        words.iter().try_fold(&mut root, |command, word| command.find_subcommand_mut(word)).ok_or_else(|| {
            Failure::usage(format!("there is no command or topic {:?}", words.join(" ")))
                .hint("`eloq help` lists the commands and topics")
        })?;
    match (structured, words.is_empty()) {
        (true, true) => context.printer.document(&Tree::of(found)),
        (true, false) => context.printer.document(&Node::of(found)),
        (false, _) => {
            let arguments = ["eloq"].into_iter().chain(words).chain(["--help"]);
            let Err(help) = command().try_get_matches_from(arguments) else { return Ok(()) };
            let help = help.render();
            let color = context.globals.color.enabled(&std::io::stdout());
            context.printer.text(&if color { help.ansi().to_string() } else { help.to_string() })
        }
    }
}

fn candidates() -> Vec<CompletionCandidate> {
    let root = command();
    let commands = root.get_subcommands().map(|command| command.get_name().to_owned());
    let topics = Topic::ALL.iter().map(|topic| topic.name().to_owned());
    commands.chain(topics).map(CompletionCandidate::new).collect()
}
