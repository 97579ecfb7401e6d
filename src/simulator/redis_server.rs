//! A redis-server process with one user, which stops with its handle: processes, sockets and directories.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::task::spawn_blocking;

use super::clock::timeout;

const PROGRAM_NAME: &str = "redis-server";
const INSTALL_HINT: &str = "install Redis 6.2 or newer (the Debian package redis-server)";
const START_TIMEOUT: Duration = Duration::from_secs(10);
const COMMAND_TIMEOUT: Duration = Duration::from_secs(5);
/// Short, since the path of a socket has at most about 100 bytes.
const SOCKET_NAME: &str = "redis.sock";

/// Runs the server until the supervisor's stdin closes: when the simulator drops it, or when the simulator's process is
/// killed.
const SUPERVISOR: &str = r#"
"$0" "$1/redis.conf" </dev/null 2>&1 &
exec >/dev/null
read -r end
kill -KILL $!
wait
rm -rf "$1"
"#;

/// Finds `redis-server` on `PATH`, for [`SimulatorBuilder::redis_server`](super::builder::SimulatorBuilder::redis_server), so
/// that a test can skip itself without one. Always `None` on systems other than Unix.
///
/// ```
/// use eloq_sdk::simulator::find_redis_server;
///
/// match find_redis_server() {
///     Some(program) => println!("found {}", program.display()),
///     None => println!("skipped: no redis-server on PATH; install the Debian package redis-server"),
/// }
/// ```
#[must_use]
pub fn find_redis_server() -> Option<PathBuf> {
    find_program(Path::new(PROGRAM_NAME))
}

/// Resolves the program as a shell does.
fn find_program(program: &Path) -> Option<PathBuf> {
    if !cfg!(unix) {
        return None;
    }
    if !is_bare_name(program) {
        return program.is_file().then(|| program.to_owned());
    }
    #[allow(clippy::disallowed_methods, reason = "PATH is a setting of the system, not of the client")]
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|directory| directory.join(program)).find(|file| file.is_file())
}

/// Whether the name has no directory, so that `PATH` applies.
fn is_bare_name(program: &Path) -> bool {
    program.components().count() <= 1
}

/// A program that has started successfully.
#[derive(Debug)]
pub(super) struct RedisProgram(PathBuf);

impl RedisProgram {
    /// Finds the program and starts it once, so that a broken one fails here and not in a cluster.
    pub(super) async fn check(program: &Path) -> Result<Self, String> {
        let name = program.display();
        if !cfg!(unix) {
            return Err(format!("{name}: redis-server is supported on Unix only"));
        }
        let Some(path) = find_program(program) else {
            let location = if is_bare_name(program) { " on PATH" } else { "" };
            return Err(format!("{name}: no such program{location}: {INSTALL_HINT}"));
        };
        let program = Self(path);
        match program.start("trial", "trial").await {
            Ok(_) => Ok(program),
            Err(error) => Err(format!("{name} does not start as a redis-server: {error}: {INSTALL_HINT}")),
        }
    }

    /// Returns when the server listens on its socket.
    pub(super) async fn start(&self, user: &str, password: &str) -> io::Result<RedisServer> {
        let directory = PrivateTempDir::create()?;
        fs::write(directory.0.join("redis.conf"), redis_conf(&directory.0, user, password))?;
        let mut command = Command::new("sh");
        command.arg("-c").arg(SUPERVISOR).arg(&self.0).arg(&directory.0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        // Ctrl-C goes to the foreground process group; the supervisor must outlive it to clean up.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut supervisor = command.spawn()?;
        let output = supervisor.stdout.take();
        let server = RedisServer { supervisor, directory };
        let output = output.ok_or(io::ErrorKind::BrokenPipe)?;
        let ready = timeout(START_TIMEOUT, spawn_blocking(|| wait_until_ready(output))).await;
        ready.ok_or(io::ErrorKind::TimedOut)?.map_err(io::Error::other)??;
        Ok(server)
    }
}

/// A running server. Dropping it blocks until the process has exited and its directory is gone.
#[derive(Debug)]
pub(super) struct RedisServer {
    supervisor: Child,
    directory: PrivateTempDir,
}

impl RedisServer {
    /// The Unix socket that the server listens on.
    pub(super) fn socket(&self) -> PathBuf {
        self.directory.socket()
    }

    /// Replaces the user's password, and closes the user's connections. Blocks for at most a few seconds.
    pub(super) fn set_password(&self, user: &str, old: &str, new: &str) -> io::Result<()> {
        let mut connection = BufReader::new(connect(self.socket())?);
        let new = format!(">{new}");
        let commands: [&[&str]; 3] = [
            &["AUTH", user, old],
            &["ACL", "SETUSER", user, "resetpass", &new],
            // All but this one.
            &["CLIENT", "KILL", "USER", user],
        ];
        commands.iter().try_for_each(|command| execute(&mut connection, command))
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        // `wait` closes the supervisor's stdin first. If it fails, nothing is left to do.
        let _ = self.supervisor.wait();
    }
}

#[derive(Debug)]
struct PrivateTempDir(PathBuf);

impl PrivateTempDir {
    /// Fails if the path exists: it belongs to someone else.
    fn create() -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("eloq-simulator-{:016x}", fastrand::u64(..)));
        #[cfg_attr(not(unix), allow(unused_mut, reason = "only Unix sets a mode"))]
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        Ok(Self(path))
    }
}

