//! The HTTP/1.1 server: sockets, bodies and connections that end early. It does not know the API.

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, HeaderValue};
use http::{Method, Request};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::clock::sleep;
use super::record::RecordedRequest;
use super::response::Response;
use super::state::Shared;

const MAX_BODY_BYTES: usize = 1024 * 1024;
/// A longer body is still read up to this limit, so that the client gets the 413 and not a connection reset.
const MAX_DRAINED_BYTES: usize = 16 * MAX_BODY_BYTES;

/// Accepts connections until the task is dropped, which closes them.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>) -> Infallible {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(serve_connection(stream, Arc::clone(&shared)));
            }
            // Probably out of file descriptors: without a sleep the loop would spin.
            Err(_) => sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn serve_connection(stream: TcpStream, shared: Arc<Shared>) {
    // Without it a small response can wait for an acknowledgement; a failure only costs latency.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { handle_request(&shared, request).await }
    });
    // It fails when the client disconnects or a fault closes the connection. The state sets the `Date` header.
    let _ = http1::Builder::new().auto_date_header(false).serve_connection(TokioIo::new(stream), service).await;
}

async fn handle_request(
    shared: &Arc<Shared>,
    request: Request<Incoming>,
) -> Result<http::Response<ResponseBody>, ConnectionAborted> {
    let (head, body) = request.into_parts();
    if head.method == Method::GET && head.uri.path() == "/openapi.yaml" {
        return Ok(to_http(Response::document(), None));
    }
    let body = read_body(body).await?;
    let too_large = body.is_none();
    let servers_started = shared.start_servers().await;
    let mut outcome = shared.lock().handle(
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
    if let (Err(error), Some(response)) = (servers_started, &mut outcome.response) {
        *response = Response::simulator_error(&format!("redis-server does not start: {error}"));
    }
    sleep(outcome.latency).await;
    Ok(to_http(outcome.response.ok_or(ConnectionAborted)?, outcome.truncate))
}

/// The whole body; `None` if it exceeds the limit.
async fn read_body(mut body: Incoming) -> Result<Option<Bytes>, ConnectionAborted> {
    let mut kept = BytesMut::new();
    let mut total = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| ConnectionAborted)?.into_data() else {
            continue;
        };
        total += data.len();
        if total > MAX_DRAINED_BYTES {
            return Ok(None);
        }
        if total <= MAX_BODY_BYTES {
            kept.extend_from_slice(&data);
        }
    }
    Ok((total <= MAX_BODY_BYTES).then(|| kept.freeze()))
}

fn to_http(response: Response, truncate: Option<usize>) -> http::Response<ResponseBody> {
    let full_length = response.body.len();
    let cut_at = truncate.filter(|bytes| *bytes < full_length);
    let mut message = http::Response::new(match cut_at {
        None => ResponseBody { rest: response.body, end: BodyEnd::Complete },
        Some(bytes) => ResponseBody { rest: response.body.slice(..bytes), end: BodyEnd::FlushThenAbort },
    });
    *message.status_mut() = response.status;
    *message.headers_mut() = response.headers;
    if cut_at.is_some() {
        message.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(full_length));
    }
    message
}

/// Makes hyper close the connection without another byte.
#[derive(Debug)]
struct ConnectionAborted;

impl fmt::Display for ConnectionAborted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("connection closed")
    }
}

impl std::error::Error for ConnectionAborted {}

/// A response body, whole or truncated.
struct ResponseBody {
    rest: Bytes,
    end: BodyEnd,
}

enum BodyEnd {
    Complete,
    /// An immediate error would make hyper discard its buffer; it flushes while the body is pending.
    FlushThenAbort,
    Abort,
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = ConnectionAborted;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ConnectionAborted>>> {
        if !self.rest.is_empty() {
            let rest = std::mem::take(&mut self.rest);
            return Poll::Ready(Some(Ok(Frame::data(rest))));
        }
        match self.end {
            BodyEnd::Complete => Poll::Ready(None),
            BodyEnd::FlushThenAbort => {
                self.end = BodyEnd::Abort;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            BodyEnd::Abort => Poll::Ready(Some(Err(ConnectionAborted))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && matches!(self.end, BodyEnd::Complete)
    }

    fn size_hint(&self) -> SizeHint {
        match (u64::try_from(self.rest.len()), &self.end) {
            (Ok(bytes), BodyEnd::Complete) => SizeHint::with_exact(bytes),
            _ => SizeHint::default(),
        }
    }
}
