//! How long a client may take. Whoever is silent, or sends a byte now and then, loses the connection:
//! places are for those who ask something.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

/// The limits of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// From being accepted to the end of the hand-shake of TLS.
    pub(super) handshake: Duration,
    /// From then to the first whole head of a request.
    pub(super) first: Duration,
    /// For each further head, the pause before it included.
    pub(super) head: Duration,
    /// Between two parts of a body.
    pub(super) body: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            handshake: Duration::from_secs(10),
            first: Duration::from_secs(15),
            head: Duration::from_secs(75),
            body: Duration::from_secs(30),
        }
    }
}

/// A body whose parts come in time, or which is an error.
pub(super) struct InTime<B> {
    body: B,
    limit: Duration,
    /// Set while a part is waited for.
    late: Option<Pin<Box<Sleep>>>,
}

/// The client took too long.
#[derive(Debug, thiserror::Error)]
#[error("the body of the request came too slowly")]
struct TooSlow;

impl<B> InTime<B> {
    pub(super) const fn new(body: B, limit: Duration) -> Self {
        Self { body, limit, late: None }
    }
}

impl<B> Body for InTime<B>
where
    B: Body<Data = Bytes, Error: Into<axum::BoxError>> + Unpin,
{
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context) {
            this.late = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let limit = this.limit;
        let late = this
            .late
            .get_or_insert_with(|| Box::pin(tokio::time::sleep_until(Instant::now() + limit)));
        late.as_mut().poll(context).map(|()| Some(Err(TooSlow.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
