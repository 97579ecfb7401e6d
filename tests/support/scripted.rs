//! A scripted TCP server on loopback. It sends exactly the scripted bytes and records every request, for example
//! `Server::start(Script::new().on("list_skus", [json(503, ""), ok("[]").truncated(5)]))`.

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

/// Separate from the runtimes of the tests, so that a server runs for both the async and the blocking client.
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());

/// The longest time that a test waits for an event.
const EVENT_TIMEOUT: Duration = Duration::from_secs(20);
/// The number of open files is limited; the server accepts further connections when earlier ones end.
const MAX_CONNECTIONS: usize = 256;

/// What the server does after a request.
#[derive(Clone, Debug)]
pub enum Step {
    Write(Vec<u8>),
    /// Writes one byte per packet.
    Drip(Vec<u8>),
    /// Writes one byte every 10 ms and repeats the bytes without end.
    Trickle(Vec<u8>),
    /// Repeats the bytes without end, as fast as the client reads.
    Endless(Vec<u8>),
    /// Waits until the gate is open.
    Hold(Gate),
    /// Sends nothing until the client closes the connection.
    Silence,
    Close,
    Reset,
}

/// Blocks a server until the test opens it.
#[derive(Clone, Debug)]
pub struct Gate(Arc<Semaphore>);

impl Gate {
    pub fn closed() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }

    pub fn open(&self) {
        self.0.close();
    }

    async fn wait(&self) {
        // `open` closes the semaphore, which ends this wait with an error.
        let _ = self.0.acquire().await;
    }
}

/// The steps after one request. The connection stays open unless a step ends it.
#[derive(Clone, Debug)]
pub struct Response(pub Vec<Step>);

/// Exactly these bytes, except that the server's port replaces `{port}`.
pub fn raw(bytes: impl Into<Vec<u8>>) -> Response {
    Response(vec![Step::Write(bytes.into())])
}

pub fn typed(status: u16, content_type: &str, body: impl AsRef<[u8]>) -> Response {
    let body = body.as_ref();
    let length = body.len();
    let head = format!("HTTP/1.1 {status} x\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\n\r\n");
    raw([head.as_bytes(), body].concat())
}

pub fn json(status: u16, body: impl AsRef<[u8]>) -> Response {
    typed(status, "application/json", body)
}

pub fn html(status: u16, body: impl AsRef<[u8]>) -> Response {
    typed(status, "text/html", body)
}

