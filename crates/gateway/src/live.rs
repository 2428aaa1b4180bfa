//! The live parts: one task hears of changed rows, renders each once, and hands it to every open
//! page whose audience it is. A page that was away names the position it had, and is told what
//! changed since, from the tables: so also after this process was restarted.
//!
//! | file | what |
//! |---|---|
//! | `board` | what queues show from the live tables, and how many there are |
//! | `cursor` | a position as pages carry it: `Last-Event-ID` |
//! | `audience` | who is told of what |
//! | `frame` | a change as it is written to pages |
//! | `place` | where a case is on the ground |
//! | `stream` | what one page is told |

pub mod audience;
pub(crate) mod board;
pub mod cursor;
pub mod frame;
pub(crate) mod place;
pub mod stream;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use kernel::Clock;
use platform::{
    database::SqlError,
    log::stream::StreamError,
    projection::{Changes, View},
};
use tokio::sync::broadcast::{self, Receiver, error::RecvError};
use tokio_util::sync::CancellationToken;

use crate::projections::{
    live_cases::{self, LiveCaseRow},
    live_orders::{self, LiveOrderRow},
};
use cursor::Cursor;
use frame::Frame;

/// Frames that a slow page may be behind before it reads on from the tables.
const FRAMES: usize = 4_096;

/// How many rows a page that was away is told of; more, and it is asked to load anew.
pub(crate) const CATCH_UP_ROWS: usize = 1_000;

/// How long after the database failed it is asked again.
const AGAIN: Duration = Duration::from_secs(1);

/// What the live parts stand on.
#[derive(Clone)]
pub struct Live {
    shared: Arc<Shared>,
}

struct Shared {
    /// Tells this log from another that was put in its place.
    epoch: String,
    cases: View<LiveCaseRow>,
    orders: View<LiveOrderRow>,
    frames: broadcast::Sender<Arc<Frame>>,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
    open: Mutex<Open>,
    limits: Limits,
}

/// How many streams there may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Of this process.
    pub streams: usize,
    /// Of one person.
    pub streams_per_person: usize,
}

#[derive(Default)]
struct Open {
    all: usize,
    /// Of residents, and of whoever follows a case by its code.
    residents: usize,
    by_person: HashMap<String, usize>,
}

/// No further stream may be opened now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many live pages are open: close some, or come back in a moment")]
pub struct TooMany;

/// A stream that counts until it is dropped.
struct Seat {
    shared: Arc<Shared>,
    person: String,
    resident: bool,
}

impl Live {
    /// The live parts over these tables. The returned future is the task that hears of changes, and
    /// must run.
    pub async fn open(
        context: &platform::service::Context,
        cases: View<LiveCaseRow>,
        orders: View<LiveOrderRow>,
        limits: Limits,
    ) -> Result<(Self, impl Future<Output = ()> + Send + use<>), StreamError> {
        let epoch = cursor::epoch(&context.log.stream().state().await?.created);
        let (frames, _) = broadcast::channel(FRAMES);
        let (changed_cases, changed_orders) = (cases.changes(), orders.changes());
        let shared = Arc::new(Shared {
            epoch,
            cases,
            orders,
            frames,
            clock: Arc::clone(&context.clock),
            stop: context.lifecycle.soft_token(),
            open: Mutex::default(),
            limits,
        });
        let at = shared.here();
        let task = hear(Arc::clone(&shared), changed_cases, changed_orders, at);
        Ok((Self { shared }, task))
    }

    /// How many streams are open.
    pub fn streams(&self) -> usize {
        self.shared.open.lock().unwrap_or_else(PoisonError::into_inner).all
    }

    /// The table of cases.
    pub(crate) fn cases(&self) -> &View<LiveCaseRow> {
        &self.shared.cases
    }

    /// The table of orders.
    pub(crate) fn orders(&self) -> &View<LiveOrderRow> {
        &self.shared.orders
    }

    /// The work orders of a case, for the page of its reporter; nothing in them was typed.
    pub async fn orders_of(&self, case: &str) -> Result<Vec<LiveOrderRow>, SqlError> {
        let rows = live_orders::of_case(&self.shared.orders, case).await?;
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }

