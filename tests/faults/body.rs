//! Bodies that are truncated, not JSON, of another schema, or too large, and invalid credentials in bodies.

use std::time::Duration;

use serde_json::{Value, json as value};

use crate::canary::{BODY, ENCODED, KEY, page};
use crate::row::{CREATE, Check, DELETE, READ, Row, row};
use crate::scripted::{Response, Step, html, json, ok, org_info, raw, typed};
use crate::support::Call;
use crate::writes::listed;

pub fn rows() -> Vec<Row> {
    [truncated(), not_json(), tolerated(), repeated(), extreme(), mismatched(), large(), credentials()]
        .into_iter()
        .flatten()
        .collect()
}

/// A cluster as the service describes it.
fn cluster() -> Value {
    value!({
        "admin_user": "MTQ1LW5paGhOaA==", "admin_password": ENCODED, "cloud_provider": "aws",
        "cluster_deploy_mode": "txWithInternalLog", "create_at": "2025-08-26T08:06:41Z", "display_cluster_name": "c",
        "elb_addr": "h", "elb_port": 6379, "elb_state": "active", "log_cpu_limit": 0.5, "log_memory_mi_limit": 512,
        "log_replica": 1, "module_type": "EloqKV", "org_name": "o", "project_name": "p", "region": "us-west-1",
        "status": "available", "tx_cpu_limit": 1, "tx_memory_mi_limit": 1024, "tx_replica": 1, "version": "v",
        "zone": "us-west-1a",
    })
}

pub fn described() -> Response {
    ok(&cluster().to_string())
}

/// A described cluster with one field replaced or removed.
fn with(field: &str, other: Option<Value>) -> Response {
    let mut cluster = cluster();
    match other {
        Some(value) => cluster[field] = value,
        None => drop(cluster.as_object_mut().unwrap().remove(field)),
    }
    ok(&cluster.to_string())
}

