//! The table `personal_records`: which records of the vault and which photos are about whom, of all
//! services. By it a person's data is handed out and erased, and a case's texts when they were kept long
//! enough. There is nothing of a person in it but ids. Keyed by the record, the photo or the case;
//! ratings, awards and orders by their ids with a mark.

mod entries;

use contracts::{
    access::PersonEvent, dispatch::WorkOrderEvent, intake::CaseEvent, points::LedgerEvent,
    privacy::RetentionEvent,
};
use kernel::{DecodeError, StoredEvent as _};
use platform::{
    database::{SqlError, table},
    log::Recorded,
    projection::{Projection, View},
};

use entries::Entry;

platform::row! {
    /// A record, a photo, or what leads to some.
    pub struct PersonalRecordRow in "personal_records" version 1 {
        /// Whose it is, as the vault's owner: a person, or a case that is a person by itself; empty where
        /// the case or order tells.
        pub person: String,
        /// The case that it belongs to, or empty.
        pub case_id: String,
        /// The order that it belongs to, or empty.
        pub order_id: String,
        /// Which service's event names it.
        pub holder: String,
        /// `case`, `order`, `photo`, `contact`, `profile`, `points` or what sort of text it is.
        pub kind: String,
        /// A word or number that goes with it: a category, a satisfaction, an amount; of an order its id.
        pub detail: String,
        /// When it came, UTC milliseconds.
        pub at: i64,
        /// Of a case, whether it is open, 0 or 1.
        pub open: i64,
        /// Of a case, when it was closed and its texts are still kept; 0 otherwise.
        pub closed_at: i64,
    }
    indexes ["person, at", "case_id", "order_id", "closed_at WHERE closed_at > 0"]
}

/// What of all events matters here.
#[derive(Clone, Debug)]
pub enum Event {
    /// Of a case.
    Case(CaseEvent),
    /// Of an order.
    Order(WorkOrderEvent),
    /// Of a person.
    Person(PersonEvent),
    /// Of a ledger.
    Ledger(LedgerEvent),
    /// Of a case's texts.
    Retention(RetentionEvent),
}

/// Fills the table.
pub struct PersonalRecords;

impl Projection for PersonalRecords {
    type Row = PersonalRecordRow;
    type Event = Event;

    fn read(&self, event: &Recorded) -> Result<Option<Event>, DecodeError> {
        let (ce_type, payload) = (&event.ce_type, &event.payload);
        let category = event.category();
        Ok(if category == CaseEvent::CATEGORY {
            Some(Event::Case(CaseEvent::decode(ce_type, payload)?))
        } else if category == WorkOrderEvent::CATEGORY {
            Some(Event::Order(WorkOrderEvent::decode(ce_type, payload)?))
        } else if category == PersonEvent::CATEGORY {
            Some(Event::Person(PersonEvent::decode(ce_type, payload)?))
        } else if category == LedgerEvent::CATEGORY {
            Some(Event::Ledger(LedgerEvent::decode(ce_type, payload)?))
        } else if category == RetentionEvent::CATEGORY {
            Some(Event::Retention(RetentionEvent::decode(ce_type, payload)?))
        } else {
            None
        })
    }

    fn keys(&self, event: &Event) -> Vec<String> {
        let mut keys: Vec<String> =
            entries::of(event).into_iter().map(|Entry { key, .. }| key).collect();
        keys.extend(closes(event).map(|(case, _)| case));
        keys
    }

    fn fold(
        &self,
        key: &str,
        row: Option<PersonalRecordRow>,
        event: &Event,
        _: &Recorded,
    ) -> Option<PersonalRecordRow> {
        if let Some((case, (open, closed_at))) = closes(event)
            && case == key
        {
            return Some(PersonalRecordRow { open, closed_at, ..row? });
        }
        let named = entries::of(event).into_iter().find(|entry| entry.key == key);
        // Who names a photo or record first is whose it is; a later event that names it again, by mistake
        // or on purpose, takes nobody's away.
        row.or_else(|| named.map(|entry| entry.row))
    }
}

