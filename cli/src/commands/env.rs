//! `eloq env`: a cluster's address and credentials as variables.

mod syntax;

use std::collections::BTreeSet;

use clap::Args;
use clap_complete::ArgValueCompleter;
use serde::ser::{Serialize, SerializeMap as _, Serializer};

use self::syntax::Syntax;
use super::complete;
use crate::connection::{Connection, Variable, parse_prefix};
use crate::context::Context;
use crate::failure::{Failure, Result};
use crate::output::{Columns, Format, workflow_command};

pub(super) const VARIABLES_HELP: &str = "Variables: ELOQ_HOST, ELOQ_PORT, ELOQ_USERNAME, ELOQ_PASSWORD, ELOQ_URL, and \
    REDIS_URL (EloqKV), MONGODB_URL (EloqDoc) or DATABASE_URL (EloqSQL). With --prefix, the first five with this prefix alone, \
    so that the variables of two clusters do not collide.";

const COLUMNS: Columns = &[("name", "NAME"), ("value", "VALUE")];

#[derive(Debug, Args)]
#[command(after_help = VARIABLES_HELP)]
pub(crate) struct EnvArgs {
    /// Name of the cluster
    #[arg(add = ArgValueCompleter::new(complete::clusters))]
    name: String,
    /// Syntax of the variables [default: sh, or an object with -o json]
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: Option<Syntax>,
    /// Prefix of the variables instead of ELOQ_
    #[arg(long, value_name = "PREFIX", value_parser = parse_prefix)]
    prefix: Option<String>,
}

/// The variables as one object.
struct Object<'a>(&'a [Variable]);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for Variable { name, value, .. } in self.0 {
            map.serialize_entry(name, value.expose())?;
        }
        map.end()
    }
}

#[derive(serde::Serialize)]
struct Line<'a> {
    name: &'a str,
    value: &'a str,
}

pub(crate) async fn run(context: &Context, args: EnvArgs) -> Result {
    if args.format.is_some_and(|format| format != Syntax::Json) && context.globals.output.is_some() {
        return Err(Failure::usage("--format and --output contradict each other").hint("give one of them"));
    }
    let connection = Connection::of(context, &args.name).await?;
    let variables = connection.variables(args.prefix.as_deref());
    match (args.format, context.printer.format()) {
        (None, Format::Table) => write(context, Syntax::Sh, &variables),
        (Some(syntax), _) if syntax != Syntax::Json || context.globals.output.is_none() => {
            write(context, syntax, &variables)
        }
        (_, Format::Table | Format::Csv | Format::Name) => {
            let mut rows = context.printer.rows(COLUMNS);
            for Variable { name, value, .. } in &variables {
                rows.push(&Line { name, value: value.expose() })?;
            }
            rows.finish()
        }
        _ => context.printer.object(&[], &Object(&variables)),
    }
}

fn write(context: &Context, syntax: Syntax, variables: &[Variable]) -> Result {
    let text = match syntax {
        Syntax::Json => serde_json::to_string_pretty(&Object(variables))
            .map(|json| json + "\n")
            .map_err(|error| Failure::new(crate::exit::Exit::Other, "Output", error.to_string()))?,
        _ => variables
            .iter()
            .map(|Variable { name, value, .. }| syntax.line(name, value.expose()))
            .collect::<Result<_>>()?,
    };
    if syntax == Syntax::Github {
        // Before the values can occur in a log. The runner reads commands from stderr, too.
        let secrets = variables.iter().filter(|variable| variable.is_secret).map(|variable| variable.value.expose());
        secrets.collect::<BTreeSet<_>>().into_iter().for_each(|secret| workflow_command("add-mask", secret));
    }
    context.printer.text(&text)
}
