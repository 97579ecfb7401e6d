//! `ping`: opens a TCP connection to a database.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

use crate::error::{Error, Result, failure::Failure};
use crate::types::{operation::Operation, text};

const TIMEOUT: Duration = Duration::from_secs(5);

/// Opens a connection to a database, closes it, and returns how long it took to open.
pub(super) async fn ping(operation: Operation, host: &str, port: u16) -> Result<Duration> {
    let start = Instant::now();
    let failed = match timeout(TIMEOUT, TcpStream::connect((host, port))).await {
        Ok(Ok(_)) => return Ok(start.elapsed()),
        Ok(Err(error)) => Some(error),
        Err(_) => None,
    };
    let what = format!("the database at {}:{port} accepts no connection", text::line(host, 255));
    let mut failure = Failure::new(operation, what);
    failure.source = failed.map(|error| Arc::new(error) as _);
    Err(Error::connect(failure))
}
