//! Connections that fail, break and recover.

use std::net::SocketAddr;
use std::sync::LazyLock;

use tokio::net::TcpSocket;

use crate::row::{CREATE, Check, DELETE, READ, Row, row};
use crate::scripted::{Response, Step, closed, ok, raw, reset};
use crate::support::Call;
use crate::writes::{listed, skus};

pub fn rows() -> Vec<Row> {
    [unreachable(), lost(), kept_alive(), slow()].into_iter().flatten().collect()
}

/// An address without a listener. The bound socket keeps the port, so that no other process can listen on it.
fn closed_port() -> SocketAddr {
    static BOUND: LazyLock<TcpSocket> = LazyLock::new(|| {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        socket
    });
    BOUND.local_addr().unwrap()
}

fn unreachable() -> Vec<Row> {
    let mut rows = Vec::new();
    for call in [READ, Call::Info, CREATE, DELETE] {
        let closed = format!("http://{}", closed_port());
        let unconnected =
            row("port closed", format!("{call:?}"), call).set(|settings| settings.base_url = Some(closed));
        rows.push(unconnected.fails("Connect").requests(0).check(Check::Attempts(4)).within(2000));
    }
    // RFC 6761 reserves `.invalid`, so that no resolver resolves it.
    let unknown = row("name does not resolve", "read", READ).set(|settings| {
        settings.base_url = Some("https://api.invalid".to_owned());
        settings.connect_timeout = std::time::Duration::from_secs(1);
    });
    rows.push(unknown.fails("Connect").requests(0).within(6000));
    rows
}

/// Every way to lose a response between the request and the end of its headers.
fn lost_responses() -> Vec<(&'static str, &'static str, Response)> {
    const REQUEST: &str = "reset or close after the request";
    const HEAD: &str = "close inside the status line or headers";
    vec![
        (REQUEST, "reset", reset()),
        (REQUEST, "close", closed()),
        (HEAD, "one byte", raw("H").then(Step::Close)),
        (HEAD, "status line", raw("HTTP/1.1 20").then(Step::Close)),
        (HEAD, "status line, reset", raw("HTTP/1.1 20").then(Step::Reset)),
        (HEAD, "reason", raw("HTTP/1.1 200 canary-body-7gH3").then(Step::Close)),
        (HEAD, "headers", raw("HTTP/1.1 200 OK\r\nx: canary-body-7gH3\r\ncontent-le").then(Step::Close)),
        (HEAD, "headers, reset", raw("HTTP/1.1 200 OK\r\nx: y\r\n").then(Step::Reset)),
    ]
}

fn lost() -> Vec<Row> {
    let mut rows = vec![
        row("reset on accept", "read", READ).reset_connections(0..100).fails("Connect").requests(0).connections(4),
        row("reset on accept", "read that recovers", READ).reset_connections(0..2).connections(3),
    ];
    for call in [CREATE, DELETE] {
        let only_the_write = row("reset on accept", format!("{call:?}"), call)
            .on("org_info", [crate::scripted::org_info().header("connection", "close").then(Step::Close)])
            .on("list_clusters", [listed("old", "us-west-1", "unavailable")])
            .reset_connections(1..2);
        // The client sends nothing if the reset arrives before it has the connection.
        rows.push(only_the_write.stays_unknown().requests_up_to(1).list_requests_up_to(10).or_succeeds());
    }
    for (fault, case, response) in lost_responses() {
        let named = |what: &str, call| row(fault, format!("{case}, {what}"), call);
        rows.push(
            named("read", READ).responds([response.clone()]).fails("Connect").requests(4).check(Check::Attempts(4)),
        );
        rows.push(named("read that recovers", READ).responds([response.clone(), ok("[]")]).requests(2));
        rows.push(named("create", CREATE).responds([response.clone()]).stays_unknown());
        let list = listed("old", "us-west-1", "unavailable");
        rows.push(named("delete", DELETE).responds([response.clone()]).on("list_clusters", [list]).stays_unknown());
        rows.push(named("start", Call::Start("old")).responds([response]).fails("OutcomeUnknown"));
    }
    rows
}

fn kept_alive() -> Vec<Row> {
    const FAULT: &str = "kept-alive connection closed while idle";
    // The first request fetches the account, on the same connection.
    let closing = || crate::scripted::org_info().then(Step::Close);
    let open = |call, case: &str| row(FAULT, format!("{call:?}, {case}"), call);
    vec![
        open(Call::Cluster("old"), "closed before").on("org_info", [closing()]).responds([crate::body::described()]),
        // The server reads the request and closes the connection without a response.
        open(Call::Cluster("old"), "closed meanwhile").responds([closed(), crate::body::described()]).requests(2),
        open(CREATE, "closed meanwhile")
            .responds([closed()])
            .on("list_clusters", [listed("new", "us-west-1", "creating")])
            .on("list_skus", [skus(&[(101, "kv-101")])])
            .comparisons(1)
            .list_requests(1)
            .check(Check::Reconciled(true)),
    ]
}

fn slow() -> Vec<Row> {
    const FAULT: &str = "reply one byte at a time";
    vec![
        row(FAULT, "read", READ).responds([ok("null").dripping()]),
        row(FAULT, "create", CREATE).responds([ok("null").dripping()]),
        row(FAULT, "delete", DELETE).responds([ok("null").dripping()]),
    ]
}
