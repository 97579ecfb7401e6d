//! Simulated EloqKV clusters with a real redis-server, which accepts the cluster's credentials.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Once;
use std::time::Duration;

use eloq_sdk::schema::ElbState;
use eloq_sdk::simulator::{Operation, Simulator, SimulatorBuilder, find_redis_server};
use eloq_sdk::{ClusterCredentials, EloqApi, ErrorKind, RetryPolicy};
use redis::{Client, Connection, ConnectionLike, RedisResult};

const PASSWORD: &str = "@:/#%?& é";
const KV_ON_AWS: i64 = 101;
const DOC_ON_AWS: i64 = 103;

static PRINT_SKIPPED: Once = Once::new();

/// Settings with a real redis-server. Without the program, prints that the tests are skipped.
fn with_redis() -> Option<SimulatorBuilder> {
    let Some(program) = find_redis_server() else {
        // The test harness hides the output of `eprintln!` for tests that pass.
        const REASON: &str = "\nskipped: no redis-server on PATH; install the Debian package redis-server";
        PRINT_SKIPPED.call_once(|| drop(writeln!(io::stderr(), "{REASON}")));
        return None;
    };
    Some(Simulator::builder().redis_server(program).admin_password(PASSWORD))
}

async fn connect(client: &EloqApi, cluster: &str) -> Connection {
    let credentials = client.cluster_credentials(cluster).await.unwrap();
    open(credentials.connection_url().unwrap().expose()).unwrap()
}

fn open(url: &str) -> RedisResult<Connection> {
    Client::open(url)?.get_connection()
}

fn set(redis: &mut Connection, key: &str, value: &str) {
    redis::cmd("SET").arg(key).arg(value).exec(redis).unwrap();
}

fn get(redis: &mut Connection, key: &str) -> Option<String> {
    redis::cmd("GET").arg(key).query(redis).unwrap()
}

fn connection_error(credentials: &ClusterCredentials) -> redis::ErrorKind {
    open(credentials.connection_url().unwrap().expose()).err().expect("redis refuses").kind()
}

/// The data directory that the server reports.
fn directory(redis: &mut Connection) -> PathBuf {
    let (_, directory): (String, String) = redis::cmd("CONFIG").arg("GET").arg("dir").query(redis).unwrap();
    directory.into()
}

