//! What responses with many unknown fields cost in memory, which nobody asked for.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use eloq_sdk::EloqApi;
use tokio::task::JoinSet;

const CALLS: usize = 8;
const BODY: usize = 1 << 20;
/// The body, the copy of it as text, and what allocators keep: a small multiple of the text.
const MULTIPLE: usize = 4;

/// The account with this unknown field.
fn account(unknown: &str) -> String {
    format!(
        r#"{{"code":0,"message":"success","data":{{"auth_provider":"github","create_at":"2025-08-20 08:20:21",
            "email":"a@example.com","user_name":"a","unknown":{unknown},"org_info":{{"org_create_at":"2025-08-20 08:20:21",
            "org_id":1,"org_name":"o","roles":["admin"],"projects":[]}}}}}}"#
    )
}

/// An array that repeats this item.
fn repeated(item: &str) -> String {
    let mut array = format!("[{item}");
    while array.len() < BODY {
        array.push(',');
        array.push_str(item);
    }
    array + "]"
}

/// Sends the body to every request, without copies of it.
fn serve(body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/api/v1/", listener.local_addr().unwrap());
    thread::spawn(move || {
        thread::scope(|scope| {
            for stream in listener.incoming().take(CALLS) {
                scope.spawn(|| respond(stream.unwrap(), &body));
            }
        });
    });
    url
}

fn respond(mut stream: TcpStream, body: &str) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        request.push(byte[0]);
    }
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
}

/// A line of `/proc/self/status`, in bytes.
fn usage(name: &str) -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().trim_end_matches(" kB").parse::<usize>().ok()? * 1024)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unknown_fields_of_eight_calls_at_once_cost_a_small_multiple_of_their_text() {
    let items = ["0", "[]", r#"{"a":0}"#, r#""""#];
    let urls: Vec<String> = items.iter().map(|item| serve(account(&repeated(item)))).collect();
    let Some(before) = usage("VmRSS:") else {
        eprintln!("skipped: this system does not tell the peak of memory");
        return;
    };
    for (item, url) in items.iter().zip(urls) {
        let client = EloqApi::from_key_and_url("key", url).unwrap();
        let mut calls: JoinSet<_> =
            (0..CALLS).map(|_| client.clone()).map(async |client| client.info().await).collect();
        while let Some(info) = calls.join_next().await {
            info.unwrap().unwrap();
        }
        let grown = usage("VmHWM:").unwrap().saturating_sub(before);
        assert!(grown <= CALLS * MULTIPLE * BODY, "[{item}, …] costs {} MiB", grown >> 20);
    }
}
