//! A pool of Redis connections that fetches the credentials again when the database no longer accepts the password.
//!
//! Needs the feature `blocking`. `cargo run --example redis_pool` needs no account, but a `redis-server`; with an account,
//! `ELOQ_API_KEY=… cargo run --example redis_pool -- my-cluster`.

#[path = "support/report.rs"]
mod report;

use std::error::Error;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use eloq_sdk::blocking::EloqApi;
use eloq_sdk::simulator::{Simulator, find_redis_server};
use redis::{Cmd, Connection, ErrorKind, FromRedisValue, RedisError, ServerErrorKind};

/// Idle connections to one cluster, which share its credentials.
struct Pool {
    eloq: EloqApi,
    cluster: String,
    state: Mutex<State>,
}

struct State {
    /// Of the latest credentials.
    redis: redis::Client,
    idle: Vec<Connection>,
}

impl Pool {
    fn connect(eloq: EloqApi, cluster: &str) -> Result<Self, Box<dyn Error>> {
        let redis = open(&eloq, cluster)?;
        Ok(Self { eloq, cluster: cluster.to_owned(), state: Mutex::new(State { redis, idle: Vec::new() }) })
    }

    /// Runs a command that can be repeated, with new credentials if the password was rotated.
    fn query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Box<dyn Error>> {
        match self.try_query(command) {
            Err(error) if was_rotated(&error) => {
                self.renew()?;
                Ok(self.try_query(command)?)
            }
            outcome => Ok(outcome?),
        }
    }

    fn try_query<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, RedisError> {
        let (redis, idle) = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            (state.redis.clone(), state.idle.pop())
        };
        let mut connection = match idle {
            Some(connection) => connection,
            None => redis.get_connection()?,
        };
        let value = command.query(&mut connection)?;
        // A connection that failed is dropped instead.
        self.state.lock().unwrap_or_else(PoisonError::into_inner).idle.push(connection);
        Ok(value)
    }

    fn renew(&self) -> Result<(), Box<dyn Error>> {
        let redis = open(&self.eloq, &self.cluster)?;
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = State { redis, idle: Vec::new() };
        Ok(())
    }
}

fn open(eloq: &EloqApi, cluster: &str) -> Result<redis::Client, Box<dyn Error>> {
    let url = eloq.cluster_credentials(cluster)?.connection_url()?;
    Ok(redis::Client::open(url.expose())?)
}

/// A rotation refuses new connections, and can end those that are open.
fn was_rotated(error: &RedisError) -> bool {
    let refused = matches!(error.kind(), ErrorKind::AuthenticationFailed | ErrorKind::Server(ServerErrorKind::NoPerm));
    refused || error.is_connection_dropped() || error.code() == Some("WRONGPASS")
}

fn main() -> ExitCode {
    report::report(run())
}

fn run() -> Result<(), Box<dyn Error>> {
    if std::env::var("ELOQ_API_KEY").is_ok_and(|key| !key.trim().is_empty()) {
        let cluster = std::env::args().nth(1).ok_or("name a cluster: cargo run --example redis_pool -- my-cluster")?;
        let pool = Pool::connect(EloqApi::from_environ()?, &cluster)?;
        println!("{}", pool.query::<String>(&redis::cmd("PING"))?);
        return Ok(());
    }
    println!("ELOQ_API_KEY is not set: using the embedded simulator instead of EloqCloud.\n");
    let Some(program) = find_redis_server() else {
        println!("skipped: no redis-server on PATH; install the Debian package redis-server");
        return Ok(());
    };
    let simulator = Simulator::builder().redis_server(program).cluster("sessions").start_blocking()?;
    let eloq = EloqApi::from_key_and_url(simulator.api_key(), simulator.base_url())?;
    let pool = Pool::connect(eloq, "sessions")?;
    pool.query::<()>(redis::cmd("SET").arg("visits").arg(0))?;
    for visit in 1..=6 {
        if visit == 4 {
            simulator.rotate_password("sessions");
            println!("The password was rotated.");
        }
        println!("Visit {}", pool.query::<u64>(redis::cmd("INCR").arg("visits"))?);
    }
    Ok(())
}
