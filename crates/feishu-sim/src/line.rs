//! The listener: plain TCP whose connections can be reset from inside a handler.
//!
//! A stand-in has to be able to break off in mid-answer the way a bad line does, with a reset and
//! not with a polite close; an HTTP framework offers no such thing.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use futures_util::task::AtomicWaker;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// Resets one connection. Handlers get it as `ConnectInfo<Cutter>`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cutter(Arc<Cut>);

#[derive(Debug, Default)]
struct Cut {
    done: AtomicBool,
    /// Writes that the socket took.
    writes: AtomicU64,
    reader: AtomicWaker,
    writer: AtomicWaker,
}

impl Cutter {
    pub(crate) fn cut(&self) {
        self.0.done.store(true, Ordering::SeqCst);
        self.0.reader.wake();
        self.0.writer.wake();
    }

    /// Waits until what was given to the connection is on its way, or does not move any more.
    pub(crate) async fn quiet(&self) {
        const PAUSE: Duration = Duration::from_millis(30);
        let writes = || self.0.writes.load(Ordering::SeqCst);
        loop {
            let before = writes();
            tokio::time::sleep(PAUSE).await;
            if writes() == before {
                return;
            }
        }
    }

    fn is_cut(&self) -> bool {
        self.0.done.load(Ordering::SeqCst)
    }
}

impl Connected<IncomingStream<'_, Lines>> for Cutter {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Self {
        stream.io().cutter.clone()
    }
}

/// Every open connection, so that a shutdown can end those that hang on purpose.
#[derive(Clone, Debug, Default)]
pub(crate) struct OpenLines(Arc<Mutex<Vec<Weak<Cut>>>>);

impl OpenLines {
    pub(crate) fn cut_all(&self) {
        let open = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for cut in open.iter().filter_map(Weak::upgrade) {
            Cutter(cut).cut();
        }
    }

    fn add(&self, cutter: &Cutter) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|cut| cut.strong_count() > 0);
        open.push(Arc::downgrade(&cutter.0));
    }
}

pub(crate) struct Lines {
    tcp: TcpListener,
    open: OpenLines,
}

impl Lines {
    pub(crate) fn new(tcp: TcpListener, open: OpenLines) -> Self {
        Self { tcp, open }
    }
}

impl Listener for Lines {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        let (tcp, peer) = Listener::accept(&mut self.tcp).await;
        // Small JSON answers must not wait for the peer's delayed acknowledgement.
        let _ = tcp.set_nodelay(true);
        let cutter = Cutter::default();
        self.open.add(&cutter);
        (Line { tcp, cutter }, peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}

/// One connection.
pub(crate) struct Line {
    tcp: TcpStream,
    cutter: Cutter,
}

impl Line {
    fn check(&self) -> io::Result<()> {
        if self.cutter.is_cut() { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }

    fn count(&self, written: &Poll<io::Result<usize>>) {
        if matches!(written, Poll::Ready(Ok(_))) {
            self.cutter.0.writes.fetch_add(1, Ordering::SeqCst);
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.cutter.is_cut() {
            // A close that lingers for no time is what makes the kernel send a reset.
            let _ = self.tcp.set_zero_linger();
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.cutter.0.reader.register(cx.waker());
        self.check()?;
        Pin::new(&mut self.tcp).poll_read(cx, buf)
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.cutter.0.writer.register(cx.waker());
        self.check()?;
        let written = Pin::new(&mut self.tcp).poll_write(cx, buf);
        self.count(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.cutter.0.writer.register(cx.waker());
        self.check()?;
        let written = Pin::new(&mut self.tcp).poll_write_vectored(cx, bufs);
        self.count(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}
