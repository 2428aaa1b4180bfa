//! SIGTERM and SIGINT as a stream.

use std::io;

use futures::{Stream, StreamExt as _, stream};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that ask to stop, by name, from now on.
pub(super) fn listen() -> io::Result<impl Stream<Item = &'static str>> {
    let terminate = each(signal(SignalKind::terminate())?, "SIGTERM");
    let interrupt = each(signal(SignalKind::interrupt())?, "SIGINT");
    Ok(stream::select(terminate.boxed(), interrupt.boxed()))
}

fn each(signal: Signal, name: &'static str) -> impl Stream<Item = &'static str> {
    stream::unfold(
        signal,
        move |mut signal| async move { signal.recv().await.map(|()| (name, signal)) },
    )
}