impl PrivateTempDir {
    fn socket(&self) -> PathBuf {
        self.0.join(SOCKET_NAME)
    }
}

impl Drop for PrivateTempDir {
    fn drop(&mut self) {
        // The supervisor has removed it, unless it never started.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Written to a file, since other users can read the arguments of a process.
fn redis_conf(directory: &Path, user: &str, password: &str) -> String {
    let socket = quote(directory.join(SOCKET_NAME).as_os_str().as_encoded_bytes());
    let directory = quote(directory.as_os_str().as_encoded_bytes());
    let (user, password) = (quote(user.as_bytes()), quote(format!(">{password}").as_bytes()));
    format!(
        "port 0\nunixsocket {socket}\ndir {directory}\nsave \"\"\nappendonly no\nuser default off\n\
         user {user} on {password} ~* &* +@all\n"
    )
}

/// Escapes any bytes as one word of the configuration.
fn quote(bytes: &[u8]) -> String {
    let mut quoted = String::with_capacity(4 * bytes.len() + 2);
    quoted.push('"');
    for byte in bytes {
        // Writing to a `String` cannot fail.
        let _ = write!(quoted, "\\x{byte:02x}");
    }
    quoted.push('"');
    quoted
}

/// Reads the server's log until it accepts connections. If the server exits first, the error is the last line.
fn wait_until_ready(log: impl Read) -> io::Result<()> {
    let mut last_line = "no output".to_owned();
    for line in BufReader::new(log).lines() {
        let line = line?;
        // "Ready to accept connections unix", or "The server is now ready to accept connections at PATH" before Redis 7.2.
        if line.to_ascii_lowercase().contains("ready to accept connections") {
            return Ok(());
        }
        if !line.trim().is_empty() {
            last_line = line;
        }
    }
    Err(io::Error::other(last_line))
}

#[cfg(unix)]
fn connect(socket: PathBuf) -> io::Result<impl Read + io::Write> {
    let stream = std::os::unix::net::UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(COMMAND_TIMEOUT))?;
    stream.set_write_timeout(Some(COMMAND_TIMEOUT))?;
    Ok(stream)
}

#[cfg(not(unix))]
fn connect(_: PathBuf) -> io::Result<impl Read + io::Write> {
    Err::<std::net::TcpStream, _>(io::ErrorKind::Unsupported.into())
}

/// Sends a command in the protocol of Redis and reads its response, a line. The error of the server is that of the call.
fn execute(connection: &mut BufReader<impl Read + io::Write>, command: &[&str]) -> io::Result<()> {
    let mut request = format!("*{}\r\n", command.len());
    for word in command {
        // Writing to a `String` cannot fail.
        let _ = write!(request, "${}\r\n{word}\r\n", word.len());
    }
    connection.get_mut().write_all(request.as_bytes())?;
    let mut response = String::new();
    connection.read_line(&mut response)?;
    match response.as_bytes().first() {
        Some(b'+' | b':') => Ok(()),
        Some(_) => Err(io::Error::other(response.trim().to_owned())),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Exchange {
        sent: Vec<u8>,
        response: &'static [u8],
    }

    impl Read for Exchange {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.response.read(buffer)
        }
    }

    impl io::Write for Exchange {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.sent.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_command_has_the_length_of_each_word_and_fails_with_the_error_of_the_server() {
        for (response, error) in [
            (&b"+OK\r\n"[..], None),
            (b":1\r\n", None),
            (b"-WRONGPASS no\r\n", Some("-WRONGPASS no")),
            (b"", Some("unexpected end of file")),
        ] {
            let mut connection = BufReader::new(Exchange { sent: Vec::new(), response });
            let result = execute(&mut connection, &["AUTH", "é\r\n", ""]);
            assert_eq!(connection.get_ref().sent, "*3\r\n$4\r\nAUTH\r\n$4\r\né\r\n\r\n$0\r\n\r\n".as_bytes());
            assert_eq!(result.err().map(|error| error.to_string()).as_deref(), error);
        }
    }

    #[test]
    fn a_password_cannot_break_out_of_its_configuration_line() {
        let text = redis_conf(Path::new("/tmp/a b"), "u", "é\"\n\\ user");
        assert_eq!(text.lines().count(), 7);
        assert!(
            text.ends_with(
                "user \"\\x75\" on \"\\x3e\\xc3\\xa9\\x22\\x0a\\x5c\\x20\\x75\\x73\\x65\\x72\" ~* &* +@all\n"
            )
        );
    }

    #[test]
    fn a_server_that_exits_fails_with_its_last_log_line() {
        for log in
            ["starting\n* Ready to accept connections unix\n", "* The server is now ready to accept connections at a\n"]
        {
            assert!(wait_until_ready(log.as_bytes()).is_ok());
        }
        for (log, reason) in [("starting\nbind: Name too long\n\n", "bind: Name too long"), ("", "no output")] {
            let error = wait_until_ready(log.as_bytes()).map_err(|error| error.to_string());
            assert_eq!(error, Err(reason.to_owned()));
        }
    }
}
