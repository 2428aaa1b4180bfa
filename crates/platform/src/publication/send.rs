//! Publishing in order: many under way, each after the one before it.

#![expect(clippy::disallowed_methods, reason = "the public stream's one writer")]

use async_nats::{
    HeaderMap, header::NATS_EXPECTED_LAST_SEQUENCE, jetstream::context::PublishErrorKind,
};

use super::{Notice, POSITION, Publication, PublicationError, at};

/// How many messages are under way at once.
const IN_FLIGHT: usize = 256;

impl Publication {
    /// Publishes messages, the first right after sequence `last`, and answers with the last one's.
    ///
    /// With an error, some of them may be there: [`Publication::resume`] says how far. Never one
    /// without those before it, for each names the sequence that it follows.
    pub async fn publish(&self, last: u64, notices: &[Notice]) -> Result<u64, PublicationError> {
        let mut last = last;
        for group in notices.chunks(IN_FLIGHT) {
            let mut answers = Vec::with_capacity(group.len());
            for (place, notice) in group.iter().enumerate() {
                let headers = headers(notice, last + place as u64);
                let sent = self.context.publish_with_headers(
                    notice.subject.clone(),
                    headers,
                    notice.body.clone(),
                );
                answers.push(sent.await.map_err(refused)?);
            }
            for answer in answers {
                last = answer.await.map_err(refused)?.sequence;
            }
        }
        Ok(last)
    }
}

fn headers(notice: &Notice, follows: u64) -> HeaderMap {
    let mut headers = notice.headers.clone();
    headers.insert(POSITION, notice.position.to_string());
    headers.insert(NATS_EXPECTED_LAST_SEQUENCE, follows.to_string());
    headers
}

fn refused(error: async_nats::jetstream::context::PublishError) -> PublicationError {
    match error.kind() {
        PublishErrorKind::WrongLastSequence => PublicationError::Overtaken,
        PublishErrorKind::StreamNotFound
        | PublishErrorKind::WrongLastMessageId
        | PublishErrorKind::TimedOut
        | PublishErrorKind::BrokenPipe
        | PublishErrorKind::MaxAckPending
        | PublishErrorKind::MaxPayloadExceeded
        | PublishErrorKind::Other => at("message")(error),
    }
}
