//! The HTTP/1.1 server: sockets, bodies and connections that end too early; it knows nothing of the API.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, HeaderValue};
use http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::clock::pause;
use super::record::RecordedRequest;
use super::reply::Reply;
use super::state::Shared;

const LONGEST_BODY: usize = 1024 * 1024;
/// A body that is too long is still read, so that the client sees the refusal and no reset, but not without an end.
const LONGEST_DRAIN: usize = 16 * LONGEST_BODY;

/// Accepts connections until the task is dropped; they end with it.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) -> Infallible {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(converse(stream, Arc::clone(&shared)));
            }
            // Out of file descriptors, most likely: without a pause this would spin.
            Err(_) => pause(Duration::from_millis(10)).await,
        }
    }
}

async fn converse(stream: TcpStream, shared: Arc<Shared>) {
    // Without it the reply to a small request could wait for an acknowledgement; the server works all the same.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { handle(&shared, request).await }
    });
    // The error says that the client went away or that a fault closed the connection.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn handle(shared: &Shared, request: Request<Incoming>) -> Result<Response<Sent>, Hangup> {
    let (head, body) = request.into_parts();
    let body = read(body).await?;
    let too_large = body.is_none();
    let backed = shared.start_servers().await;
    let mut outcome = shared.lock().exchange(
        RecordedRequest {
            method: head.method.as_str().to_owned(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().map(str::to_owned),
            headers: head.headers,
            body: body.unwrap_or_default(),
            operation: None,
        },
        too_large,
    );
    if let (Err(error), Some(reply)) = (backed, &mut outcome.reply) {
        *reply = Reply::impossible(&format!("redis-server does not start: {error}"));
    }
    pause(outcome.latency).await;
    Ok(respond(outcome.reply.ok_or(Hangup)?, outcome.truncate))
}

/// The whole body; `None` when it is longer than allowed.
async fn read(mut body: Incoming) -> Result<Option<Bytes>, Hangup> {
    let mut kept = BytesMut::new();
    let mut total = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Hangup)?.into_data() else {
            continue;
        };
        total += data.len();
        if total > LONGEST_DRAIN {
            return Ok(None);
        }
        if total <= LONGEST_BODY {
            kept.extend_from_slice(&data);
        }
    }
    Ok((total <= LONGEST_BODY).then(|| kept.freeze()))
}

fn respond(reply: Reply, truncate: Option<usize>) -> Response<Sent> {
    let whole = reply.body.len();
    let cut = truncate.filter(|bytes| *bytes < whole);
    let mut response = Response::new(match cut {
        None => Sent { rest: reply.body, end: End::Proper },
        Some(bytes) => Sent { rest: reply.body.slice(..bytes), end: End::FlushThenHangup },
    });
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    if cut.is_some() {
        response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(whole));
    }
    response
}

/// The connection is to be closed without another byte.
#[derive(Debug)]
struct Hangup;

impl fmt::Display for Hangup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("connection closed")
    }
}

impl std::error::Error for Hangup {}

/// The body of a reply, or the beginning of one.
struct Sent {
    rest: Bytes,
    end: End,
}

enum End {
    Proper,
    /// An error at once would make hyper discard what it has buffered; it flushes when the body is pending.
    FlushThenHangup,
    Hangup,
}

impl Body for Sent {
    type Data = Bytes;
    type Error = Hangup;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Hangup>>> {
        if !self.rest.is_empty() {
            let rest = std::mem::take(&mut self.rest);
            return Poll::Ready(Some(Ok(Frame::data(rest))));
        }
        match self.end {
            End::Proper => Poll::Ready(None),
            End::FlushThenHangup => {
                self.end = End::Hangup;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            End::Hangup => Poll::Ready(Some(Err(Hangup))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && matches!(self.end, End::Proper)
    }

    fn size_hint(&self) -> SizeHint {
        match (u64::try_from(self.rest.len()), &self.end) {
            (Ok(bytes), End::Proper) => SizeHint::with_exact(bytes),
            _ => SizeHint::default(),
        }
    }
}