    /// Where a page is that was rendered from answers at this sequence of the log, or at later ones:
    /// what it carries, so that nothing is missed between rendering and listening.
    pub fn rendered_at(&self, sequence: u64) -> Cursor {
        let here = self.shared.here();
        Cursor { cases: here.cases.min(sequence), orders: here.orders.min(sequence), ..here }
    }
}

impl Shared {
    fn here(&self) -> Cursor {
        Cursor {
            epoch: self.epoch.clone(),
            cases: self.cases.position(),
            orders: self.orders.position(),
        }
    }

    /// A seat for a page. Residents have half of them at most: whoever opens many pages from outside does
    /// not keep the desk from following its cases.
    fn sit(self: &Arc<Self>, person: &str, resident: bool) -> Result<Seat, TooMany> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = open.by_person.get(person).copied().unwrap_or_default();
        if open.all >= self.limits.streams || mine >= self.limits.streams_per_person {
            return Err(TooMany);
        }
        if resident && open.residents >= self.limits.streams.div_ceil(2) {
            return Err(TooMany);
        }
        open.all += 1;
        open.residents += usize::from(resident);
        open.by_person.insert(person.to_owned(), mine + 1);
        Ok(Seat { shared: Arc::clone(self), person: person.to_owned(), resident })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.shared.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.all = open.all.saturating_sub(1);
        open.residents = open.residents.saturating_sub(usize::from(self.resident));
        if let Some(mine) = open.by_person.get_mut(&self.person) {
            *mine = mine.saturating_sub(1);
            if *mine == 0 {
                open.by_person.remove(&self.person);
            }
        }
    }
}

/// Turns changed rows into frames, in the order in which they changed, until the stop.
async fn hear(
    shared: Arc<Shared>,
    mut cases: Receiver<Arc<Changes<LiveCaseRow>>>,
    mut orders: Receiver<Arc<Changes<LiveOrderRow>>>,
    mut at: Cursor,
) {
    loop {
        let told = tokio::select! {
            () = shared.stop.cancelled() => return,
            changes = cases.recv() => match heard(changes) {
                Heard::Rows(rows) => { shared.tell_cases(rows, &mut at); true }
                Heard::Something => match live_cases::changed_after(&shared.cases, at.cases, CATCH_UP_ROWS).await {
                    Ok(rows) => { shared.tell_cases(rows, &mut at); true }
                    Err(_) => false,
                },
                Heard::Nothing => return,
            },
            changes = orders.recv() => match heard(changes) {
                Heard::Rows(rows) => { shared.tell_orders(rows, &mut at); true }
                Heard::Something => match live_orders::changed_after(&shared.orders, at.orders, CATCH_UP_ROWS).await {
                    Ok(rows) => { shared.tell_orders(rows, &mut at); true }
                    Err(_) => false,
                },
                Heard::Nothing => return,
            },
        };
        if !told {
            // The next change lists what was missed as well.
            tokio::time::sleep(AGAIN).await;
        }
    }
}

enum Heard<R> {
    /// These rows changed.
    Rows(Vec<(String, R)>),
    /// Something changed: another process fills the table, or this one was too slow to hear it all.
    Something,
    /// The table is gone.
    Nothing,
}

fn heard<R: Clone>(changes: Result<Arc<Changes<R>>, RecvError>) -> Heard<R> {
    match changes {
        Ok(changes) if changes.rows.is_empty() => Heard::Something,
        Ok(changes) => Heard::Rows(changes.rows.clone()),
        Err(RecvError::Lagged(_)) => Heard::Something,
        Err(RecvError::Closed) => Heard::Nothing,
    }
}

impl Shared {
    fn tell_cases(&self, mut rows: Vec<(String, LiveCaseRow)>, at: &mut Cursor) {
        rows.sort_by_key(|(_, row)| row.changed);
        let since = at.cases;
        for (id, row) in rows {
            at.cases = frame::sequence(row.changed);
            let _nobody = self.frames.send(Arc::new(Frame::of_case(id, row, at, since)));
        }
    }

    fn tell_orders(&self, mut rows: Vec<(String, LiveOrderRow)>, at: &mut Cursor) {
        rows.sort_by_key(|(_, row)| row.changed);
        let since = at.orders;
        for (id, row) in rows {
            at.orders = frame::sequence(row.changed);
            let _nobody = self.frames.send(Arc::new(Frame::of_order(&id, row, at, since)));
        }
    }
}
