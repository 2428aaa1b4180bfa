//! The convocations, as the desks list them.

use contracts::dispatch::convocation::{ConvocationEvent, DepartmentsConvened};
use kernel::{DecodeError, id::ConvocationId};
use platform::{log::Recorded, projection::Projection};

use super::scoped::{place, shown, version};
use crate::domain::convocation::Status;

platform::row! {
    /// A convocation; the key is its id. Times are UTC milliseconds.
    pub struct ConvocationRow in "convocations" version 1 {
        /// Where it stands, in the words of `Status`.
        pub status: String,
        /// Whether it is not closed yet, 0 or 1.
        pub open: i64,
        /// The code of the division where the matter lies.
        pub division: String,
        /// The 6 digits of the county.
        pub county: String,
        /// The 9 digits of the township.
        pub township: String,
        /// The 12 digits of the village.
        pub village: String,
        /// The 15 digits of the grid.
        pub grid: String,
        /// The body in the lead.
        pub lead: String,
        /// How many bodies were called.
        pub called: i64,
        /// How many signed.
        pub signed: i64,
        /// How many reported in.
        pub reported_in: i64,
        /// How often a body signed or came late.
        pub late: i64,
        /// How many tasks were agreed on.
        pub tasks: i64,
        /// How many of them are done.
        pub tasks_completed: i64,
        /// When the bodies meet.
        pub meet_at: i64,
        /// By when they sign.
        pub sign_due: i64,
        /// When they were called.
        pub created_at: i64,
        /// The convocation's version.
        pub version: i64,
    }
    indexes ["county, created_at", "township, created_at", "village, created_at"]
}

/// The table.
#[derive(Debug)]
pub struct Convocations;

impl Projection for Convocations {
    type Row = ConvocationRow;
    type Event = ConvocationEvent;

    fn read(&self, event: &Recorded) -> Result<Option<ConvocationEvent>, DecodeError> {
        super::read(ConvocationEvent::CATEGORY, event)
    }

    fn keys(&self, event: &ConvocationEvent) -> Vec<String> {
        vec![convocation_of(event).to_string()]
    }

    fn fold(
        &self,
        _key: &str,
        row: Option<ConvocationRow>,
        event: &ConvocationEvent,
        recorded: &Recorded,
    ) -> Option<ConvocationRow> {
        let mut row = match (row, event) {
            (None, ConvocationEvent::DepartmentsConvened(event)) => ConvocationRow::new(event),
            (row, _) => row?,
        };
        row.apply(event);
        row.version = version(recorded);
        Some(row)
    }
}

/// Which convocation an event is about.
pub fn convocation_of(event: &ConvocationEvent) -> &ConvocationId {
    use ConvocationEvent as E;
    match event {
        E::DepartmentsConvened(event) => &event.convocation,
        E::ConvocationSigned(event) => &event.convocation,
        E::DepartmentReportedIn(event) => &event.convocation,
        E::ConvocationReminded(event) => &event.convocation,
        E::ConvocationUnanswered(event) => &event.convocation,
        E::AbsenceAllowed(event) => &event.convocation,
        E::ConvocationDeclined(event) => &event.convocation,
        E::ConvocationConcluded(event) => &event.convocation,
        E::ConvocationTaskCompleted(event) => &event.convocation,
        E::ConvocationTaskOverdue(event) => &event.convocation,
        E::DepartmentRated(event) => &event.convocation,
        E::ConvocationClosed(event) => &event.convocation,
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl ConvocationRow {
    fn new(event: &DepartmentsConvened) -> Self {
        let [county, township, village] = place(event.division);
        Self {
            status: Status::Convened.as_str().to_owned(),
            open: 1,
            division: event.division.to_string(),
            county,
            township,
            village,
            grid: shown(event.grid),
            lead: event.lead.to_string(),
            called: count(1 + event.assists.len()),
            signed: 0,
            reported_in: 0,
            late: 0,
            tasks: 0,
            tasks_completed: 0,
            meet_at: event.meet_at.0,
            sign_due: event.sign_due.0,
            created_at: event.occurred_at.0,
            version: 0,
        }
    }

    fn apply(&mut self, event: &ConvocationEvent) {
        use ConvocationEvent as E;
        match event {
            E::ConvocationSigned(event) => {
                self.signed += 1;
                self.late += i64::from(event.late);
            }
            E::DepartmentReportedIn(event) => {
                self.reported_in += 1;
                self.late += i64::from(event.late);
            }
            E::ConvocationConcluded(event) => {
                Status::Concluded.as_str().clone_into(&mut self.status);
                self.tasks = count(event.tasks.len());
            }
            E::ConvocationTaskCompleted(_) => self.tasks_completed += 1,
            E::ConvocationClosed(_) => {
                Status::Closed.as_str().clone_into(&mut self.status);
                self.open = 0;
            }
            E::DepartmentsConvened(_)
            | E::ConvocationReminded(_)
            | E::ConvocationUnanswered(_)
            | E::AbsenceAllowed(_)
            | E::ConvocationDeclined(_)
            | E::ConvocationTaskOverdue(_)
            | E::DepartmentRated(_) => {}
        }
    }
}
