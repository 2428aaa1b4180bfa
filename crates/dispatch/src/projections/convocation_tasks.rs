//! The tasks that convocations concluded with, and their clocks.

use contracts::dispatch::convocation::ConvocationEvent;
use kernel::{DecodeError, id::ConvocationId};
use platform::{log::Recorded, projection::Projection};

use super::scoped::place;

platform::row! {
    /// A task; the key is `<convocation>/<number>`. Times are UTC milliseconds.
    pub struct ConvocationTaskRow in "convocation_tasks" version 1 {
        /// The convocation.
        pub convocation: String,
        /// The task's number.
        pub number: i64,
        /// The 6 digits of the county.
        pub county: String,
        /// The 9 digits of the township.
        pub township: String,
        /// The 12 digits of the village.
        pub village: String,
        /// The body that does it.
        pub org: String,
        /// By when.
        pub due: i64,
        /// When it was done; 0 until then.
        pub completed_at: i64,
        /// Whether it was done late or is late, 0 or 1.
        pub late: i64,
        /// The next clock that rings; the largest number where none runs.
        pub next_due: i64,
    }
    indexes ["org, due", "next_due"]
}

/// The table.
#[derive(Debug)]
pub struct ConvocationTasks;

fn key(convocation: &ConvocationId, number: u32) -> String {
    format!("{convocation}/{number}")
}

impl Projection for ConvocationTasks {
    type Row = ConvocationTaskRow;
    type Event = ConvocationEvent;

    fn read(&self, event: &Recorded) -> Result<Option<ConvocationEvent>, DecodeError> {
        super::read(ConvocationEvent::CATEGORY, event)
    }

    fn keys(&self, event: &ConvocationEvent) -> Vec<String> {
        use ConvocationEvent as E;
        match event {
            E::ConvocationConcluded(event) => {
                event.tasks.iter().map(|task| key(&event.convocation, task.number)).collect()
            }
            E::ConvocationTaskCompleted(event) => vec![key(&event.convocation, event.task)],
            E::ConvocationTaskOverdue(event) => vec![key(&event.convocation, event.task)],
            E::DepartmentsConvened(_)
            | E::ConvocationSigned(_)
            | E::DepartmentReportedIn(_)
            | E::ConvocationReminded(_)
            | E::ConvocationUnanswered(_)
            | E::AbsenceAllowed(_)
            | E::ConvocationDeclined(_)
            | E::DepartmentRated(_)
            | E::ConvocationClosed(_) => Vec::new(),
        }
    }

    fn fold(
        &self,
        key: &str,
        row: Option<ConvocationTaskRow>,
        event: &ConvocationEvent,
        _recorded: &Recorded,
    ) -> Option<ConvocationTaskRow> {
        use ConvocationEvent as E;
        match event {
            E::ConvocationConcluded(event) => {
                let number = key.split_once('/')?.1;
                let task = event.tasks.iter().find(|task| task.number.to_string() == number)?;
                let [county, township, village] = place(event.convocation.division());
                Some(ConvocationTaskRow {
                    convocation: event.convocation.to_string(),
                    number: task.number.into(),
                    county,
                    township,
                    village,
                    org: task.organisation.to_string(),
                    due: task.due.0,
                    completed_at: 0,
                    late: 0,
                    next_due: task.due.0,
                })
            }
            E::ConvocationTaskCompleted(event) => Some(ConvocationTaskRow {
                completed_at: event.occurred_at.0,
                late: i64::from(event.late),
                next_due: i64::MAX,
                ..row?
            }),
            E::ConvocationTaskOverdue(_) => {
                Some(ConvocationTaskRow { late: 1, next_due: i64::MAX, ..row? })
            }
            E::DepartmentsConvened(_)
            | E::ConvocationSigned(_)
            | E::DepartmentReportedIn(_)
            | E::ConvocationReminded(_)
            | E::ConvocationUnanswered(_)
            | E::AbsenceAllowed(_)
            | E::ConvocationDeclined(_)
            | E::DepartmentRated(_)
            | E::ConvocationClosed(_) => row,
        }
    }
}
