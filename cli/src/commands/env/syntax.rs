//! How each reader of variables quotes them.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use clap::ValueEnum;

use crate::context::quote;
use crate::exit::Exit;
use crate::failure::{Failure, Result};

/// Characters that end or change a value in double quotes, in one reader of dotenv files or another.
const DOTENV_SPECIAL: [char; 6] = ['"', '\\', '$', '`', '\n', '\r'];

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Syntax {
    /// For `eval "$(eloq env NAME)"` in sh, bash and zsh
    Sh,
    /// For `eloq env NAME --format fish | source`
    Fish,
    /// For `eloq env NAME --format powershell | Out-String | Invoke-Expression`
    Powershell,
    /// A .env file
    Dotenv,
    /// For `docker run --env-file`
    Docker,
    /// For `>> "$GITHUB_ENV"` in GitHub Actions; masks the secrets in the log
    Github,
    /// One JSON object
    Json,
}

impl Syntax {
    /// The line or lines that set a variable. Fails if the syntax has no form for the value.
    pub(super) fn line(self, name: &str, value: &str) -> Result<String> {
        Ok(match self {
            Self::Sh => format!("export {name}={}\n", quote(value)),
            Self::Fish => format!("set -gx {name} '{}'\n", value.replace('\\', r"\\").replace('\'', r"\'")),
            Self::Powershell => format!("$Env:{name} = '{}'\n", powershell(value)),
            Self::Dotenv => format!("{name}={}\n", dotenv(value).ok_or_else(|| no_form(name, self))?),
            Self::Docker if value.contains(['\n', '\r']) => return Err(no_form(name, self)),
            Self::Docker => format!("{name}={value}\n"),
            Self::Github => {
                let delimiter = delimiter(value);
                format!("{name}<<{delimiter}\n{value}\n{delimiter}\n")
            }
            Self::Json => serde_json::json!({ name: value }).to_string(),
        })
    }
}

fn no_form(name: &str, syntax: Syntax) -> Failure {
    let (file, reason) = match syntax {
        Syntax::Docker => ("an env-file of Docker", "it has a line break"),
        _ => ("a .env file", "its readers disagree about such quotes and backslashes"),
    };
    Failure::new(Exit::Other, "Output", format!("{file} cannot hold the value of {name}: {reason}"))
        .hint("use --format sh or json, or run the program by `eloq exec`")
}

/// PowerShell takes typographic quotes for single quotes, too; each is doubled.
fn powershell(value: &str) -> String {
    let quote = |c: char| matches!(c, '\'' | '\u{2018}'..='\u{201b}');
    value.chars().flat_map(|c| std::iter::repeat_n(c, if quote(c) { 2 } else { 1 })).collect()
}

/// Quotes a value so that all readers of dotenv files understand the same; none for a value without such a form.
///
/// Single quotes are literal, but in some readers a backslash escapes a quote and itself. Double quotes expand more.
fn dotenv(value: &str) -> Option<String> {
    let backslash_escapes = value.ends_with('\\') || value.contains(r"\\");
    if !value.contains(['\'', '\r']) && !backslash_escapes {
        Some(format!("'{value}'"))
    } else if !value.contains(DOTENV_SPECIAL) {
        Some(format!("\"{value}\""))
    } else {
        None
    }
}

/// A random line that does not occur in the value.
fn delimiter(value: &str) -> String {
    loop {
        let random = || RandomState::new().build_hasher().finish();
        let delimiter = format!("ELOQ_{:016x}{:016x}", random(), random());
        if !value.contains(&delimiter) {
            return delimiter;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotenv_values_have_the_form_that_all_readers_understand() {
        assert_eq!(dotenv("a b#$c\"").as_deref(), Some("'a b#$c\"'"));
        assert_eq!(dotenv(r"a\b").as_deref(), Some(r"'a\b'"));
        assert_eq!(dotenv("it's").as_deref(), Some("\"it's\""));
        for ambiguous in [r"a\\b", r"a\", "it's $5", "'\"", "a\rb"] {
            assert_eq!(dotenv(ambiguous), None, "{ambiguous:?}");
        }
    }

    #[test]
    fn docker_refuses_line_breaks() {
        assert!(Syntax::Docker.line("A", "x\ny").unwrap_err().to_string().contains("A: it has a line break"));
        assert_eq!(Syntax::Docker.line("A", " '$x ").unwrap(), "A= '$x \n");
    }

    #[test]
    fn github_has_a_delimiter_of_its_own_for_each_value() {
        let line = Syntax::Github.line("A", "x\ny").unwrap();
        let delimiter = line.strip_prefix("A<<").and_then(|rest| rest.split('\n').next()).unwrap();
        assert_eq!(line, format!("A<<{delimiter}\nx\ny\n{delimiter}\n"));
        assert_ne!(line, Syntax::Github.line("A", "x\ny").unwrap());
    }

    #[test]
    fn powershell_doubles_typographic_quotes() {
        let line = Syntax::Powershell.line("A", "a'\u{2019}$b").unwrap();
        assert_eq!(line, "$Env:A = 'a''\u{2019}\u{2019}$b'\n");
    }
}
