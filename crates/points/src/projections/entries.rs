//! The table `entries`: one row a leg of a transfer, keyed by the event and the leg's place in it. A
//! resident's rows, the newest first, are the resident's statement.

use contracts::points::{Giver, LedgerEvent, ReversalCause};
use kernel::{
    DecodeError, StoredEvent as _,
    id::{CaseId, PersonId, ProgrammeId},
};
use platform::{
    auth::{Placement, ScopeColumn},
    database::{SqlError, table},
    log::Recorded,
    projection::{Projection, View},
    row,
};

use super::accounts;

row! {
    /// An entry.
    pub struct EntryRow in "entries" version 1 {
        /// The county of its programme.
        pub county: String,
        /// The township of its programme.
        pub township: String,
        /// The village of its programme.
        pub village: String,
        /// Always empty, as are the next two.
        pub grid: String,
        /// No organisation's.
        pub org: String,
        /// Nobody's.
        pub assignee: String,
        /// The resident on whose account it stands; empty on another account.
        pub reporter: String,
        /// The programme.
        pub programme: String,
        /// `award`, `reversal` or `reopening`.
        pub kind: String,
        /// Points that came in; that went out, where negative.
        pub amount: i64,
        /// What the account held afterwards.
        pub balance: i64,
        /// The award that it gives or takes back.
        pub award: String,
        /// The case, or empty.
        pub case_id: String,
        /// When: UTC milliseconds.
        pub at: i64,
        /// The place in the log.
        pub sequence: i64,
        /// The version of the rule that gave it; 0 where a person did.
        pub rule_version: i64,
        /// The person who gave it or took it back; empty where the rule did.
        pub giver: String,
        /// The record that says why, or empty.
        pub reason: String,
    }
    indexes ["reporter, programme, sequence", "case_id WHERE kind = 'award'"]
}

/// A transfer, and the id of its event.
pub struct Transfer {
    event_id: String,
    event: LedgerEvent,
}

/// Fills the table.
pub struct Entries;

impl Projection for Entries {
    type Row = EntryRow;
    type Event = Transfer;

    fn read(&self, event: &Recorded) -> Result<Option<Transfer>, DecodeError> {
        if event.category() != LedgerEvent::CATEGORY {
            return Ok(None);
        }
        let event_id = event.meta.id.clone();
        let event = LedgerEvent::decode(&event.ce_type, &event.payload)?;
        Ok((!event.legs().is_empty()).then_some(Transfer { event_id, event }))
    }

    fn keys(&self, transfer: &Transfer) -> Vec<String> {
        (0..transfer.event.legs().len()).map(|place| key(transfer, place)).collect()
    }

    fn fold(
        &self,
        of: &str,
        _row: Option<EntryRow>,
        transfer: &Transfer,
        recorded: &Recorded,
    ) -> Option<EntryRow> {
        let event = &transfer.event;
        let legs = event.legs();
        let leg = legs.iter().enumerate().find(|(place, _)| key(transfer, *place) == of)?.1;
        let said = said(event)?;
        let place = Placement::of_division(event.programme().division());
        Some(EntryRow {
            county: place.column(ScopeColumn::County),
            township: place.column(ScopeColumn::Township),
            village: place.column(ScopeColumn::Village),
            grid: String::new(),
            org: String::new(),
            assignee: String::new(),
            reporter: accounts::holder(&leg.account),
            programme: event.programme().to_string(),
            kind: said.kind.to_owned(),
            amount: leg.amount,
            balance: leg.balance,
            award: said.award,
            case_id: said.case,
            at: event.occurred_at().0,
            sequence: i64::try_from(recorded.meta.sequence).unwrap_or(i64::MAX),
            rule_version: said.rule_version,
            giver: said.giver,
            reason: said.reason,
        })
    }
}

fn key(transfer: &Transfer, place: usize) -> String {
    format!("{}/{place}", transfer.event_id)
}

/// What all legs of a transfer say.
#[derive(Default)]
struct Said {
    kind: &'static str,
    award: String,
    case: String,
    rule_version: i64,
    giver: String,
    reason: String,
}

fn said(event: &LedgerEvent) -> Option<Said> {
    let case = |case: &Option<CaseId>| case.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut said = match event {
        LedgerEvent::ProgrammeCreated(_) | LedgerEvent::RuleSet(_) => return None,
        LedgerEvent::PointsAwarded(event) => Said {
            kind: "award",
            award: event.award.to_string(),
            case: case(&event.case),
            ..Said::default()
        },
        LedgerEvent::AwardReversed(event) => Said {
            kind: "reversal",
            award: event.award.to_string(),
            case: case(&event.case),
            ..Said::default()
        },
    };
    match event {
        LedgerEvent::ProgrammeCreated(_) | LedgerEvent::RuleSet(_) => {}
        LedgerEvent::PointsAwarded(event) => match &event.given_by {
            Giver::Rule { version, .. } => said.rule_version = i64::from(*version),
            Giver::Person { by, reason } => said.is_by(by, reason),
        },
        LedgerEvent::AwardReversed(event) => match &event.cause {
            ReversalCause::Reopened => said.kind = "reopening",
            ReversalCause::Person { by, reason } => said.is_by(by, reason),
        },
    }
    Some(said)
}

impl Said {
    fn is_by(&mut self, person: &PersonId, reason: &impl ToString) {
        self.giver = person.to_string();
        self.reason = reason.to_string();
    }
}

/// A resident's entries in a programme, the newest first, after this sequence and key.
pub async fn statement(
    entries: &View<EntryRow>,
    programme: &ProgrammeId,
    person: &PersonId,
    after: Option<(i64, &str)>,
    limit: u32,
) -> Result<Vec<(String, EntryRow)>, SqlError> {
    let mut statement = table::select::<EntryRow>()
        .with(" WHERE reporter = ?", person.to_string())
        .with(" AND programme = ?", programme.to_string());
    if let Some((sequence, id)) = after {
        statement = statement.with(" AND (sequence, id) < (?", sequence).with(", ?)", id);
    }
    let end = " ORDER BY sequence DESC, id DESC LIMIT ?";
    entries.fetch(statement.with(end, i64::from(limit))).await
}

/// The programmes in which a case's report has earned points by rule.
pub async fn programmes_of(
    entries: &View<EntryRow>,
    case: &CaseId,
) -> Result<Vec<String>, SqlError> {
    let statement = table::select::<EntryRow>()
        .with(" WHERE case_id = ?", case.to_string())
        .and(" AND kind = 'award' AND rule_version > 0");
    let rows = entries.fetch(statement).await?;
    let mut programmes: Vec<String> = rows.into_iter().map(|(_, row)| row.programme).collect();
    programmes.sort();
    programmes.dedup();
    Ok(programmes)
}
