//! Requests that are answered by several messages: the batched direct get, and the two answers of an
//! atomic batch. One subscription serves them all; a request's own token tells its answers apart.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use async_nats::{Client, Message};
use futures::StreamExt as _;
use tokio::sync::mpsc;

type Waiting = Arc<Mutex<HashMap<String, mpsc::UnboundedSender<Message>>>>;

/// The shared reply inbox of a connection.
#[derive(Clone)]
pub(crate) struct Replies {
    prefix: Arc<str>,
    next: Arc<AtomicU64>,
    waiting: Waiting,
    /// Ends the reader with the last handle.
    _reader: Arc<tokio_util::task::AbortOnDropHandle<()>>,
}

/// One request's answers; dropping it stops listening.
pub(crate) struct Answers {
    pub(crate) subject: String,
    token: String,
    waiting: Waiting,
    receiver: mpsc::UnboundedReceiver<Message>,
}

impl Replies {
    pub(crate) async fn start(client: &Client) -> Result<Self, async_nats::SubscribeError> {
        let prefix: Arc<str> = client.new_inbox().into();
        let mut messages = client.subscribe(format!("{prefix}.*")).await?;
        let waiting = Waiting::default();
        let table = Arc::clone(&waiting);
        #[expect(clippy::disallowed_methods, reason = "the reader lives as long as the handles")]
        let reader = tokio::spawn(async move {
            while let Some(message) = messages.next().await {
                let token = message.subject.rsplit('.').next().unwrap_or_default();
                let waiting = table.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(sender) = waiting.get(token) {
                    // A receiver that has gone away no longer wants its answers.
                    let _gone = sender.send(message);
                }
            }
        });
        Ok(Self {
            prefix,
            next: Arc::default(),
            waiting,
            _reader: Arc::new(tokio_util::task::AbortOnDropHandle::new(reader)),
        })
    }

    pub(crate) fn open(&self) -> Answers {
        let token = self.next.fetch_add(1, Ordering::Relaxed).to_string();
        let (sender, receiver) = mpsc::unbounded_channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(token.clone(), sender);
        Answers {
            subject: format!("{}.{token}", self.prefix),
            token,
            waiting: Arc::clone(&self.waiting),
            receiver,
        }
    }
}

impl Answers {
    pub(crate) async fn next(&mut self) -> Option<Message> {
        self.receiver.recv().await
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.token);
    }
}
