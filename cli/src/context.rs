//! `Context`: what every command uses. Settings, the client, and output.

use std::cell::RefCell;
use std::time::Duration;

use eloq_sdk::EloqApi;
use eloq_sdk::schema::SimpleProjectInfo;

use crate::cli::Globals;
use crate::failure::{Failure, Result};
use crate::output::Printer;
use crate::settings::Settings;

/// The longest wait without `--timeout`.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(15 * 60);

#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) globals: Globals,
    pub(crate) settings: Settings,
    pub(crate) printer: Printer,
    /// Commands that go on if the user interrupts this one.
    next: RefCell<Vec<String>>,
}

impl Context {
    pub(crate) fn new(globals: Globals) -> Result<Self> {
        let settings = Settings::read(&globals)?;
        let printer = Printer::new(&globals, settings.output()?);
        Ok(Self { globals, settings, printer, next: RefCell::default() })
    }

    /// The client of the chosen profile. It sends nothing, unless the project is given by name.
    pub(crate) async fn client(&self) -> Result<EloqApi> {
        self.with_named_project(self.account_client()?).await
    }

    /// The same for what concerns the whole account: a project that is given by name is not looked up.
    pub(crate) fn account_client(&self) -> Result<EloqApi> {
        Ok(self.settings.builder()?.build()?)
    }

    /// Looks up the project, if it is given by name.
    pub(crate) async fn with_named_project(&self, client: EloqApi) -> Result<EloqApi> {
        let Some(name) = self.settings.project_name() else {
            return Ok(client);
        };
        let projects = client.projects().await?;
        let project = project_by_name(&projects, name)?.ok_or_else(|| {
            Failure::config(format!("there is no project named {name:?}"))
                .hint("`eloq project list` lists the projects")
        })?;
        Ok(client.with_project(project.project_id))
    }

    /// The longest wait.
    pub(crate) fn timeout(&self) -> Duration {
        self.globals.timeout.unwrap_or(DEFAULT_TIMEOUT)
    }

    /// Sets the command that goes on if the user interrupts this one. It gets the global options that chose the account.
    pub(crate) fn set_next(&self, command: impl Into<String>) {
        *self.next.borrow_mut() = vec![command.into()];
    }

    /// Adds the commands of [`set_next`](Self::set_next) to a failure.
    pub(crate) fn add_next(&self, failure: Failure) -> Failure {
        self.next.borrow().iter().fold(failure, |failure, command| failure.next(command))
    }

    /// `eloq`, the options that chose the account, and the arguments, quoted for a shell: what the user can paste.
    pub(crate) fn command_line(&self, arguments: &[&str]) -> String {
        let globals = &self.globals;
        let chosen = [
            ("--profile", globals.profile.clone()),
            ("--org", globals.org.map(|id| id.to_string())),
            ("--project", globals.project.clone()),
            ("--base-url", globals.base_url.clone()),
        ];
        let options = chosen.into_iter().filter_map(|(flag, value)| Some([flag.to_owned(), value?])).flatten();
        let words =
            std::iter::once("eloq".to_owned()).chain(options).chain(arguments.iter().map(|&word| word.to_owned()));
        words.map(|word| quote(&word)).collect::<Vec<_>>().join(" ")
    }
}

/// The only project of this name.
pub(crate) fn project_by_name<'p>(
    projects: &'p [SimpleProjectInfo],
    name: &str,
) -> Result<Option<&'p SimpleProjectInfo>> {
    let mut named = projects.iter().filter(|project| project.project_name == name);
    match (named.next(), named.next()) {
        (_, Some(_)) => Err(Failure::config(format!("several projects are named {name:?}"))
            .hint("give its id: `eloq project list` lists the projects")),
        (first, None) => Ok(first),
    }
}

/// Quotes a word for a POSIX shell.
pub(crate) fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
