//! Reading a stream: by subject, by wildcard, in blocks, from a time on.

use std::collections::HashMap;

use async_nats::Message;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use kernel::Timestamp;
use serde::Deserialize;
use serde_json::json;

use super::{REQUEST_TIMEOUT, Stored, StreamError, StreamHandle, header};

/// How many subjects are read at the same time.
const READ_AT_ONCE: usize = 64;

impl StreamHandle {
    /// Every message of one subject from a sequence on, oldest first. A token of it may be `*`: then the
    /// subjects that match are looked up first, for the server finds messages by a wildcard only by
    /// reading on from where it is asked, which of a long stream takes it longer than anybody waits.
    pub async fn read_subject(&self, subject: &str, from: u64) -> Result<Vec<Stored>, StreamError> {
        if !subject.contains('*') {
            return self.read_exact(subject, from).await;
        }
        let subjects = self.subjects(subject).await?;
        let reading = stream::iter(subjects)
            .map(|subject| async move { self.read_exact(&subject, from).await });
        let read: Vec<Vec<Stored>> = reading.buffer_unordered(READ_AT_ONCE).try_collect().await?;
        let mut found: Vec<Stored> = read.into_iter().flatten().collect();
        found.sort_unstable_by_key(|stored| stored.sequence);
        Ok(found)
    }

    async fn read_exact(&self, subject: &str, from: u64) -> Result<Vec<Stored>, StreamError> {
        let mut found = Vec::new();
        let mut from = from;
        loop {
            let (page, more) = self.read_page(subject, from).await?;
            found.extend(page);
            match found.last() {
                Some(last) if more => from = last.sequence + 1,
                _ => return Ok(found),
            }
        }
    }

    /// The subjects of which there are messages and that match one with wildcards, in no order. The
    /// server has an index of them: it costs as much as there are, however long the stream is.
    async fn subjects(&self, filter: &str) -> Result<Vec<String>, StreamError> {
        #[derive(Deserialize)]
        struct State {
            #[serde(default)]
            subjects: Option<HashMap<String, u64>>,
        }
        #[derive(Deserialize)]
        struct Info {
            state: State,
            #[serde(default)]
            total: usize,
        }
        let mut found = Vec::new();
        loop {
            let request = json!({ "subjects_filter": filter, "offset": found.len() });
            let info: Info = self.api(&format!("STREAM.INFO.{}", self.name), &request).await?;
            let page = info.state.subjects.unwrap_or_default();
            if page.is_empty() {
                return Ok(found);
            }
            found.extend(page.into_keys());
            if found.len() >= info.total {
                return Ok(found);
            }
        }
    }

    /// The messages of a subject, which may have wildcards, from a sequence on: at most `count`, oldest
    /// first. With wildcards it costs as much as the stream is long from there to what is found.
    pub async fn read_block(
        &self,
        subject: &str,
        from: u64,
        count: u64,
    ) -> Result<Vec<Stored>, StreamError> {
        let mut found = Vec::new();
        let request = json!({ "batch": count, "seq": from.max(1), "next_by_subj": subject });
        self.direct_get(&request, &mut found).await?;
        Ok(found)
    }

    /// The first message that was stored at this time of the server's clock or later; 0 if none was.
    pub async fn first_since(&self, since: Timestamp) -> Result<u64, StreamError> {
        let mut found = Vec::new();
        let request = json!({ "batch": 1, "start_time": since.to_rfc3339(), "next_by_subj": ">" });
        self.direct_get(&request, &mut found).await?;
        Ok(found.first().map_or(0, |stored| stored.sequence))
    }

    /// The first messages of one subject from a sequence on, oldest first, and whether there are more.
    pub async fn read_page(
        &self,
        subject: &str,
        from: u64,
    ) -> Result<(Vec<Stored>, bool), StreamError> {
        const PAGE: usize = 500;
        let mut found = Vec::new();
        let request = json!({ "batch": PAGE, "seq": from.max(1), "next_by_subj": subject });
        let more = self.direct_get(&request, &mut found).await?;
        Ok((found, more))
    }

    /// The last message of each of these subjects, which may have wildcards; at most 1,000 messages.
    pub async fn read_last(&self, subjects: &[&str]) -> Result<Vec<Stored>, StreamError> {
        let mut found = Vec::new();
        self.direct_get(&json!({ "multi_last": subjects }), &mut found).await?;
        Ok(found)
    }

    /// One page of a batched direct get (ADR-31); true when the server says that more is pending.
    async fn direct_get(
        &self,
        request: &serde_json::Value,
        found: &mut Vec<Stored>,
    ) -> Result<bool, StreamError> {
        let mut answers = self.replies.open();
        let subject = format!("$JS.API.DIRECT.GET.{}", self.name);
        let (reply, payload) = (answers.subject.clone(), request.to_string().into());
        #[expect(clippy::disallowed_methods, reason = "a question with several answers")]
        let asked = self.client.publish_with_reply(subject, reply, payload).await;
        asked.map_err(|error| self.unavailable(error))?;
        loop {
            let message = tokio::time::timeout(REQUEST_TIMEOUT, answers.next())
                .await
                .map_err(|error| self.unavailable(error))?
                .ok_or_else(|| self.odd(&"the reply inbox closed"))?;
            match message.status.map(|status| status.as_u16()) {
                // The end of the page.
                Some(204) => {
                    let pending = header(&message, "Nats-Num-Pending").and_then(|n| n.parse().ok());
                    return Ok(pending.unwrap_or(0_u64) > 0);
                }
                // Nothing there.
                Some(404) => return Ok(false),
                Some(code) if code >= 300 => {
                    return Err(StreamError::Refused {
                        stream: self.name.clone(),
                        description: message.description.unwrap_or_else(|| code.to_string()),
                    });
                }
                Some(_) | None => found.push(self.direct_message(message)?),
            }
        }
    }

    fn direct_message(&self, message: Message) -> Result<Stored, StreamError> {
        let text = |name| header(&message, name).ok_or_else(|| self.odd(&name));
        Ok(Stored {
            subject: text("Nats-Subject")?.to_owned(),
            sequence: text("Nats-Sequence")?.parse().map_err(|error| self.odd(&error))?,
            stored_at: Timestamp::from_rfc3339(text("Nats-Time-Stamp")?).unwrap_or_default(),
            payload: message.payload,
            headers: message.headers.unwrap_or_default(),
        })
    }
}
