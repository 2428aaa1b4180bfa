//! A change as it is written to pages: ids, codes, words and times, never what anybody typed.

use bytes::Bytes;
use serde::Serialize;

use super::{audience::Audience, cursor::Cursor};
use crate::projections::{live_cases::LiveCaseRow, live_orders::LiveOrderRow};

/// A change, rendered once for all who hear of it.
#[derive(Clone, Debug)]
pub struct Frame {
    change: Change,
    /// As it stands for those who see the row.
    shown: Bytes,
    /// The same for whoever follows a case by its code: without its position, which tracking does not
    /// tell either.
    traced: Bytes,
    /// As it stands for those who see it no more.
    gone: Bytes,
}

#[derive(Clone, Debug)]
enum Change {
    // Each with the sequence from which on it tells what happened.
    Case(String, LiveCaseRow, u64),
    Order(LiveOrderRow, u64),
}

#[derive(Clone, Copy, Serialize)]
struct Case<'a> {
    kind: &'static str,
    id: &'a str,
    status: &'a str,
    open: bool,
    category: &'a str,
    urgency: &'a str,
    township: &'a str,
    village: &'a str,
    grid: &'a str,
    lon: Option<f64>,
    lat: Option<f64>,
    reported_at: i64,
    at: i64,
}

#[derive(Serialize)]
struct Order<'a> {
    kind: &'static str,
    id: &'a str,
    case: &'a str,
    status: &'a str,
    open: bool,
    category: &'a str,
    urgency: &'a str,
    township: &'a str,
    village: &'a str,
    grid: &'a str,
    due: i64,
    overdue: bool,
    at: i64,
}

#[derive(Serialize)]
struct Gone<'a> {
    kind: &'static str,
    id: &'a str,
}

/// A column's sequence.
pub(super) fn sequence(changed: i64) -> u64 {
    u64::try_from(changed).unwrap_or_default()
}

/// An event of the stream, in the form of the HTML standard, §9.2.
fn written(event: &str, id: &Cursor, data: &impl Serialize) -> Bytes {
    let data = serde_json::to_string(data).unwrap_or_default();
    format!("id: {id}\nevent: {event}\ndata: {data}\n\n").into()
}

impl Frame {
    /// A case that changed; `at` is where the stream is with it. Who lost it after `since` is told so.
    pub fn of_case(id: String, row: LiveCaseRow, at: &Cursor, since: u64) -> Self {
        let data = Case {
            kind: "case",
            id: &id,
            status: &row.status,
            open: row.open == 1,
            category: &row.category,
            urgency: &row.urgency,
            township: &row.township,
            village: &row.village,
            grid: &row.grid,
            lon: row.lon_e7.map(degrees),
            lat: row.lat_e7.map(degrees),
            reported_at: row.reported_at,
            at: row.updated_at,
        };
        let shown = written("case", at, &data);
        let traced = written("case", at, &Case { lon: None, lat: None, ..data });
        let gone = written("gone", at, &Gone { kind: "case", id: &id });
        Self { change: Change::Case(id, row, since), shown, traced, gone }
    }

    /// An order that changed; `at` is where the stream is with it. Who lost it after `since` is told so.
    pub fn of_order(id: &str, row: LiveOrderRow, at: &Cursor, since: u64) -> Self {
        let data = Order {
            kind: "order",
            id,
            case: &row.case_id,
            status: &row.status,
            open: row.open == 1,
            category: &row.category,
            urgency: &row.urgency,
            township: &row.township,
            village: &row.village,
            grid: &row.grid,
            due: row.due,
            overdue: row.overdue == 1,
            at: row.updated_at,
        };
        let shown = written("order", at, &data);
        let gone = written("gone", at, &Gone { kind: "order", id });
        Self { change: Change::Order(row, since), traced: shown.clone(), shown, gone }
    }

    /// Whether a page that is at `cursor` knows it already; if not, the page is there from now on.
    pub(super) fn is_known(&self, cursor: &mut Cursor) -> bool {
        let (at, changed) = match &self.change {
            Change::Case(_, row, _) => (&mut cursor.cases, sequence(row.changed)),
            Change::Order(row, _) => (&mut cursor.orders, sequence(row.changed)),
        };
        if changed <= *at {
            return true;
        }
        *at = changed;
        false
    }

    /// What an audience is told, if anything.
    pub fn told(&self, audience: &Audience) -> Option<Bytes> {
        match &self.change {
            Change::Case(id, row, _) if audience.hears_case(id, row) => Some(match audience {
                Audience::Case(_) => self.traced.clone(),
                Audience::Member(..) | Audience::Scope(_) => self.shown.clone(),
            }),
            Change::Case(id, row, since) => {
                audience.lost_case(id, row, *since).then(|| self.gone.clone())
            }
            Change::Order(row, _) if audience.hears_order(row) => Some(self.shown.clone()),
            Change::Order(row, since) => {
                audience.lost_order(row, *since).then(|| self.gone.clone())
            }
        }
    }
}

/// That nothing happened, where the stream is, and the time: pages show how fresh they are.
pub(super) fn tick(at: &Cursor, now: i64) -> Bytes {
    #[derive(Serialize)]
    struct Tick {
        at: i64,
    }
    written("tick", at, &Tick { at: now })
}

/// That the page should load anew: too much has happened, or the log is another.
pub(super) fn reset(at: &Cursor) -> Bytes {
    #[derive(Serialize)]
    struct Reset {}
    written("reset", at, &Reset {})
}

#[expect(clippy::cast_precision_loss, reason = "1.8e9 is far below 2^53")]
pub(super) fn degrees(e7: i64) -> f64 {
    e7 as f64 / 1e7
}
