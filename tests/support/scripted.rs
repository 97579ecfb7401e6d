//! A server on loopback that does what a script says, byte for byte, and keeps a record of what it saw, as in
//! `Server::start(Script::new().on("list_skus", [json(503, ""), ok("[]").cut(5)]))`.

#![allow(dead_code, reason = "each test program uses its own part")]

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::ops::Range;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{interval, timeout};

/// Its own, so that a server lives under the async and the blocking client alike.
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());

/// No test waits longer for something that has to come.
const PATIENCE: Duration = Duration::from_secs(20);
/// File descriptors are few: the other connections wait to be accepted.
const MOST_AT_ONCE: usize = 256;

/// What the server does after a request.
#[derive(Clone, Debug)]
pub enum Step {
    Write(Vec<u8>),
    /// One byte to a packet.
    Drip(Vec<u8>),
    /// One byte every 10 ms, again and again.
    Trickle(Vec<u8>),
    /// As fast as it is read, without end.
    Endless(Vec<u8>),
    Hold(Gate),
    /// Nothing more, until the client goes.
    Silence,
    Close,
    Reset,
}

/// Holds a server until it is opened.
#[derive(Clone, Debug)]
pub struct Gate(Arc<Semaphore>);

impl Gate {
    pub fn closed() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    pub fn open(&self) {
        self.0.close();
    }

    async fn pass(&self) {
        // Closing the semaphore is what opens the gate.
        let _ = self.0.acquire().await;
    }
}

/// What follows one request; the connection is kept unless a step ends it.
#[derive(Clone, Debug)]
pub struct Reply(pub Vec<Step>);

/// These bytes and nothing else. `{port}` becomes the port of the server.
pub fn raw(bytes: impl Into<Vec<u8>>) -> Reply {
    Reply(vec![Step::Write(bytes.into())])
}

pub fn typed(status: u16, content_type: &str, body: impl AsRef<[u8]>) -> Reply {
    let body = body.as_ref();
    let length = body.len();
    let head = format!("HTTP/1.1 {status} x\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\r\n");
    raw([head.as_bytes(), body].concat())
}

pub fn json(status: u16, body: impl AsRef<[u8]>) -> Reply {
    typed(status, "application/json", body)
}

pub fn html(status: u16, body: impl AsRef<[u8]>) -> Reply {
    typed(status, "text/html", body)
}

