//! What one page is told: first what it missed, then what happens.

use std::{collections::VecDeque, convert::Infallible, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{Stream, stream};
use kernel::Timestamp;
use platform::database::SqlError;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, MissedTickBehavior, interval_at},
};

use super::{
    CATCH_UP_ROWS, Live, Seat, TooMany,
    audience::Audience,
    cursor::Cursor,
    frame::{self, Frame},
};
use crate::projections::{live_cases, live_orders};

/// How often a silent page is told the time.
const TICK: Duration = Duration::from_secs(10);

/// When a page that lost its stream comes back: 2 s at the least, spread over 4 s more, so that
/// hundreds do not come at once when a gateway has been restarted.
fn retry(spread: usize) -> Bytes {
    format!("retry: {}\n\n", 2_000 + spread % 4_000).into()
}

/// A page's wish.
#[derive(Clone, Debug)]
pub struct Listen {
    /// Whom it is for.
    pub audience: Audience,
    /// Who it is, for the limit of streams; a tracking link is its own person.
    pub person: String,
    /// Whether that is a resident, or whoever follows a case by its code.
    pub resident: bool,
    /// When its permission ends.
    pub until: Timestamp,
    /// How far it is; from now on where none.
    pub from: Option<Cursor>,
}

struct Listening {
    seat: Seat,
    listen: Listen,
    frames: Receiver<Arc<Frame>>,
    cursor: Cursor,
    waiting: VecDeque<Bytes>,
    ended: bool,
    tick: tokio::time::Interval,
}

impl Live {
    /// The events of a page, as server-sent events. It ends when the permission does, when the
    /// process stops, and after `reset`.
    pub fn listen(
        &self,
        listen: Listen,
    ) -> Result<impl Stream<Item = Result<Bytes, Infallible>> + Send + use<>, TooMany> {
        let seat = self.shared.sit(&listen.person, listen.resident)?;
        // First this, then the tables: what changes in between comes twice and is dropped once.
        let frames = self.shared.frames.subscribe();
        let mut tick = interval_at(Instant::now() + TICK, TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let here = self.shared.here();
        let behind = listen.from.clone().filter(|from| *from != here);
        let mut listening = Listening {
            seat,
            frames,
            cursor: here,
            waiting: VecDeque::from([retry(self.streams().wrapping_mul(97))]),
            ended: false,
            tick,
            listen,
        };
        if behind.is_none() {
            listening.waiting.push_back(listening.time());
        }
        Ok(stream::unfold((listening, behind), |(mut listening, mut behind)| async move {
            if let Some(from) = behind.take() {
                listening.catch_up(from).await;
            }
            let next = listening.next().await?;
            Some((Ok(next), (listening, None)))
        }))
    }
}

impl Listening {
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(next) = self.waiting.pop_front() {
                return Some(next);
            }
            if self.ended || self.is_over() {
                return None;
            }
            let stop = self.seat.shared.stop.clone();
            tokio::select! {
                () = stop.cancelled() => return None,
                _ = self.tick.tick() => return Some(self.time()),
                frame = self.frames.recv() => match frame {
                    Ok(_) if self.is_over() => return None,
                    Ok(frame) => {
                        if !frame.is_known(&mut self.cursor)
                            && let Some(told) = frame.told(&self.listen.audience)
                        {
                            return Some(told);
                        }
                    }
                    Err(RecvError::Lagged(_)) => self.catch_up(self.cursor.clone()).await,
                    Err(RecvError::Closed) => return None,
                },
            }
        }
    }

    fn is_over(&self) -> bool {
        self.seat.shared.clock.now() >= self.listen.until
    }

    fn time(&self) -> Bytes {
        frame::tick(&self.cursor, self.seat.shared.clock.now().0)
    }

    /// Reads on from the tables where this page is: nothing is left out in silence.
    async fn catch_up(&mut self, from: Cursor) {
        let here = self.seat.shared.here();
        let another =
            from.epoch != here.epoch || from.cases > here.cases || from.orders > here.orders;
        let missed = if another { Ok(None) } else { self.missed(from, &here).await };
        if let Ok(Some(missed)) = missed {
            self.waiting.extend(missed);
        } else {
            // Too much, or it cannot be known what.
            self.waiting.push_back(frame::reset(&here));
            self.ended = true;
        }
    }

    /// What the page missed; none if it is too much. Moves the page to where it then is.
    async fn missed(
        &mut self,
        from: Cursor,
        here: &Cursor,
    ) -> Result<Option<Vec<Bytes>>, SqlError> {
        let shared = &self.seat.shared;
        let cases = live_cases::changed_after(&shared.cases, from.cases, CATCH_UP_ROWS + 1).await?;
        let orders =
            live_orders::changed_after(&shared.orders, from.orders, CATCH_UP_ROWS + 1).await?;
        if cases.len() > CATCH_UP_ROWS || orders.len() > CATCH_UP_ROWS {
            return Ok(None);
        }
        let (since, mut at) = (from.clone(), from);
        let mut missed = Vec::new();
        for (id, row) in cases {
            at.cases = frame::sequence(row.changed);
            missed.extend(Frame::of_case(id, row, &at, since.cases).told(&self.listen.audience));
        }
        at.cases = at.cases.max(here.cases);
        for (id, row) in orders {
            at.orders = frame::sequence(row.changed);
            missed.extend(Frame::of_order(&id, row, &at, since.orders).told(&self.listen.audience));
        }
        at.orders = at.orders.max(here.orders);
        self.cursor = at;
        missed.push(self.time());
        Ok(Some(missed))
    }
}
