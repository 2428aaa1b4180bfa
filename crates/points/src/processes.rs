//! What points does by itself: awards for reports that are found true, and reversals when their cases
//! are opened again.

pub mod award_true_reports;
pub mod reverse_reopened;

use std::time::Duration;

use contracts::subject;
use kernel::id::ProgrammeId;
use platform::{database::SqlError, executor::Target, process::CarryOutError, projection::Behind};

/// How long a process waits for a table to reach the event that it acts on, before it tries again.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where a programme's ledger is.
fn target(programme: &ProgrammeId) -> Target {
    Target { subject: subject::programme(programme), id: programme.to_string(), creates: false }
}

fn behind(error: &Behind) -> CarryOutError {
    CarryOutError::Later(error.to_string())
}

fn database(error: &SqlError) -> CarryOutError {
    CarryOutError::Later(format!("the database failed: {error}"))
}
