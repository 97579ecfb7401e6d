//! A host that takes no connection and refuses none.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use eloq_sdk::{EloqApi, Error, RetryPolicy};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::canary::{self, KEY};
use crate::row::{CREATE, READ};
use crate::support::run;

#[tokio::test]
pub async fn a_connection_that_hangs_ends_at_the_connect_timeout() {
    canary::capture();
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    // A full backlog: the kernel lets further attempts wait.
    let mut waiting = Vec::new();
    while let Ok(connection) = timeout(Duration::from_millis(200), TcpStream::connect(address)).await {
        waiting.push(connection.unwrap());
    }
    let soon = Duration::from_millis(200);
    for (policy, attempts) in [(RetryPolicy::none(), 1), (crate::row::quick(), 4)] {
        for call in [READ, CREATE] {
            let builder = EloqApi::builder().api_key(KEY).base_url(format!("http://{address}")).connect_timeout(soon);
            let client = builder.retry(policy.clone()).build().unwrap();
            let began = Instant::now();
            let error = run(&client, call).await.unwrap_err();
            assert!(matches!(error, Error::Timeout { .. } | Error::Connect { .. }), "{error:?}");
            assert_eq!(error.attempts().len(), attempts, "{error:?}");
            assert!(began.elapsed() < soon * 2 * u32::try_from(attempts).unwrap(), "{:?}", began.elapsed());
            canary::assert_error_clean(&error);
        }
    }
    canary::assert_log_clean();
}