fn assert_closed(credentials: &ClusterCredentials) {
    let error = TcpStream::connect((credentials.host.as_str(), credentials.port)).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn a_created_cluster_accepts_its_connection_url() {
    let Some(settings) = with_redis() else { return };
    let simulator = settings.provisioning(Duration::from_secs(90)).start().await.unwrap();
    let client = simulator.client();
    let mut creating = client.cluster_create("kv", "us-west-1", KV_ON_AWS).wait();
    assert_eq!(creating.next().await.unwrap().elb_state, Some(ElbState::Provisioning));
    let early = client.cluster_credentials("kv").await.unwrap();
    assert_eq!((early.host.as_str(), early.port, early.elb_state), ("", 0, ElbState::Provisioning));

    simulator.advance(Duration::from_secs(90));
    // A new wait polls immediately; the wait above would sleep first.
    let credentials = client.wait_for_cluster("kv").connectable().ping().await.unwrap();
    assert_eq!(credentials.password.expose(), PASSWORD);
    assert_eq!((credentials.host.as_str(), &credentials.elb_state), ("127.0.0.1", &ElbState::Active));
    let mut redis = open(credentials.connection_url().unwrap().expose()).unwrap();
    set(&mut redis, "greeting", "hello");
    assert_eq!(get(&mut redis, "greeting").as_deref(), Some("hello"));
    let user: String = redis::cmd("ACL").arg("WHOAMI").query(&mut redis).unwrap();
    assert_eq!(user, credentials.username);
}

#[tokio::test]
async fn wrong_and_missing_credentials_are_rejected() {
    let Some(settings) = with_redis() else { return };
    let simulator = settings.cluster("kv").start().await.unwrap();
    let mut credentials = simulator.client().cluster_credentials("kv").await.unwrap();
    let (host, port) = (credentials.host.clone(), credentials.port);

    credentials.password = "@:/#%?&".into();
    assert_eq!(connection_error(&credentials), redis::ErrorKind::AuthenticationFailed);
    credentials.username = "default".to_owned();
    credentials.password = PASSWORD.into();
    assert_eq!(connection_error(&credentials), redis::ErrorKind::AuthenticationFailed);
    let mut anonymous = open(&format!("redis://{host}:{port}")).unwrap();
    let error = redis::cmd("GET").arg("greeting").exec(&mut anonymous).unwrap_err();
    assert_eq!(error.code(), Some("NOAUTH"), "{error}");
}

#[tokio::test]
async fn each_cluster_has_its_own_data_and_only_eloqkv_has_a_real_server() {
    let Some(settings) = with_redis() else { return };
    let simulator = settings.provisioning(Duration::ZERO).cluster("one").cluster("two").start().await.unwrap();
    let client = simulator.client();
    let mut one = connect(&client, "one").await;
    let mut two = connect(&client, "two").await;
    set(&mut one, "name", "one");
    assert_eq!(get(&mut two, "name"), None);

    client.cluster_create("doc", "us-west-1", DOC_ON_AWS).await.into_result().unwrap();
    let doc = client.cluster_credentials("doc").await.unwrap();
    assert!(doc.host.ends_with(".example.com"), "{}", doc.host);
}

#[tokio::test]
async fn stop_and_restart_keep_open_connections_and_data() {
    let Some(settings) = with_redis() else { return };
    let simulator = settings.cluster("kv").start().await.unwrap();
    let client = simulator.client();
    let mut redis = connect(&client, "kv").await;
    set(&mut redis, "greeting", "hello");
    for (operation, status) in
        [(client.stop_cluster("kv").await, "idle"), (client.restart_cluster("kv").await, "available")]
    {
        operation.into_result().unwrap();
        assert_eq!(get(&mut connect(&client, "kv").await, "greeting").as_deref(), Some("hello"), "{status}");
        assert_eq!(get(&mut redis, "greeting").as_deref(), Some("hello"), "{status}");
    }
}

/// The status as the service shows it.
async fn status(client: &EloqApi, cluster: &str) -> String {
    client.cluster(cluster).await.unwrap().status.to_string()
}

#[tokio::test]
async fn a_connection_wakes_an_idle_cluster_and_keeps_it_awake_for_the_idle_time() {
    let hour = Duration::from_secs(3600);
    let Some(settings) = with_redis() else { return };
    let simulator = settings.idle_after(Some(hour)).cluster("kv").cluster("other").start().await.unwrap();
    let client = simulator.client();
    simulator.advance(hour);
    assert_eq!(status(&client, "kv").await, "idle");
    assert_eq!(client.cluster_delete("kv").await.error().map(|error| error.kind()), Some(ErrorKind::Permission));

    // An idle cluster is connectable. Its load balancer wakes it before it forwards a byte.
    let credentials = client.wait_for_cluster("kv").connectable().await.unwrap();
    assert_eq!(credentials.status, "idle");
    let mut redis = open(credentials.connection_url().unwrap().expose()).unwrap();
    assert_eq!(status(&client, "kv").await, "available");
    assert_eq!(status(&client, "other").await, "idle");

    // A connection that is only open does not count; a new one does.
    simulator.advance(hour - Duration::from_secs(60));
    drop(connect(&client, "kv").await);
    simulator.advance(hour - Duration::from_secs(60));
    assert_eq!(status(&client, "kv").await, "available");
    set(&mut redis, "greeting", "hello");
    simulator.advance(Duration::from_secs(60));
    assert_eq!(status(&client, "kv").await, "idle");
    assert_eq!(get(&mut redis, "greeting").as_deref(), Some("hello"));

    drop(connect(&client, "kv").await);
    client.cluster_delete("kv").await.into_result().unwrap();
}

#[tokio::test]
async fn a_connection_changes_no_other_status_than_idle() {
    let Some(settings) = with_redis() else { return };
    let simulator = settings.cluster("kv").start().await.unwrap();
    let client = simulator.client();
    for pinned in ["error", "unavailable", "updating"] {
        simulator.set_cluster_status("kv", pinned);
        drop(connect(&client, "kv").await);
        assert_eq!(status(&client, "kv").await, pinned);
    }
    client.stop_cluster("kv").await.into_result().unwrap();
    drop(connect(&client, "kv").await);
    assert_eq!(status(&client, "kv").await, "available");
}

/// The thread of the load balancer must read the paused clock too: an hour of it passes in no real time.
#[tokio::test(start_paused = true)]
async fn a_connection_wakes_a_cluster_at_the_time_of_a_paused_clock() {
    let hour = Duration::from_secs(3600);
    let Some(settings) = with_redis() else { return };
    let simulator = settings.idle_after(Some(hour)).cluster("kv").start().await.unwrap();
    let client = simulator.client();
    tokio::time::advance(hour).await;
    assert_eq!(status(&client, "kv").await, "idle");
    drop(connect(&client, "kv").await);
    assert_eq!(status(&client, "kv").await, "available");
    tokio::time::advance(hour - Duration::from_secs(60)).await;
    assert_eq!(status(&client, "kv").await, "available");
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(status(&client, "kv").await, "idle");
}

/// A connection wakes the cluster: `start_cluster` is not needed.
#[tokio::test]
async fn an_idle_cluster_is_woken_by_a_connection_and_deleted() {
    let Some(settings) = with_redis() else { return };
    let simulator = settings.deleting(Duration::ZERO).cluster("kv").start().await.unwrap();
    let client = simulator.client();
    simulator.set_cluster_status("kv", "idle");
    client.cluster_delete("kv").when_deletable().wait().await.unwrap();
    assert!(simulator.cluster_names().is_empty());
    let requests = simulator.requests();
    assert!(!requests.iter().any(|request| request.operation() == Some(Operation::StartCluster)), "{requests:?}");
}

#[tokio::test]
async fn a_client_that_closes_its_sending_side_still_gets_its_response() {
    let Some(settings) = with_redis() else { return };
    let simulator = settings.cluster("kv").start().await.unwrap();
    let credentials = simulator.client().cluster_credentials("kv").await.unwrap();
    let mut connection = TcpStream::connect((credentials.host.as_str(), credentials.port)).unwrap();
    connection.write_all(b"PING\r\n").unwrap();
    connection.shutdown(std::net::Shutdown::Write).unwrap();
    let mut response = String::new();
    connection.read_to_string(&mut response).unwrap();
    assert!(response.starts_with("-NOAUTH"), "{response}");
}

#[tokio::test]
async fn a_rotated_password_replaces_the_old_one_and_ends_open_connections() {
    let Some(settings) = with_redis() else { return };
    let simulator = settings.cluster("kv").cluster("other").start().await.unwrap();
    let client = simulator.client();
    let old = client.cluster_credentials("kv").await.unwrap();
    let mut redis = connect(&client, "kv").await;
    let mut other = connect(&client, "other").await;
    set(&mut redis, "greeting", "hello");

    for _ in 0..2 {
        let password = simulator.rotate_password("kv").unwrap();
        assert_ne!(password, PASSWORD);
        redis::cmd("GET").arg("greeting").exec(&mut redis).unwrap_err();
        assert!(!redis.is_open(), "a pool connects again");
        assert_eq!(connection_error(&old), redis::ErrorKind::AuthenticationFailed);
        assert_eq!(client.cluster_credentials("kv").await.unwrap().password.expose(), password);
        redis = connect(&client, "kv").await;
        assert_eq!(get(&mut redis, "greeting").as_deref(), Some("hello"));
    }
    set(&mut other, "still", "open");
    assert_eq!(simulator.rotate_password("no-such-cluster"), None);
}

#[tokio::test]
async fn a_server_that_cannot_rotate_its_password_is_replaced() {
    let Some(settings) = with_redis() else { return };
    let simulator = settings.cluster("kv").start().await.unwrap();
    let client = simulator.client();
    let mut redis = connect(&client, "kv").await;
    set(&mut redis, "greeting", "hello");
    redis::cmd("SHUTDOWN").arg("NOSAVE").exec(&mut redis).unwrap_err();

    let password = simulator.rotate_password("kv").unwrap();
    assert_eq!(client.cluster_credentials("kv").await.unwrap().password.expose(), password);
    assert_eq!(get(&mut connect(&client, "kv").await, "greeting"), None);
}

#[tokio::test]
async fn a_deleted_cluster_leaves_no_server_and_no_directory() {
    let Some(settings) = with_redis() else { return };
    let simulator = settings.cluster("kv").cluster("other").start().await.unwrap();
    let client = simulator.client();
    let credentials = client.cluster_credentials("kv").await.unwrap();
    let mut open = connect(&client, "kv").await;
    let directory = directory(&mut open);
    assert!(directory.is_dir());

    client.cluster_delete("kv").await.into_result().unwrap();
    assert_closed(&credentials);
    redis::cmd("GET").arg("greeting").exec(&mut open).unwrap_err();
    assert!(!directory.exists());
    set(&mut connect(&client, "other").await, "still", "here");
}

#[tokio::test]
async fn a_dropped_simulator_leaves_no_server_and_no_directory() {
    let Some(settings) = with_redis() else { return };
    let simulator = settings.cluster("kv").start().await.unwrap();
    let credentials = simulator.client().cluster_credentials("kv").await.unwrap();
    let mut open = connect(&simulator.client(), "kv").await;
    let directory = directory(&mut open);
    drop(simulator);
    assert_closed(&credentials);
    redis::cmd("GET").arg("greeting").exec(&mut open).unwrap_err();
    assert!(!directory.exists());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_password_is_in_no_command_line_and_the_directory_is_private() {
    use std::os::unix::fs::PermissionsExt;

    let Some(settings) = with_redis() else { return };
    let simulator = settings.admin_password("canary-of-redis").cluster("kv").start().await.unwrap();
    let mut redis = connect(&simulator.client(), "kv").await;
    let mode = directory(&mut redis).metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let lines = std::fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path().join("cmdline"));
    let lines: Vec<_> = lines.filter_map(|file| std::fs::read(file).ok()).collect();
    let holds = |word: &str| lines.iter().any(|line| String::from_utf8_lossy(line).contains(word));
    assert!(holds("redis.conf"), "the command line of the supervisor is among them");
    assert!(!holds("canary-of-redis"));
}

/// Waiting for the server must not advance the paused clock to a timeout.
#[tokio::test(start_paused = true)]
async fn a_server_starts_under_a_paused_clock() {
    let Some(settings) = with_redis() else { return };
    let simulator = settings.cluster("kv").start().await.unwrap();
    set(&mut connect(&simulator.client(), "kv").await, "greeting", "hello");
}

#[tokio::test]
async fn a_simulator_that_is_killed_leaves_no_server() {
    const MARK: &str = "ELOQ_SDK_TEST_VICTIM";
    let Some(settings) = with_redis() else { return };
    if std::env::var_os(MARK).is_some() {
        let simulator = settings.cluster("kv").start().await.unwrap();
        let url = simulator.client().cluster_credentials("kv").await.unwrap().connection_url().unwrap();
        writeln!(io::stdout(), "url={}", url.expose()).unwrap();
        std::thread::park();
    }
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_simulator_that_is_killed_leaves_no_server", "--nocapture"])
        .env(MARK, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let url = lines.find_map(|line| line.split_once("url=").map(|(_, url)| url.to_owned())).unwrap();
    let url = url::Url::parse(&url).unwrap();
    let mut connection = TcpStream::connect((url.host_str().unwrap(), url.port().unwrap())).unwrap();

    child.kill().unwrap();
    child.wait().unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let end = connection.read(&mut [0]).map_err(|error| error.kind());
    assert!(matches!(end, Ok(0) | Err(io::ErrorKind::ConnectionReset)), "{end:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn calls_fail_until_the_server_can_start() {
    let (Some(settings), Some(program)) = (with_redis(), find_redis_server()) else { return };
    let link = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(std::process::id().to_string()).join("redis-server");
    std::fs::create_dir_all(link.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(&program, &link).unwrap();
    let simulator = settings.redis_server(&link).provisioning(Duration::ZERO).start().await.unwrap();
    let client = EloqApi::builder().api_key(simulator.api_key()).base_url(simulator.base_url());
    let client = client.retry(RetryPolicy::none()).build().unwrap();

    std::fs::remove_file(&link).unwrap();
    client.cluster_create("kv", "us-west-1", KV_ON_AWS).await.into_result().unwrap();
    let error = client.cluster("kv").await.unwrap_err();
    assert!(
        error.to_string().contains("HTTP 500") && error.to_string().contains("redis-server does not start"),
        "{error}"
    );
    std::os::unix::fs::symlink(&program, &link).unwrap();
    set(&mut connect(&client, "kv").await, "greeting", "hello");
    std::fs::remove_dir_all(link.parent().unwrap()).unwrap();
}

#[tokio::test]
async fn a_program_that_is_no_redis_server_fails_the_start() {
    let missing = PathBuf::from("no-such-directory").join("redis-server");
    for (program, reason) in [
        (PathBuf::from("no-such-redis-server"), "no-such-redis-server: no such program on PATH"),
        (missing.clone(), "no such program: install"),
        (std::env::current_exe().unwrap(), "does not start as a redis-server"),
    ] {
        let error = Simulator::builder().redis_server(&program).start().await.unwrap_err();
        assert!(format!("{error:?}").starts_with("Config"), "{error:?}");
        assert!(error.to_string().contains("the Debian package redis-server"), "{error}");
        if cfg!(unix) {
            assert!(error.to_string().contains(reason), "{error}");
        }
    }
}