/// The service repeats the credential.
fn repeated() -> Vec<Row> {
    const FAULT: &str = "credential in a response";
    let escaped: String = KEY.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
    let mut rows = Vec::new();
    for (form, key) in [("plain", KEY), ("escaped", escaped.as_str())] {
        let envelope = |code: u16| format!(r#"{{"code":{code},"message":"{key}","data":null,"{key}":"{key}"}}"#);
        for status in [200, 400, 401, 403, 404, 409, 429, 500, 503] {
            let kind = format!("application/json; of={KEY}");
            let response = typed(status, &kind, envelope(status)).header("x-request-id", KEY);
            let create = row(FAULT, format!("{form}, {status}"), CREATE).set(|settings| {
                settings.policy = eloq_sdk::RetryPolicy::none();
            });
            let create = create.responds([response]).max_account_requests(2);
            rows.push(match status {
                200 => create,
                400 => create.fails("Validation"),
                401 => create.fails("Authentication"),
                403 => create.fails("Permission"),
                404 => create.fails("NotFound"),
                409 => create.fails("Conflict"),
                429 => create.fails("RateLimit"),
                _ => create.list_requests(1).fails("Server").check(Check::RequestId("[redacted]")),
            });
        }
        let data = format!(r#"[{{"sku_name":"{key}"}}]"#);
        rows.push(row(FAULT, format!("{form}, another schema"), READ).responds([ok(&data)]).fails("Decode"));
        let region = with("region", Some(KEY.into()));
        let shown = row(FAULT, format!("{form}, a field"), Call::Cluster("c")).on("describe_cluster", [region]);
        rows.push(shown.check(Check::Returns("/region", "[redacted]".into())));
    }
    rows
}

/// Numbers at their limits, and what nobody asked for.
fn extreme() -> Vec<Row> {
    let mut rows = Vec::new();
    for total in [i64::MAX, i64::MIN] {
        let list = || ok(&format!(r#"{{"cluster_list":null,"total":{total}}}"#));
        let clusters = row("numbers at their limits", format!("list, {total}"), Call::FirstClusters);
        rows.push(clusters.on("list_clusters", [list()]).check(Check::Returns("/total", total.into())));
        // It must not overflow, and an empty list with such a total proves nothing.
        let delete =
            row("numbers at their limits", format!("delete, {total}"), DELETE).responds([Response(vec![Step::Close])]);
        let lists: [Response; 64] = std::array::from_fn(|_| list());
        let delete = delete.on("list_clusters", lists);
        rows.push(delete.stays_unknown().list_requests_up_to(64));
    }
    let numbers = vec!["0"; 200_000].join(",");
    let many = with("unknown", Some(serde_json::from_str(&format!("[{numbers}]")).unwrap()));
    rows.push(row("many unknown fields", "numbers", Call::Cluster("c")).on("describe_cluster", [many]).within(3000));
    rows
}

fn truncated() -> Vec<Row> {
    let chunked = |rest: String| {
        raw(format!("HTTP/1.1 200 x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n{rest}"))
    };
    let chunk = format!("40\r\n{{\"code\":0,\"data\":\"{BODY}\"");
    let responses = [
        ("short Content-Length", "close", ok("null").truncated(5), "Connect"),
        ("short Content-Length", "nothing of it", json(200, BODY).truncated(BODY.len()), "Connect"),
        ("cut chunked", "in a chunk", chunked(chunk).then(Step::Close), "Connect"),
        ("cut chunked", "between chunks", chunked("2\r\n{}\r\n".to_owned()).then(Step::Close), "Connect"),
        ("cut chunked", "before the first", chunked(String::new()).then(Step::Close), "Connect"),
        ("cut chunked", "reset", chunked("2\r\n{}\r\n".to_owned()).then(Step::Reset), "Connect"),
        ("bad chunk size", "letters", chunked(format!("{BODY}\r\n")).then(Step::Close), "Protocol"),
        ("bad chunk size", "too large", chunked("fffffffffffffffff\r\nx".to_owned()).then(Step::Close), "Protocol"),
        ("bad chunk size", "negative", chunked("-1\r\nx".to_owned()).then(Step::Close), "Protocol"),
    ];
    let mut rows = Vec::new();
    for (fault, case, response, variant) in responses {
        let named = |call| row(fault, format!("{case}, {call:?}"), call);
        let read = named(READ).responds([response.clone()]).fails(variant).requests(4).check(Check::Attempts(4));
        rows.push(read);
        rows.push(row(fault, format!("{case}, recovers"), READ).responds([response.clone(), ok("[]")]).requests(2));
        rows.push(named(CREATE).responds([response.clone()]).stays_unknown());
        let list = listed("old", "us-west-1", "unavailable");
        rows.push(named(DELETE).responds([response.clone()]).on("list_clusters", [list]).stays_unknown());
        rows.push(named(Call::Start("c")).responds([response]).fails("OutcomeUnknown"));
    }
    rows
}

fn not_json() -> Vec<Row> {
    let responses = [
        ("200 HTML login page", "HTML", html(200, page()), "text/html"),
        ("200 HTML login page", "HTML as JSON", json(200, page()), "application/json"),
        (
            "200 HTML login page",
            "without a type",
            raw("HTTP/1.1 200 x\r\ncontent-length: 1\r\n\r\n<"),
            "no content type",
        ),
        ("empty 200", "JSON", json(200, ""), "application/json"),
        ("empty 200", "without a type", raw("HTTP/1.1 200 x\r\ncontent-length: 0\r\n\r\n"), "no content type"),
    ];
    let mut rows = Vec::new();
    for (fault, case, response, kind) in responses {
        let named = |call| row(fault, format!("{case}, {call:?}"), call).responds([response.clone()]);
        for call in [READ, Call::Info, Call::Cluster("c")] {
            let decode = named(call).fails("Decode").check(Check::Displays(kind));
            rows.push(decode.check(Check::Status(200)).check(Check::Attempts(1)));
        }
        rows.push(named(CREATE).stays_unknown());
        rows.push(named(DELETE).on("list_clusters", [listed("old", "us-west-1", "unavailable")]).stays_unknown());
        rows.push(named(Call::Start("c")).fails("OutcomeUnknown"));
    }
    rows
}

fn tolerated() -> Vec<Row> {
    const CLUSTER: Call = Call::Cluster("c");
    let returns = |fault, case: &str, call, response, pointer, value: Value| {
        row(fault, case, call).responds([response]).check(Check::Returns(pointer, value))
    };
    let bare = match &org_info().0[..] {
        [Step::Write(bytes)] => {
            let text = String::from_utf8(bytes.clone()).unwrap();
            let envelope: Value = serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap();
            json(200, envelope["data"].to_string())
        }
        _ => unreachable!("the account response is a single write"),
    };
    let mut rows = vec![
        returns("new enum value", "status", CLUSTER, with("status", Some("asleep".into())), "/status", "asleep".into()),
        returns("new enum value", "module", CLUSTER, with("module_type", Some("X".into())), "/module_type", "X".into()),
        returns(
            "new enum value",
            "cloud",
            CLUSTER,
            with("cloud_provider", Some("x".into())),
            "/cloud_provider",
            "x".into(),
        ),
        returns("extra fields", "data", CLUSTER, with("extra", Some(value!([{}]))), "/region", "us-west-1".into()),
        row("extra fields", "envelope", READ).responds([json(200, r#"{"code":0,"message":"","data":[],"trace":{}}"#)]),
        returns("null list", "SKUs", READ, ok("null"), "", value!([])),
        returns("bare org-info", "info", Call::Info, bare.clone(), "/org_info/org_id", 1.into()),
        returns("bare org-info", "org", Call::Org, bare.clone(), "/org_id", 1.into()),
        row("bare org-info", "as context", CLUSTER).on("org_info", [bare]).responds([described()]),
    ];
    let none = ok(r#"{"cluster_list":null,"total":0}"#);
    rows.push(returns("null list", "clusters", Call::FirstClusters, none, "/cluster_list", value!([])));
    for code in [0, 200, 201] {
        for call in [READ, CREATE, DELETE] {
            let response = json(200, format!(r#"{{"code":{code},"message":"","data":null}}"#));
            rows.push(row("code 0 or 200", format!("{code}, {call:?}"), call).responds([response]));
        }
    }
    rows
}

fn mismatched() -> Vec<Row> {
    const CLUSTER: Call = Call::Cluster("c");
    let fails = |fault, case: &str, call, response, path| {
        row(fault, case, call).responds([response]).fails("Decode").check(Check::Path(path)).check(Check::Status(200))
    };
    let nested = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    let bytes = [br#"{"code":0,"message":"","data":{"region":"canary-body-7gH3"#, &b"\xff\"}}"[..]].concat();
    let no_data = |case, call, response| {
        let row =
            row("null or missing field", case, call).responds([response]).fails("Decode").check(Check::Path("data"));
        row.check(Check::Displays("a value is missing"))
    };
    vec![
        fails("null or missing field", "null", CLUSTER, with("region", Some(Value::Null)), "data.region"),
        fails("null or missing field", "missing", CLUSTER, with("region", None), "data.region"),
        no_data("data null", CLUSTER, ok("null")),
        no_data("data null, account", Call::Info, ok("null")),
        no_data("data absent", CLUSTER, json(200, r#"{"code":0,"message":""}"#)),
        no_data("data null, status", CLUSTER, ok("null")).check(Check::Status(200)),
        no_data("data null, ledger", CLUSTER, ok("null")).check(Check::Attempts(1)),
        fails("wrong type", "text for a number", CLUSTER, with("elb_port", Some(BODY.into())), "data.elb_port"),
        fails("wrong type", "number for a text", CLUSTER, with("zone", Some(5.into())), "data.zone"),
        fails("wrong type", "object for a list", READ, ok(&value!({ BODY: BODY }).to_string()), "data"),
        fails("wrong type", "in a list", READ, ok(&value!([BODY]).to_string()), "data[0]"),
        fails(
            "wrong type",
            "password",
            CLUSTER,
            with("admin_password", Some(value!([ENCODED]))),
            "data.admin_password",
        ),
        fails("number out of range", "port", CLUSTER, with("elb_port", Some(70_000.into())), "data.elb_port"),
        fails("number out of range", "negative", CLUSTER, with("elb_port", Some((-1).into())), "data.elb_port"),
        fails("number out of range", "replicas", CLUSTER, with("tx_replica", Some(1e30.into())), "data.tx_replica"),
        row("bad UTF-8", "read", CLUSTER).responds([json(200, bytes)]).fails("Decode"),
        fails("deep nesting", "a field", CLUSTER, with("zone", serde_json::from_str("[[[[[]]]]]").ok()), "data.zone"),
        fails("deep nesting", "data", CLUSTER, ok(&nested), "data"),
        row("deep nesting", "an unknown field", READ)
            .responds([json(200, format!(r#"{{"code":0,"x":{nested}}}"#))])
            .fails("Decode")
            .check(Check::Displays("x[0][0]")),
        fails("deep nesting", "a list", READ, ok(&nested), "data[0]"),
    ]
}

fn large() -> Vec<Row> {
    const MIB: usize = 1024 * 1024;
    /// More than the socket buffers on loopback hold, which is tens of MiB on some machines. A client without a limit reads GiB.
    const BUFFERS: usize = 256 * MIB;
    let chunked = |status: u16| {
        let chunk = [b"10000\r\n", &[b'x'; 0x1_0000][..], b"\r\n"].concat();
        let head = format!("HTTP/1.1 {status} x\r\ntransfer-encoding: chunked\r\n\r\n");
        raw(head).then(Step::Endless(chunk))
    };
    let until_closed = |status: u16| {
        let head = format!("HTTP/1.1 {status} x\r\ncontent-type: application/json\r\n\r\n");
        raw(head).then(Step::Endless(vec![b' '; 0x1_0000]))
    };
    let announced = |status: u16| {
        raw(format!("HTTP/1.1 {status} x\r\ncontent-length: 9999999999\r\n\r\n"))
            .then(Step::Endless(vec![b'x'; 0x1_0000]))
    };
    let mut rows = Vec::new();
    let endless = [("chunked", chunked(200)), ("until closed", until_closed(200)), ("announced", announced(200))];
    for (case, response) in endless {
        for call in [READ, Call::Info] {
            let read =
                row("endless body", format!("{case}, {call:?}"), call).responds([response.clone()]).fails("Protocol");
            let read = read.check(Check::Displays("too large")).check(Check::WritesLessThan(8 * MIB + BUFFERS));
            rows.push(read.check(Check::Attempts(1)));
        }
        let create = row("endless body", format!("{case}, create"), CREATE).responds([response]);
        rows.push(create.set(|settings| settings.max_response_bytes = 0x1_0000).stays_unknown());
    }
    let page = |bytes: usize| {
        typed(200, "application/json", [b"{\"code\":0,\"x\":\"".to_vec(), vec![b'x'; bytes], b"\"}".to_vec()].concat())
    };
    rows.push(row("body above the cap", "by default", READ).responds([page(8 * MIB)]).fails("Protocol"));
    rows.push(row("body above the cap", "just below", READ).responds([page(8 * MIB - 1024)]));
    let small = row("body above the cap", "own cap", READ).set(|settings| settings.max_response_bytes = 1000);
    rows.push(small.responds([page(1000)]).fails("Protocol").check(Check::Displays("too large")));
    let errors = [
        ("announced", typed(500, "text/html", vec![b'x'; 9 * MIB])),
        ("chunked", chunked(500)),
        ("until closed", until_closed(500)),
    ];
    for (case, response) in errors {
        let read = row("huge error body", format!("500 {case}, read"), READ).responds([response.clone()]);
        let read = read.set(|settings| settings.policy = eloq_sdk::RetryPolicy::none());
        rows.push(read.fails("Server").check(Check::Status(500)).check(Check::WritesLessThan(9 * MIB + BUFFERS)));
        rows.push(
            row("huge error body", format!("500 {case}, create"), CREATE)
                .responds([response])
                .fails("Server")
                .list_requests(1),
        );
    }
    let forbidden = row("huge error body", "403", READ).responds([chunked(403)]).fails("Permission");
    rows.push(forbidden.check(Check::WritesLessThan(8 * MIB + BUFFERS)));
    rows.into_iter().map(|row| row.set(|settings| settings.timeout = Duration::from_secs(30))).collect()
}

fn credentials() -> Vec<Row> {
    let cases = [
        ("bad padding", "Y2FuYXJ5LXBhc3N3b3JkLTlkSzE"),
        ("too much padding", "Y2FuYXJ5LXBhc3N3b3JkLTlkSzE=="),
        ("url-safe alphabet", "w7_Dvj8_"),
        ("line breaks", "Y2FuYXJ5LXBhc3N3\nb3JkLTlkSzE="),
        ("not base64", "canary-password-9dK1"),
        ("not UTF-8", "/wA="),
        ("empty", ""),
    ];
    let mut rows = Vec::new();
    for (case, text) in cases {
        for (field, path) in [("admin_password", "data.admin_password"), ("admin_user", "data.admin_user")] {
            let named = |call| {
                let row = row("credentials", format!("{case}, {field}, {call:?}"), call);
                row.responds([with(field, Some(text.into()))])
            };
            rows.push(
                named(Call::Credentials("c"))
                    .fails("Decode")
                    .check(Check::Path(path))
                    .check(Check::Displays("cannot be decoded")),
            );
            rows.push(named(Call::Cluster("c")));
        }
    }
    rows
}
