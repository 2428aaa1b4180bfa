//! Why a command on a case is refused.

use kernel::{Division, GridCode, Timestamp};

use super::MAX_INFORMATION;

/// A refusal; each says what to do instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no such case.
    #[error("nobody has reported this case: check its id")]
    NotReported,
    /// The id is taken.
    #[error("this case is reported already: use a new request_id for another report")]
    AlreadyReported,
    /// It is accepted.
    #[error("this case is accepted already: what is to be done about it is its work order's")]
    AlreadyAccepted,
    /// Nobody has accepted it.
    #[error("this case is not accepted yet: accept it first")]
    NotAcceptedYet,
    /// It was refused.
    #[error("this case was refused: report the matter anew if there is more to say")]
    Refused,
    /// The work is not done.
    #[error("this case is not resolved yet: wait until its work order is closed")]
    NotResolvedYet,
    /// The work is done.
    #[error("this case is resolved already: reopen it if the matter is not settled")]
    AlreadyResolved,
    /// Only the reporter rates.
    #[error("only who reported this case can rate it")]
    NotTheReporter,
    /// A rating stands.
    #[error("this case was rated before, and a rating stands")]
    RatedBefore,
    /// The reporter can still rate.
    #[error("this case can be rated until {}: archive it after that", .0.to_rfc3339())]
    WindowOpen(Timestamp),
    /// The window for reopening is over.
    #[error("this case could be reopened until {}: report the matter anew if it is back", .0.to_rfc3339())]
    ReopenWindowOver(Timestamp),
    /// It is closed.
    #[error(
        "this case is closed and archived: reopen it if the matter is not settled, or report it anew"
    )]
    Archived,
    /// Enough was added.
    #[error("this case was added to {MAX_INFORMATION} times: call the desk in charge instead")]
    InformationFull,
    /// A grid of another place.
    #[error(
        "the grid {grid} does not lie in {home}, where this case belongs: choose one that does"
    )]
    GridElsewhere {
        /// The grid.
        grid: GridCode,
        /// The division of the case.
        home: Division,
    },
}

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self {
            Self::NotReported => "CASE_NOT_REPORTED",
            Self::AlreadyReported => "CASE_ALREADY_REPORTED",
            Self::AlreadyAccepted => "CASE_ALREADY_ACCEPTED",
            Self::NotAcceptedYet => "CASE_NOT_ACCEPTED_YET",
            Self::Refused => "CASE_REFUSED",
            Self::NotResolvedYet => "CASE_NOT_RESOLVED_YET",
            Self::AlreadyResolved => "CASE_ALREADY_RESOLVED",
            Self::NotTheReporter => "NOT_THE_REPORTER",
            Self::RatedBefore => "RATED_BEFORE",
            Self::WindowOpen(_) => "RATING_WINDOW_OPEN",
            Self::ReopenWindowOver(_) => "CASE_REOPEN_WINDOW_OVER",
            Self::Archived => "CASE_ARCHIVED",
            Self::InformationFull => "INFORMATION_FULL",
            Self::GridElsewhere { .. } => "GRID_NOT_IN_DIVISION",
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::NotReported => "没有这个事项，请核对编号".to_owned(),
            Self::AlreadyReported => "该事项已上报，另行上报请换用新的 request_id".to_owned(),
            Self::AlreadyAccepted => "该事项已受理，后续处置见其工单".to_owned(),
            Self::NotAcceptedYet => "该事项尚未受理，请先受理".to_owned(),
            Self::Refused => "该事项已不予受理，如有新情况请重新反映".to_owned(),
            Self::NotResolvedYet => "该事项尚未办结，请待工单办结后再操作".to_owned(),
            Self::AlreadyResolved => "该事项已办结，如问题未解决请申请重新办理".to_owned(),
            Self::NotTheReporter => "只有反映人本人可以评价".to_owned(),
            Self::RatedBefore => "该事项已评价，评价不可更改".to_owned(),
            Self::WindowOpen(until) => {
                format!("评价期至 {} 止，期满后方可归档", until.to_rfc3339())
            }
            Self::ReopenWindowOver(until) => {
                format!(
                    "该事项可在 {} 前申请重新办理，现已逾期，如问题再次出现请重新反映",
                    until.to_rfc3339()
                )
            }
            Self::Archived => "该事项已结案归档，如问题未解决请申请重新办理，或重新反映".to_owned(),
            Self::InformationFull => {
                format!("该事项已补充{MAX_INFORMATION}次，请直接联系负责单位")
            }
            Self::GridElsewhere { grid, home } => {
                format!("网格 {grid} 不在事项所属区划 {home} 内，请选择该区划内的网格")
            }
        }
    }

    fn concerns_caller(&self) -> bool {
        matches!(self, Self::NotTheReporter)
    }
}
