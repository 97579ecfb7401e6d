//! The load balancer of a cluster with a Redis server: a TCP port whose connections it forwards to the server's Unix socket.
//!
//! It runs on a thread of its own, so that a blocking driver works on the thread of the simulator.

use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, copy, sink, split};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::task::{AbortHandle, JoinSet};

use super::clock::sleep;

/// Dropping it closes the port at once, and ends its connections soon after.
#[derive(Debug)]
pub(super) struct LoadBalancer {
    port: u16,
    listener: Arc<Listener>,
    task: AbortHandle,
}

/// A listener that can be closed while a task waits for its connections.
#[derive(Debug)]
struct Listener(Mutex<Option<TcpListener>>);

impl LoadBalancer {
    /// Listens on a free port of 127.0.0.1, and calls `on_connect` for each connection before it forwards a byte.
    pub(super) fn start(runtime: &Handle, socket: PathBuf, on_connect: impl Fn() + Send + 'static) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let listener = {
            let _context = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let listener = Arc::new(Listener(Mutex::new(Some(listener))));
        let task = runtime.spawn(serve(Arc::clone(&listener), socket, on_connect)).abort_handle();
        Ok(Self { port, listener, task })
    }

    pub(super) fn host(&self) -> String {
        Ipv4Addr::LOCALHOST.to_string()
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for LoadBalancer {
    fn drop(&mut self) {
        // The task would close it too, but later.
        self.listener.lock().take();
        self.task.abort();
    }
}

impl Listener {
    fn lock(&self) -> MutexGuard<'_, Option<TcpListener>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the next connection; forever once the listener is closed.
    async fn accept(&self) -> io::Result<TcpStream> {
        let accepted = poll_fn(|context| match &*self.lock() {
            Some(listener) => listener.poll_accept(context),
            None => Poll::Pending,
        });
        accepted.await.map(|(stream, _)| stream)
    }
}

/// Accepts connections until the task is aborted, which closes them.
async fn serve(listener: Arc<Listener>, socket: PathBuf, on_connect: impl Fn()) -> Infallible {
    let socket: Arc<Path> = socket.into();
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok(stream) => {
                on_connect();
                connections.spawn(forward(stream, Arc::clone(&socket)));
            }
            // Probably out of file descriptors: without a sleep the loop would spin.
            Err(_) => sleep(Duration::from_millis(10)).await,
        }
    }
}

/// Forwards in both directions until the server closes its side. A client that closes only its sending side still gets its responses.
async fn forward(mut client: TcpStream, socket: Arc<Path>) {
    // Dropping the client's connection is all that a load balancer can do without a server.
    let Ok(server) = connect(&socket).await else { return };
    let _ = client.set_nodelay(true);
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = split(server);
    let requests = async {
        let _ = copy(&mut from_client, &mut to_server).await;
        let _ = to_server.shutdown().await;
        pending::<()>().await;
    };
    tokio::select! {
        () = requests => {}
        _ = copy(&mut from_server, &mut to_client) => {}
    }
    // Closing the connection with unread bytes would reset it: the client would not read the end of the stream but an error, from
    // which some drivers do not conclude that the connection is closed.
    let _ = client.shutdown().await;
    let _ = copy(&mut client, &mut sink()).await;
}

#[cfg(unix)]
async fn connect(socket: &Path) -> io::Result<impl AsyncRead + AsyncWrite> {
    tokio::net::UnixStream::connect(socket).await
}

#[cfg(not(unix))]
async fn connect(_: &Path) -> io::Result<impl AsyncRead + AsyncWrite> {
    Err::<tokio::io::Empty, _>(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing drives this runtime, so its task cannot close the port.
    #[test]
    fn dropping_it_closes_the_port_at_once() -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let balancer = LoadBalancer::start(runtime.handle(), PathBuf::new(), || ())?;
        let address = (Ipv4Addr::LOCALHOST, balancer.port());
        assert!(std::net::TcpStream::connect(address).is_ok());
        drop(balancer);
        assert!(std::net::TcpStream::connect(address).is_err());
        Ok(())
    }
}
