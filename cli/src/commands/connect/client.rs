//! The clients of the databases, and how each takes an address and a password.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use eloq_sdk::Secret;
use eloq_sdk::schema::ModuleType;

use super::option_file;
use crate::child;
use crate::connection::Connection;
use crate::failure::{Failure, Result};

/// The variable with the URL for `mongosh`.
const MONGODB_URL: &str = "ELOQ_MONGODB_URL";
const MONGODB_CONNECT: &str = "db = connect(process.env.ELOQ_MONGODB_URL)";
/// `redis-cli` reads the first, `valkey-cli` the second if it is set.
const REDIS_PASSWORDS: [&str; 2] = ["REDISCLI_AUTH", "VALKEYCLI_AUTH"];

/// A kind of client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Client {
    Redis,
    Mongo,
    Mysql,
}

/// How a client is started.
#[derive(Debug)]
pub(super) struct Launch {
    /// Without secrets, since every user of the machine can read them.
    pub(super) arguments: Vec<OsString>,
    pub(super) password_from: &'static str,
    variables: Vec<(&'static str, Secret)>,
    /// What the client reads from [`option_file::PATH`].
    option_file: Option<Secret>,
}

impl Client {
    pub(super) fn of(module: &ModuleType) -> Result<Self> {
        match module {
            ModuleType::EloqKv => Ok(Self::Redis),
            ModuleType::EloqDoc => Ok(Self::Mongo),
            ModuleType::EloqSql => Ok(Self::Mysql),
            other => Err(Failure::usage(format!("no client is known for the database {other}"))),
        }
    }

    /// The names of the programs, the preferred one first. MariaDB warns when it is called `mysql`.
    pub(super) fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Redis => &["redis-cli", "valkey-cli"],
            Self::Mongo => &["mongosh"],
            Self::Mysql => &["mariadb", "mysql"],
        }
    }

    /// Where the programs come from.
    pub(super) fn packages(self) -> &'static str {
        match self {
            Self::Redis => {
                "redis-cli (Debian package redis-tools, Homebrew redis) or valkey-cli (valkey-tools, valkey)"
            }
            Self::Mongo => "mongosh (npm package mongosh, Homebrew mongosh)",
            Self::Mysql => "mariadb (Debian package mariadb-client, Homebrew mariadb) or mysql (mysql-client)",
        }
    }

    /// The arguments of the user come last, so that they take precedence.
    pub(super) fn launch(self, connection: &Connection, user: Vec<OsString>, stdin_is_terminal: bool) -> Launch {
        let Connection { host, port, username, password, url, .. } = connection;
        let (arguments, variables, option_file, password_from) = match self {
            Self::Redis => {
                let mut arguments = words(&["-h", host, "-p", &port.to_string(), "--user", username]);
                if !(stdin_is_terminal && is_interactive_redis(&user)) {
                    // Without it, a wrong password and errors of commands exit with 0.
                    arguments.push("-e".into());
                }
                let variables = REDIS_PASSWORDS.map(|name| (name, password.clone())).to_vec();
                (arguments, variables, None, REDIS_PASSWORDS[0])
            }
            Self::Mongo => {
                let shell = if has_mongo_script(&user) { None } else { Some("--shell".into()) };
                let connect = words(&["--eval", MONGODB_CONNECT]);
                let arguments = words(&["--nodb"]).into_iter().chain(shell).chain(connect).collect();
                (arguments, vec![(MONGODB_URL, url.clone())], None, MONGODB_URL)
            }
            Self::Mysql => {
                let (host, port) = (format!("--host={host}"), format!("--port={port}"));
                // It must be the first argument.
                let file = format!("--defaults-file={}", option_file::PATH);
                let user = format!("--user={username}");
                let arguments = words(&[&file, "--protocol=tcp", &host, &port, &user]);
                (arguments, Vec::new(), Some(option_file::with_password(password)), option_file::PATH)
            }
        };
        let arguments = arguments.into_iter().chain(user).collect();
        Launch { arguments, password_from, variables, option_file }
    }
}

impl Launch {
    pub(super) fn command(&self, program: &Path) -> Result<Command> {
        let mut command = child::command(program);
        command.args(&self.arguments);
        command.envs(self.variables.iter().map(|(name, value)| (name, value.expose())));
        if let Some(text) = &self.option_file {
            option_file::attach(&mut command, text)?;
        }
        Ok(command)
    }
}

fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(Into::into).collect()
}

/// Whether the client reads commands from stdin, as far as its arguments show: none is a command.
fn is_interactive_redis(user: &[OsString]) -> bool {
    user.first().is_none_or(|first| first.to_string_lossy().starts_with('-'))
}

/// Whether the user gives code or a file to run, after which the client ends unless `--shell` is given, too.
fn has_mongo_script(user: &[OsString]) -> bool {
    user.iter().map(|argument| argument.to_string_lossy()).any(|argument| {
        let name = argument.split('=').next().unwrap_or_default();
        matches!(name, "--eval" | "--file" | "-f") || !name.starts_with('-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection(module: ModuleType) -> Connection {
        let (host, username) = ("db.example".to_owned(), "admin".to_owned());
        let (password, url) = (Secret::from("pass-marker"), Secret::from("x://admin:pass-marker@db.example:7"));
        Connection { module, host, port: 7, username, password, url }
    }

    fn arguments(module: ModuleType, user: &[&str], terminal: bool) -> String {
        let launch = Client::of(&module).unwrap().launch(&connection(module), words(user), terminal);
        let arguments: Vec<_> = launch.arguments.iter().map(|word| word.to_string_lossy()).collect();
        arguments.join(" ")
    }

    #[test]
    fn errors_of_redis_commands_count_unless_the_client_is_interactive() {
        let redis = |user: &[&str], terminal| arguments(ModuleType::EloqKv, user, terminal);
        assert_eq!(redis(&[], true), "-h db.example -p 7 --user admin");
        assert_eq!(redis(&["-n", "1"], true), "-h db.example -p 7 --user admin -n 1");
        assert_eq!(redis(&[], false), "-h db.example -p 7 --user admin -e");
        assert_eq!(redis(&["PING"], true), "-h db.example -p 7 --user admin -e PING");
    }

    #[test]
    fn mongosh_stays_open_unless_the_user_gives_a_script() {
        let connect = format!("--eval {MONGODB_CONNECT}");
        let mongo = |user: &[&str]| arguments(ModuleType::EloqDoc, user, true);
        assert_eq!(mongo(&["--quiet"]), format!("--nodb --shell {connect} --quiet"));
        for script in [&["--eval", "db.stats()"][..], &["--eval=1"], &["a.js"], &["--quiet", "-f", "a.js"]] {
            assert_eq!(mongo(script), format!("--nodb {connect} {}", script.join(" ")));
        }
    }

    #[test]
    fn the_option_file_of_mysql_is_the_first_argument() {
        let expected = "--defaults-file=/dev/fd/3 --protocol=tcp --host=db.example --port=7 --user=admin -e x";
        assert_eq!(arguments(ModuleType::EloqSql, &["-e", "x"], true), expected);
    }
}
