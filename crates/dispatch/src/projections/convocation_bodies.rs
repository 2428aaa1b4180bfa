//! The bodies that were called, one a row: what each lists, the clocks of its signature, and whether it
//! signed and came in time, for the figures.

use contracts::dispatch::convocation::{ConvocationEvent, DepartmentsConvened, DutyLevel};
use kernel::{
    DecodeError,
    id::{ConvocationId, OrganisationId},
};
use platform::{log::Recorded, projection::Projection};

use super::scoped::place;

platform::row! {
    /// A called body; the key is `<convocation>/<organisation>`. Times are UTC milliseconds, 0 where it
    /// has not happened; what is yes or no is 0 or 1; levels are 5, the best, to 1, and 0 for none.
    pub struct BodyRow in "convocation_bodies" version 1 {
        /// The convocation.
        pub convocation: String,
        /// The 6 digits of the county.
        pub county: String,
        /// The 9 digits of the township.
        pub township: String,
        /// The 12 digits of the village.
        pub village: String,
        /// The body.
        pub org: String,
        /// Whether it is in the lead.
        pub lead: i64,
        /// When it was called.
        pub created_at: i64,
        /// When they meet.
        pub meet_at: i64,
        /// By when it signs.
        pub sign_due: i64,
        /// When it is reported to the county.
        pub supervise_due: i64,
        /// When it signed.
        pub signed_at: i64,
        /// Whether late.
        pub signed_late: i64,
        /// When it came.
        pub reported_in_at: i64,
        /// Whether late.
        pub reported_in_late: i64,
        /// Whether it was reminded.
        pub reminded: i64,
        /// Whether it was reported to the county.
        pub unanswered: i64,
        /// Whether it may stay away.
        pub absence_allowed: i64,
        /// Whether it neither came nor was let off.
        pub absent: i64,
        /// 到场.
        pub attendance: i64,
        /// 履职.
        pub performance: i64,
        /// 效果.
        pub effect: i64,
        /// The next clock that rings; the largest number where none runs.
        pub next_due: i64,
    }
    indexes ["org, created_at", "convocation", "next_due"]
}

/// The table.
#[derive(Debug)]
pub struct ConvocationBodies;

fn key(convocation: &ConvocationId, organisation: &OrganisationId) -> String {
    format!("{convocation}/{organisation}")
}

impl Projection for ConvocationBodies {
    type Row = BodyRow;
    type Event = ConvocationEvent;

    fn read(&self, event: &Recorded) -> Result<Option<ConvocationEvent>, DecodeError> {
        super::read(ConvocationEvent::CATEGORY, event)
    }

    fn keys(&self, event: &ConvocationEvent) -> Vec<String> {
        use ConvocationEvent as E;
        match event {
            E::DepartmentsConvened(event) => {
                let called = std::iter::once(&event.lead).chain(&event.assists);
                called.map(|body| key(&event.convocation, body)).collect()
            }
            E::ConvocationSigned(event) => vec![key(&event.convocation, &event.organisation)],
            E::DepartmentReportedIn(event) => vec![key(&event.convocation, &event.organisation)],
            E::ConvocationReminded(event) => vec![key(&event.convocation, &event.organisation)],
            E::ConvocationUnanswered(event) => vec![key(&event.convocation, &event.organisation)],
            E::AbsenceAllowed(event) => vec![key(&event.convocation, &event.organisation)],
            E::DepartmentRated(event) => vec![key(&event.convocation, &event.organisation)],
            E::ConvocationConcluded(event) => {
                event.absent.iter().map(|body| key(&event.convocation, body)).collect()
            }
            E::ConvocationDeclined(_)
            | E::ConvocationTaskCompleted(_)
            | E::ConvocationTaskOverdue(_)
            | E::ConvocationClosed(_) => Vec::new(),
        }
    }

    fn fold(
        &self,
        key: &str,
        row: Option<BodyRow>,
        event: &ConvocationEvent,
        _recorded: &Recorded,
    ) -> Option<BodyRow> {
        let mut row = match (row, event) {
            (None, ConvocationEvent::DepartmentsConvened(event)) => BodyRow::new(key, event)?,
            (row, _) => row?,
        };
        row.apply(event);
        row.next_due = row.next_clock();
        Some(row)
    }
}

const fn level(level: DutyLevel) -> i64 {
    match level {
        DutyLevel::Excellent => 5,
        DutyLevel::Good => 4,
        DutyLevel::Fair => 3,
        DutyLevel::Poor => 2,
        DutyLevel::Bad => 1,
    }
}

impl BodyRow {
    fn new(key: &str, event: &DepartmentsConvened) -> Option<Self> {
        let org = key.split_once('/')?.1.to_owned();
        let [county, township, village] = place(event.division);
        Some(Self {
            convocation: event.convocation.to_string(),
            county,
            township,
            village,
            lead: i64::from(event.lead.to_string() == org),
            org,
            created_at: event.occurred_at.0,
            meet_at: event.meet_at.0,
            sign_due: event.sign_due.0,
            supervise_due: event.supervise_due.0,
            signed_at: 0,
            signed_late: 0,
            reported_in_at: 0,
            reported_in_late: 0,
            reminded: 0,
            unanswered: 0,
            absence_allowed: 0,
            absent: 0,
            attendance: 0,
            performance: 0,
            effect: 0,
            next_due: i64::MAX,
        })
    }

    fn apply(&mut self, event: &ConvocationEvent) {
        use ConvocationEvent as E;
        match event {
            E::ConvocationSigned(event) => {
                self.signed_at = event.occurred_at.0;
                self.signed_late = i64::from(event.late);
            }
            E::DepartmentReportedIn(event) => {
                self.reported_in_at = event.occurred_at.0;
                self.reported_in_late = i64::from(event.late);
            }
            E::ConvocationReminded(_) => self.reminded = 1,
            E::ConvocationUnanswered(_) => self.unanswered = 1,
            E::AbsenceAllowed(_) => self.absence_allowed = 1,
            E::ConvocationConcluded(_) => self.absent = 1,
            E::DepartmentRated(event) => {
                self.attendance = level(event.attendance);
                self.performance = level(event.performance);
                self.effect = level(event.effect);
            }
            E::DepartmentsConvened(_)
            | E::ConvocationDeclined(_)
            | E::ConvocationTaskCompleted(_)
            | E::ConvocationTaskOverdue(_)
            | E::ConvocationClosed(_) => {}
        }
    }

    /// The clocks run until the body signs, is let off, or the others conclude without it.
    const fn next_clock(&self) -> i64 {
        if self.signed_at > 0 || self.absence_allowed == 1 || self.absent == 1 {
            return i64::MAX;
        }
        match (self.reminded, self.unanswered) {
            (0, _) => self.sign_due,
            (_, 0) => self.supervise_due,
            (_, _) => i64::MAX,
        }
    }
}
