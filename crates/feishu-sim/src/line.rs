//! The listener: HTTP/1.1 over connections that can be reset from inside a handler.
//!
//! It stands in for `axum::serve` for two reasons. A stand-in has to break off in mid-answer the way a
//! bad line does, with a reset and not with a polite close. And its headers are written `Like-This`,
//! as the platform's gateway writes them: the Python SDK finds them by that spelling only.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::{Extension, Router};
use futures_util::task::AtomicWaker;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::Layer;

/// Serves until `stop`; then every connection ends, whatever it is waiting for.
pub(crate) async fn serve(listener: TcpListener, app: Router, stop: CancellationToken) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        let Ok((tcp, _)) = accepted else {
            // Out of file descriptors, most likely: some will be free again.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        // Small JSON answers must not wait for the peer's delayed acknowledgement.
        let _ = tcp.set_nodelay(true);
        let cutter = Cutter::default();
        let line = Line { tcp, cutter: cutter.clone() };
        let service = TowerToHyperService::new(Extension(cutter).layer(app.clone()));
        let connection = http1::Builder::new()
            .title_case_headers(true)
            .serve_connection(TokioIo::new(line), service)
            .with_upgrades();
        let stop = stop.clone();
        tokio::spawn(async move {
            tokio::select! {
                // A connection that breaks is the client's to notice.
                _ = connection => {}
                () = stop.cancelled() => {}
            }
        });
    }
}

/// Resets one connection. Handlers get it as an extension.
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

/// One connection.
struct Line {
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