pub fn headers(status: u16, headers: &[(&str, &str)]) -> Reply {
    let empty = raw(format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n"));
    headers.iter().fold(empty, |reply, (name, value)| reply.header(name, value))
}

/// A success with this data.
pub fn ok(data: &str) -> Reply {
    json(200, format!(r#"{{"code":0,"message":"success","data":{data}}}"#))
}

/// An account with one organization and one project.
pub fn org_info() -> Reply {
    ok(r#"{"auth_provider":"github","create_at":"2025-08-20 08:20:21","email":"a@example.com","user_name":"a",
        "org_info":{"org_create_at":"2025-08-20 08:20:21","org_id":1,"org_name":"o","roles":["admin"],
        "projects":[{"create_at":"2025-08-20 08:20:21","project_id":147,"project_name":"p"}]}}"#)
}

pub fn closed() -> Reply {
    Reply(vec![Step::Close])
}

pub fn reset() -> Reply {
    Reply(vec![Step::Reset])
}

pub fn silence() -> Reply {
    Reply(vec![Step::Silence])
}

impl Reply {
    pub fn then(mut self, step: Step) -> Self {
        self.0.push(step);
        self
    }

    /// Adds a header before those that are there.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Some(Step::Write(bytes)) = self.0.first_mut() {
            let line = bytes.windows(2).position(|end| end == b"\r\n").unwrap() + 2;
            bytes.splice(line..line, format!("{name}: {value}\r\n").into_bytes());
        }
        self
    }

    /// Leaves the last bytes out and closes the connection in their place.
    pub fn cut(mut self, missing: usize) -> Self {
        if let Some(Step::Write(bytes)) = self.0.last_mut() {
            bytes.truncate(bytes.len() - missing);
        }
        self.then(Step::Close)
    }

    pub fn dripping(self) -> Self {
        let drip = |step| match step {
            Step::Write(bytes) => Step::Drip(bytes),
            other => other,
        };
        Self(self.0.into_iter().map(drip).collect())
    }

    pub fn behind(mut self, gate: &Gate) -> Self {
        self.0.insert(0, Step::Hold(gate.clone()));
        self
    }
}

/// What the server answers to each operation; the last of its replies again and again.
#[derive(Clone, Debug, Default)]
pub struct Script {
    replies: HashMap<&'static str, VecDeque<Reply>>,
    /// Which connections are reset as soon as they are accepted.
    resets: Range<usize>,
}

impl Script {
    pub fn new() -> Self {
        Self::default()
    }

    /// The replies to an operation by its operationId. Others are answered with an account, no clusters, and success.
    pub fn on<const N: usize>(mut self, operation: &'static str, replies: [Reply; N]) -> Self {
        self.replies.insert(operation, replies.into());
        self
    }

    pub fn resetting(mut self, connections: Range<usize>) -> Self {
        self.resets = connections;
        self
    }

    fn next(&mut self, operation: &str) -> Reply {
        match self.replies.get_mut(operation) {
            Some(replies) if replies.len() > 1 => replies.pop_front().unwrap(),
            Some(replies) => replies[0].clone(),
            None => match operation {
                "org_info" => org_info(),
                "list_clusters" => ok(r#"{"cluster_list":null,"total":0}"#),
                _ => ok("null"),
            },
        }
    }
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Request {
    pub operation: &'static str,
    pub method: String,
    /// Path and query.
    pub target: String,
    pub head: String,
    pub body: Vec<u8>,
}

#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub connections: usize,
    /// How many of them have ended, by either side.
    pub ended: usize,
    pub requests: Vec<Request>,
    /// The bytes that were written to all of them.
    pub written: usize,
}

impl Seen {
    pub fn count(&self, operation: &str) -> usize {
        self.requests.iter().filter(|request| request.operation == operation).count()
    }
}

/// The server; it ends when it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    seen: watch::Receiver<Seen>,
    accepting: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Server {
    pub fn start(script: Script) -> Self {
        Self::start_at(([127, 0, 0, 1], 0).into(), script)
    }

    /// The same at this address, from which another server has just gone.
    pub fn start_at(address: SocketAddr, script: Script) -> Self {
        let listener = {
            let _context = RUNTIME.enter();
            let socket = tokio::net::TcpSocket::new_v4().unwrap();
            socket.set_reuseaddr(true).unwrap();
            socket.bind(address).unwrap();
            socket.listen(1024).unwrap()
        };
        let address = listener.local_addr().unwrap();
        let (record, seen) = watch::channel(Seen::default());
        Self { address, seen, accepting: RUNTIME.spawn(accept(listener, script, Arc::new(record))) }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn seen(&self) -> Seen {
        self.seen.borrow().clone()
    }

    /// Waits until the record says so.
    pub async fn until(&self, enough: impl FnMut(&Seen) -> bool) -> Seen {
        let mut seen = self.seen.clone();
        let waiting = timeout(PATIENCE, seen.wait_for(enough)).await;
        waiting.expect("it has to come").unwrap().clone()
    }

    /// Ends it, and with it every connection.
    pub async fn stop(mut self) {
        self.accepting.abort();
        // The error says that it was aborted.
        let _ = (&mut self.accepting).await;
    }
}

type Record = Arc<watch::Sender<Seen>>;

async fn accept(listener: TcpListener, script: Script, record: Record) {
    let resets = script.resets.clone();
    let script = Arc::new(Mutex::new(script));
    let room = Arc::new(Semaphore::new(MOST_AT_ONCE));
    let mut connections = JoinSet::new();
    for index in 0.. {
        let place = room.clone().acquire_owned().await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        record.send_modify(|seen| seen.connections += 1);
        if resets.contains(&index) {
            stream.set_zero_linger().unwrap();
            record.send_modify(|seen| seen.ended += 1);
            continue;
        }
        let (script, record) = (script.clone(), record.clone());
        connections.spawn(async move {
            converse(stream, &script, &record).await;
            record.send_modify(|seen| seen.ended += 1);
            drop(place);
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn converse(mut stream: TcpStream, script: &Mutex<Script>, record: &Record) {
    stream.set_nodelay(true).unwrap();
    while let Some(request) = read(&mut stream).await {
        let reply = script.lock().unwrap().next(request.operation);
        record.send_modify(|seen| seen.requests.push(request));
        for step in reply.0 {
            if !perform(&mut stream, step, record).await {
                return;
            }
        }
    }
}

/// Does one step; false if the connection is at its end.
async fn perform(stream: &mut TcpStream, step: Step, record: &Record) -> bool {
    let port = stream.local_addr().unwrap().port();
    let mut write = async |bytes: &[u8]| {
        let written = stream.write_all(bytes).await.is_ok();
        record.send_modify(|seen| seen.written += bytes.len());
        written
    };
    match step {
        Step::Write(bytes) => match String::from_utf8(bytes) {
            Ok(text) => write(text.replace("{port}", &port.to_string()).as_bytes()).await,
            Err(bytes) => write(bytes.as_bytes()).await,
        },
        Step::Drip(bytes) => {
            for byte in bytes {
                if !write(&[byte]).await {
                    return false;
                }
            }
            true
        }
        Step::Trickle(bytes) => {
            let mut pace = interval(Duration::from_millis(10));
            for byte in bytes.into_iter().cycle() {
                pace.tick().await;
                if !write(&[byte]).await {
                    return false;
                }
            }
            true
        }
        Step::Endless(bytes) => {
            while write(&bytes).await {}
            false
        }
        Step::Hold(gate) => tokio::select! {
            () = gate.pass() => true,
            () = gone(stream) => false,
        },
        Step::Silence => {
            gone(stream).await;
            false
        }
        Step::Close => false,
        Step::Reset => {
            stream.set_zero_linger().unwrap();
            false
        }
    }
}

/// Waits until the client closes the connection.
async fn gone(stream: &mut TcpStream) {
    while matches!(stream.read(&mut [0; 1024]).await, Ok(1..)) {}
}

/// Reads a request to the end of its body; none if the client goes before.
async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|end| end == b"\r\n\r\n") {
            break end + 4;
        }
        more(stream, &mut bytes).await?;
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
    });
    while bytes.len() < end + length.unwrap_or(0) {
        more(stream, &mut bytes).await?;
    }
    let mut line = head.split(' ');
    let (method, target) = (line.next()?.to_owned(), line.next()?.to_owned());
    let operation = operation(&method, target.split('?').next()?);
    Some(Request { operation, method, target, head, body: bytes.split_off(end) })
}

async fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    let read = stream.read_buf(bytes).await.ok()?;
    (read > 0).then_some(())
}

fn operation(method: &str, path: &str) -> &'static str {
    let Some(path) = path.strip_prefix("/api/v1/") else { return "none" };
    let segments: Vec<_> = path.split('/').collect();
    match (method, &segments[..]) {
        ("GET", ["org-info"]) => "org_info",
        ("GET", ["skus-by-args"]) => "list_skus",
        ("GET", ["orgs", _, "projects", _, "clusters"]) => "list_clusters",
        ("POST", ["orgs", _, "projects", _, "clusters"]) => "create_cluster",
        ("GET", ["orgs", _, "projects", _, "clusters", _]) => "describe_cluster",
        ("DELETE", ["orgs", _, "projects", _, "clusters", _, "delete"]) => "delete_cluster",
        ("POST", ["orgs", _, "projects", _, "clusters", _, "start"]) => "start_cluster",
        _ => "none",
    }
}