/// Whether a case is open and when it was closed, after an event that changes it.
fn closes(event: &Event) -> Option<(String, (i64, i64))> {
    match event {
        Event::Case(CaseEvent::CaseRefused(event)) => {
            Some((event.case.to_string(), (0, event.occurred_at.0)))
        }
        Event::Case(CaseEvent::CaseArchived(event)) => {
            Some((event.case.to_string(), (0, event.occurred_at.0)))
        }
        Event::Case(CaseEvent::CaseTransferred(event)) => {
            Some((event.case.to_string(), (0, event.occurred_at.0)))
        }
        Event::Case(CaseEvent::CaseWithdrawn(event)) => {
            Some((event.case.to_string(), (0, event.occurred_at.0)))
        }
        Event::Case(CaseEvent::CaseLapsed(event)) => {
            Some((event.case.to_string(), (0, event.occurred_at.0)))
        }
        Event::Case(CaseEvent::CaseReopened(event)) => Some((event.case.to_string(), (1, 0))),
        Event::Retention(RetentionEvent::CaseTextsErased(event)) => {
            Some((event.case.to_string(), (0, 0)))
        }
        Event::Case(
            CaseEvent::CaseReported(_)
            | CaseEvent::InformationAdded(_)
            | CaseEvent::CaseAccepted(_)
            | CaseEvent::CaseResolved(_)
            | CaseEvent::CaseRated(_)
            | CaseEvent::CaseJoined(_)
            | CaseEvent::CaseMerged(_)
            | CaseEvent::CaseUnmerged(_)
            | CaseEvent::InformationRequested(_)
            | CaseEvent::CaseAnswered(_)
            | CaseEvent::ConfidentialitySet(_)
            | CaseEvent::CaseHandledOnSite(_)
            | CaseEvent::SpotCheckDrawn(_)
            | CaseEvent::SpotCheckConfirmed(_)
            | CaseEvent::CaseCalledBack(_)
            | CaseEvent::AlarmCounted(_),
        )
        | Event::Order(_)
        | Event::Person(_)
        | Event::Ledger(_) => None,
    }
}

/// A row and its key.
pub type Found = (String, PersonalRecordRow);

/// All that is about a person: theirs, what belongs to their cases, and to the orders of these.
pub async fn of_person(
    records: &View<PersonalRecordRow>,
    person: &str,
) -> Result<Vec<Found>, SqlError> {
    let own = table::select::<PersonalRecordRow>().with(" WHERE person = ?", person);
    let mut found = records.fetch(own).await?;
    let cases: Vec<String> =
        found.iter().filter(|(_, row)| row.kind == "case").map(|(id, _)| id.clone()).collect();
    for case in cases {
        found.extend(of_case(records, &case).await?);
    }
    found.sort_by(|(id, row), (other, another)| (row.at, id).cmp(&(another.at, other)));
    found.dedup_by(|(id, _), (other, _)| id == other);
    Ok(found)
}

/// All that belongs to a case and to its orders.
pub async fn of_case(
    records: &View<PersonalRecordRow>,
    case: &str,
) -> Result<Vec<Found>, SqlError> {
    let of_case = table::select::<PersonalRecordRow>().with(" WHERE case_id = ?", case);
    let mut found = records.fetch(of_case).await?;
    let orders = found.iter().filter(|(_, row)| row.kind == "order");
    let orders: Vec<String> = orders.map(|(_, row)| row.detail.clone()).collect();
    for order in orders {
        let of_order = table::select::<PersonalRecordRow>().with(" WHERE order_id = ?", order);
        found.extend(records.fetch(of_order).await?);
    }
    Ok(found)
}

/// Cases that were closed, and whose texts are still kept.
pub struct Closed<'a> {
    /// Before this time, UTC milliseconds, or then.
    pub before: i64,
    /// Only of this category, if any.
    pub category: Option<&'a str>,
    /// Not of these.
    pub except: &'a [&'a str],
}

/// These cases, the oldest first.
pub async fn closed(
    records: &View<PersonalRecordRow>,
    closed: &Closed<'_>,
    limit: i64,
) -> Result<Vec<Found>, SqlError> {
    let mut statement = table::select::<PersonalRecordRow>()
        .with(" WHERE closed_at > 0 AND closed_at <= ?", closed.before);
    if let Some(category) = closed.category {
        statement = statement.with(" AND detail = ?", category);
    }
    for category in closed.except {
        statement = statement.with(" AND detail <> ?", *category);
    }
    records.fetch(statement.with(" ORDER BY closed_at, id LIMIT ?", limit)).await
}
