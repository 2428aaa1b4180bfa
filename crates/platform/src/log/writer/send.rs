//! One write on its way: a lone publish, or a batch, and the server's word on it.

#![expect(clippy::disallowed_methods, reason = "the place that the lint points to")]

use async_nats::Message;

use super::{AppendError, Outcome, Pending, Sent};
use crate::log::{
    replies::Answers,
    stream::{REQUEST_TIMEOUT, StreamHandle},
};

const EXPECTED: &str = "Nats-Expected-Last-Subject-Sequence";

/// Sends one message by itself. Its one answer comes through the client's own inbox: a task fewer on
/// the way than [`Answers`] has, which a lone appender would feel.
pub(super) async fn plain(stream: StreamHandle, pending: Pending) -> Sent {
    let started = tokio::time::Instant::now();
    let run = &pending.commit.runs[0];
    let (mut headers, payload) = run.messages[0].clone();
    headers.insert(EXPECTED, run.expected.to_string());
    let request = async_nats::Request::new().headers(headers).payload(payload);
    let answered = stream.client().send_request(run.subject.clone(), request);
    let outcome = match tokio::time::timeout(REQUEST_TIMEOUT, answered).await {
        Ok(Ok(message)) => word(&stream, &message).unwrap_or(Outcome::Unknown),
        // No responders, a closed connection, no answer in time.
        Ok(Err(_)) | Err(_) => Outcome::Unknown,
    };
    Sent { group: vec![pending], outcome, batch: false, elapsed: started.elapsed() }
}

/// Sends commits as one atomic batch.
pub(super) async fn batch(stream: StreamHandle, group: Vec<Pending>) -> Sent {
    let started = tokio::time::Instant::now();
    let mut answers = stream.replies().open();
    let outcome = match publish_batch(&stream, &group, &answers.subject).await {
        Ok(()) => outcome(&stream, &mut answers).await,
        Err(_closed) => Outcome::Unknown,
    };
    Sent { group, outcome, batch: true, elapsed: started.elapsed() }
}

async fn publish_batch(
    stream: &StreamHandle,
    group: &[Pending],
    reply: &str,
) -> Result<(), async_nats::PublishError> {
    let client = stream.client();
    let batch_id = reply.rsplit_once('.').map_or(reply, |(inbox, _)| inbox);
    // Unique while the server may remember it: the inbox is the connection's, the token counts up.
    let batch_id = format!(
        "{}-{}",
        batch_id.rsplit('.').next().unwrap_or_default(),
        reply.rsplit('.').next().unwrap_or_default()
    );
    let total: usize = group.iter().map(Pending::messages).sum();
    let mut number = 0;
    for run in group.iter().flat_map(|pending| &pending.commit.runs) {
        for (place, (headers, payload)) in run.messages.iter().enumerate() {
            number += 1;
            let mut headers = headers.clone();
            headers.insert("Nats-Batch-Id", batch_id.as_str());
            headers.insert("Nats-Batch-Sequence", number.to_string());
            if place == 0 {
                headers.insert(EXPECTED, run.expected.to_string());
            }
            let (subject, payload) = (run.subject.clone(), payload.clone());
            if number == total {
                headers.insert("Nats-Batch-Commit", "1");
                client
                    .publish_with_reply_and_headers(subject, reply.to_owned(), headers, payload)
                    .await?;
            } else if number == 1 {
                // Answered empty when the batch is opened, or with why it is not.
                client
                    .publish_with_reply_and_headers(subject, reply.to_owned(), headers, payload)
                    .await?;
            } else {
                client.publish_with_headers(subject, headers, payload).await?;
            }
        }
    }
    Ok(())
}

/// Waits for the server's word on a batch: the first answer only says that it is open.
async fn outcome(stream: &StreamHandle, answers: &mut Answers) -> Outcome {
    loop {
        let Ok(Some(message)) = tokio::time::timeout(REQUEST_TIMEOUT, answers.next()).await else {
            return Outcome::Unknown;
        };
        if let Some(outcome) = word(stream, &message) {
            return outcome;
        }
    }
}

/// What an answer says; none for the empty one that opens a batch.
fn word(stream: &StreamHandle, message: &Message) -> Option<Outcome> {
    #[derive(serde::Deserialize)]
    struct ServerError {
        err_code: u64,
        #[serde(default)]
        description: String,
    }
    #[derive(serde::Deserialize)]
    struct Ack {
        seq: Option<u64>,
        error: Option<ServerError>,
    }
    if message.status.is_some_and(|status| status.as_u16() == 503) {
        // No responders: the stream is not there now, so nothing was stored; a later part of a batch may
        // have been, which the tails will tell.
        return Some(Outcome::Unknown);
    }
    if message.payload.is_empty() {
        return None;
    }
    let Ok(ack) = serde_json::from_slice::<Ack>(&message.payload) else {
        return Some(Outcome::Unknown);
    };
    let Some(error) = ack.error else {
        return Some(ack.seq.map_or(Outcome::Unknown, Outcome::Stored));
    };
    let name = || stream.name().to_owned();
    Some(match error.err_code {
        // 10071 wrong last sequence; 10164 the same, while another write is in flight (clusters).
        10071 | 10164 => Outcome::Conflict,
        // 10077 maximum bytes or messages exceeded, 10047 insufficient storage, 10023 resources.
        10077 | 10047 | 10023 => {
            Outcome::Failed(AppendError::Full { stream: name(), description: error.description })
        }
        // 10054 message too large, 10199 batch too large, 10174 batches not allowed, 10060 another
        // stream, 10177 and 10193 headers that no server takes: these never change.
        code @ (10054 | 10199 | 10174 | 10060 | 10177 | 10193) => {
            Outcome::Failed(AppendError::Refused {
                stream: name(),
                description: format!("{} ({code})", error.description),
            })
        }
        // Anything else may pass: a batch that lost a part on the way, too many open batches, a server
        // that is not ready. The tails tell what became of it, and it is sent again.
        code => {
            tracing::debug!(code, error.description, "the server did not take a write");
            Outcome::Unknown
        }
    })
}