pub fn headers(status: u16, headers: &[(&str, &str)]) -> Response {
    let empty = raw(format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n"));
    headers.iter().fold(empty, |response, (name, value)| response.header(name, value))
}

/// A success with this data.
pub fn ok(data: &str) -> Response {
    json(200, format!(r#"{{"code":0,"message":"success","data":{data}}}"#))
}

/// An account with one organization and one project.
pub fn org_info() -> Response {
    ok(r#"{"auth_provider":"github","create_at":"2025-08-20 08:20:21","email":"a@example.com","user_name":"a",
        "org_info":{"org_create_at":"2025-08-20 08:20:21","org_id":1,"org_name":"o","roles":["admin"],
        "projects":[{"create_at":"2025-08-20 08:20:21","project_id":147,"project_name":"p"}]}}"#)
}

pub fn closed() -> Response {
    Response(vec![Step::Close])
}

pub fn reset() -> Response {
    Response(vec![Step::Reset])
}

pub fn silence() -> Response {
    Response(vec![Step::Silence])
}

impl Response {
    pub fn then(mut self, step: Step) -> Self {
        self.0.push(step);
        self
    }

    /// Adds a header before the existing ones.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Some(Step::Write(bytes)) = self.0.first_mut() {
            let line = bytes.windows(2).position(|end| end == b"\r\n").unwrap() + 2;
            bytes.splice(line..line, format!("{name}: {value}\r\n").into_bytes());
        }
        self
    }

    /// Omits the last bytes and closes the connection.
    pub fn truncated(mut self, missing: usize) -> Self {
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

    pub fn held_by(mut self, gate: &Gate) -> Self {
        self.0.insert(0, Step::Hold(gate.clone()));
        self
    }
}

/// The responses to each operation. The last response of an operation repeats.
#[derive(Clone, Debug, Default)]
pub struct Script {
    responses: HashMap<&'static str, VecDeque<Response>>,
    /// The connections that the server resets as soon as it has accepted them.
    resets: Range<usize>,
}

impl Script {
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the responses to an operation, by its operationId. The defaults are an account, no clusters, and success.
    pub fn on<const N: usize>(mut self, operation: &'static str, responses: [Response; N]) -> Self {
        self.responses.insert(operation, responses.into());
        self
    }

    pub fn reset_connections(mut self, connections: Range<usize>) -> Self {
        self.resets = connections;
        self
    }

    fn next(&mut self, operation: &str) -> Response {
        match self.responses.get_mut(operation) {
            Some(responses) if responses.len() > 1 => responses.pop_front().unwrap(),
            Some(responses) => responses[0].clone(),
            None => match operation {
                "org_info" => org_info(),
                "list_clusters" => ok(r#"{"cluster_list":null,"total":0}"#),
                _ => ok("null"),
            },
        }
    }
}

/// A recorded request.
#[derive(Clone, Debug)]
pub struct Request {
    pub operation: &'static str,
    pub method: String,
    /// Path and query.
    pub target: String,
    pub head: String,
    pub body: Vec<u8>,
}

/// The traffic that a server has recorded.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    pub connections: usize,
    /// How many connections have ended, by either side.
    pub ended: usize,
    pub requests: Vec<Request>,
    /// The bytes written to all connections.
    pub written: usize,
}

impl Recorded {
    pub fn count(&self, operation: &str) -> usize {
        self.requests.iter().filter(|request| request.operation == operation).count()
    }
}

/// The server. Dropping it stops it.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    recorded: watch::Receiver<Recorded>,
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

    /// Starts at the address of a server that has just stopped.
    pub fn start_at(address: SocketAddr, script: Script) -> Self {
        let listener = {
            let _context = RUNTIME.enter();
            let socket = tokio::net::TcpSocket::new_v4().unwrap();
            socket.set_reuseaddr(true).unwrap();
            socket.bind(address).unwrap();
            socket.listen(1024).unwrap()
        };
        let address = listener.local_addr().unwrap();
        let (recorder, recorded) = watch::channel(Recorded::default());
        Self { address, recorded, accepting: RUNTIME.spawn(accept(listener, script, Arc::new(recorder))) }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn recorded(&self) -> Recorded {
        self.recorded.borrow().clone()
    }

    /// Waits until the recorded traffic meets the condition.
    pub async fn wait_until(&self, condition: impl FnMut(&Recorded) -> bool) -> Recorded {
        let mut recorded = self.recorded.clone();
        let waiting = timeout(EVENT_TIMEOUT, recorded.wait_for(condition)).await;
        waiting.expect("the event comes in time").unwrap().clone()
    }

    /// Stops the server and closes every connection.
    pub async fn stop(mut self) {
        self.accepting.abort();
        // The error reports the abort.
        let _ = (&mut self.accepting).await;
    }
}

type Recorder = Arc<watch::Sender<Recorded>>;

async fn accept(listener: TcpListener, script: Script, recorder: Recorder) {
    let resets = script.resets.clone();
    let script = Arc::new(Mutex::new(script));
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut connections = JoinSet::new();
    for index in 0.. {
        let permit = permits.clone().acquire_owned().await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        recorder.send_modify(|recorded| recorded.connections += 1);
        if resets.contains(&index) {
            stream.set_zero_linger().unwrap();
            recorder.send_modify(|recorded| recorded.ended += 1);
            continue;
        }
        let (script, recorder) = (script.clone(), recorder.clone());
        connections.spawn(async move {
            serve_connection(stream, &script, &recorder).await;
            recorder.send_modify(|recorded| recorded.ended += 1);
            drop(permit);
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn serve_connection(mut stream: TcpStream, script: &Mutex<Script>, recorder: &Recorder) {
    stream.set_nodelay(true).unwrap();
    while let Some(request) = read_request(&mut stream).await {
        let response = script.lock().unwrap().next(request.operation);
        recorder.send_modify(|recorded| recorded.requests.push(request));
        for step in response.0 {
            if !perform(&mut stream, step, recorder).await {
                return;
            }
        }
    }
}

/// Performs one step. Returns false if the connection has ended.
async fn perform(stream: &mut TcpStream, step: Step, recorder: &Recorder) -> bool {
    let port = stream.local_addr().unwrap().port();
    let mut write = async |bytes: &[u8]| {
        let written = stream.write_all(bytes).await.is_ok();
        recorder.send_modify(|recorded| recorded.written += bytes.len());
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
            let mut ticks = interval(Duration::from_millis(10));
            for byte in bytes.into_iter().cycle() {
                ticks.tick().await;
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
            () = gate.wait() => true,
            () = client_closed(stream) => false,
        },
        Step::Silence => {
            client_closed(stream).await;
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
async fn client_closed(stream: &mut TcpStream) {
    while matches!(stream.read(&mut [0; 1024]).await, Ok(1..)) {}
}

/// Reads a request including its body. Returns `None` if the client closes the connection first.
async fn read_request(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|end| end == b"\r\n\r\n") {
            break end + 4;
        }
        read_more(stream, &mut bytes).await?;
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().unwrap())
    });
    while bytes.len() < end + length.unwrap_or(0) {
        read_more(stream, &mut bytes).await?;
    }
    let mut line = head.split(' ');
    let (method, target) = (line.next()?.to_owned(), line.next()?.to_owned());
    let operation = operation(&method, target.split('?').next()?);
    Some(Request { operation, method, target, head, body: bytes.split_off(end) })
}

async fn read_more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
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
