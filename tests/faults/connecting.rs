//! A host that neither accepts nor refuses connections.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use eloq_sdk::{EloqApi, Error, RetryPolicy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
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
    // Fill the listen backlog, so that further connection attempts hang.
    let mut pending = Vec::new();
    while let Ok(connection) = timeout(Duration::from_millis(200), TcpStream::connect(address)).await {
        pending.push(connection.unwrap());
    }
    let connect_timeout = Duration::from_millis(200);
    for (policy, attempts) in [(RetryPolicy::none(), 1), (crate::row::quick(), 4)] {
        for call in [READ, CREATE] {
            let builder =
                EloqApi::builder().api_key(KEY).base_url(format!("http://{address}")).connect_timeout(connect_timeout);
            let client = builder.retry(policy.clone()).build().unwrap();
            let start = Instant::now();
            let error = run(&client, call).await.unwrap_err();
            assert!(matches!(error, Error::Timeout { .. } | Error::Connect { .. }), "{error:?}");
            assert_eq!(error.attempts().len(), attempts, "{error:?}");
            assert!(start.elapsed() < connect_timeout * 2 * u32::try_from(attempts).unwrap(), "{:?}", start.elapsed());
            canary::assert_error_clean(&error);
        }
    }
    canary::assert_log_clean();
}

#[tokio::test]
pub async fn a_write_whose_connection_is_never_made_is_not_unknown() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let builder = EloqApi::builder().api_key(KEY).base_url(format!("http://{address}")).retry(crate::row::quick());
    // Shorter than the default connect timeout.
    let client = builder.timeout(Duration::from_millis(200)).build().unwrap();
    let (scope, ()) = tokio::join!(client.scope(), async {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut request = [0; 1024];
        assert!(connection.read(&mut request).await.unwrap() > 0);
        const ACCOUNT: &str = r#"{"code":0,"message":"","data":{"auth_provider":"","create_at":"","email":"",
            "user_name":"","org_info":{"org_create_at":"","org_id":1,"org_name":"o","roles":[],
            "projects":[{"create_at":"","project_id":147,"project_name":"p"}]}}}"#;
        let head = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", ACCOUNT.len());
        connection.write_all((head + ACCOUNT).as_bytes()).await.unwrap();
    });
    scope.unwrap();
    let mut pending = Vec::new();
    while let Ok(connection) = timeout(Duration::from_millis(200), TcpStream::connect(address)).await {
        pending.push(connection.unwrap());
    }
    let results = [client.cluster_create("new", "us-west-1", 101).await, client.cluster_delete("old").await];
    for result in results {
        let error = result.into_result().unwrap_err();
        assert!(matches!(error, Error::Timeout { .. } | Error::Connect { .. }), "{error:?}");
        assert_eq!(error.attempts().len(), 4, "{error:?}");
    }
}
