//! An answer that goes on for long, such as a watch, ends when its token does: expired or taken back.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Frame, SizeHint};
use kernel::Clock;
use tonic::{Status, body::Body};

use super::verifier::{Held, LOOK_EVERY, Verifier};
use crate::grpc::ServiceError;

/// An answer's body, and the token on which it rests.
pub(super) struct Guarded {
    body: Body,
    verifier: Arc<Verifier>,
    clock: Arc<dyn Clock>,
    held: Held,
    /// None until the body first has nothing ready: most never do.
    look: Option<tokio::time::Interval>,
    ended: bool,
}

impl Guarded {
    pub(super) fn new(
        body: Body,
        verifier: Arc<Verifier>,
        clock: Arc<dyn Clock>,
        held: Held,
    ) -> Self {
        Self { body, verifier, clock, held, look: None, ended: false }
    }

    /// The refusal, once the token is over.
    fn refusal(&mut self, cx: &mut Context<'_>) -> Option<Status> {
        let look = self.look.as_mut()?;
        while look.poll_tick(cx).is_ready() {
            if let Err(error) = self.verifier.check(&self.held, self.clock.now()) {
                return Some(ServiceError::from(error).into());
            }
        }
        None
    }
}

impl http_body::Body for Guarded {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        if let Some(status) = self.refusal(cx) {
            self.ended = true;
            // The rest of the answer is dropped with the body; the caller hears why.
            self.body = Body::empty();
            let mut trailers = HeaderMap::new();
            status.add_header(&mut trailers)?;
            return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
        }
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if frame.is_pending() && self.look.is_none() {
            let mut look = tokio::time::interval(LOOK_EVERY);
            look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            self.look = Some(look);
            cx.waker().wake_by_ref();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        if self.ended { SizeHint::with_exact(0) } else { self.body.size_hint() }
    }
}
