//! Connections that fail, break and recover.

use std::net::SocketAddr;
use std::sync::LazyLock;

use tokio::net::TcpSocket;

use crate::row::{CREATE, Check, DELETE, READ, Row, row};
use crate::scripted::{Reply, Step, closed, ok, raw, reset};
use crate::support::Call;
use crate::writes::listed;

pub fn rows() -> Vec<Row> {
    [unreachable(), lost(), kept_alive(), slow()].into_iter().flatten().collect()
}

/// An address where nobody listens, and nobody else can: the socket keeps the port.
fn nobody() -> SocketAddr {
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
        let closed = format!("http://{}", nobody());
        let refused = row("port closed", format!("{call:?}"), call).set(|settings| settings.base_url = Some(closed));
        rows.push(refused.fails("Connect").requests(0).check(Check::Attempts(4)).within(2000));
    }
    // Reserved by RFC 6761: no resolver knows it, whatever the network.
    let unknown = row("name does not resolve", "read", READ).set(|settings| {
        settings.base_url = Some("https://api.invalid".to_owned());
        settings.connect_timeout = std::time::Duration::from_secs(1);
    });
    rows.push(unknown.fails("Connect").requests(0).within(6000));
    rows
}

/// Every way in which an answer is lost between the request and the end of the headers.
fn lost_answers() -> Vec<(&'static str, &'static str, Reply)> {
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
        row("reset on accept", "read", READ).resetting(0..100).fails("Connect").requests(0).connections(4),
        row("reset on accept", "read that recovers", READ).resetting(0..2).connections(3),
    ];
    for call in [CREATE, DELETE] {
        let only_the_change = row("reset on accept", format!("{call:?}"), call)
            .on("org_info", [crate::scripted::org_info().header("connection", "close").then(Step::Close)])
            .on("list_clusters", [listed("old", "us-west-1", "unavailable")])
            .resetting(1..2);
        // Nothing was sent if the reset came before the connection was there.
        rows.push(only_the_change.stays_unknown().requests_up_to(1).looks_up_to(10).or_succeeds());
    }
    for (fault, case, reply) in lost_answers() {
        let rows_of = |what: &str, call| row(fault, format!("{case}, {what}"), call);
        rows.push(
            rows_of("read", READ).answers([reply.clone()]).fails("Connect").requests(4).check(Check::Attempts(4)),
        );
        rows.push(rows_of("read that recovers", READ).answers([reply.clone(), ok("[]")]).requests(2));
        rows.push(rows_of("create", CREATE).answers([reply.clone()]).stays_unknown());
        let there = listed("old", "us-west-1", "unavailable");
        rows.push(rows_of("delete", DELETE).answers([reply.clone()]).on("list_clusters", [there]).stays_unknown());
        rows.push(rows_of("start", Call::Start("old")).answers([reply]).fails("OutcomeUnknown"));
    }
    rows
}

fn kept_alive() -> Vec<Row> {
    const FAULT: &str = "kept-alive connection closed while idle";
    // The first request is for the account, on the same connection.
    let closing = || crate::scripted::org_info().then(Step::Close);
    let open = |call, case: &str| row(FAULT, format!("{call:?}, {case}"), call);
    vec![
        open(Call::Cluster("old"), "closed before").on("org_info", [closing()]).answers([crate::body::described()]),
        // The request arrives and the connection is closed without an answer.
        open(Call::Cluster("old"), "closed meanwhile").answers([closed(), crate::body::described()]).requests(2),
        open(CREATE, "closed meanwhile")
            .answers([closed()])
            .on("list_clusters", [listed("new", "us-west-1", "creating")])
            .looks(1)
            .check(Check::Reconciled(true)),
    ]
}

fn slow() -> Vec<Row> {
    const FAULT: &str = "reply one byte at a time";
    vec![
        row(FAULT, "read", READ).answers([ok("null").dripping()]),
        row(FAULT, "create", CREATE).answers([ok("null").dripping()]),
        row(FAULT, "delete", DELETE).answers([ok("null").dripping()]),
    ]
}
