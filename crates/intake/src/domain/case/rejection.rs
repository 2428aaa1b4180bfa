//! Why a command on a case is refused.

mod words;

use kernel::{Division, GridCode, Timestamp, id::CaseId};

use super::{MAX_INFORMATION, MAX_JOINERS};

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
    /// Its reporter was asked for more.
    #[error("the reporter of this case was asked for more: wait for the answer, or decide without")]
    AwaitsInformation,
    /// The reporter can still answer.
    #[error("what was asked can be answered until {}: end the case after that", .0.to_rfc3339())]
    AnswerStillDue(Timestamp),
    /// It was refused.
    #[error("this case was refused: report the matter anew if there is more to say")]
    Refused,
    /// Nobody answered.
    #[error("this case ended, for nobody answered what was asked: report the matter anew")]
    Lapsed,
    /// Its reporter took it back.
    #[error(
        "this case was taken back by its reporter: report the matter anew if it is still there"
    )]
    Withdrawn,
    /// It goes on elsewhere.
    #[error("this case was transferred: act on its successor {0}")]
    Transferred(CaseId),
    /// It is there already.
    #[error("this case is handled in {0} already: choose the place where it belongs")]
    TransferStays(Division),
    /// It goes with another.
    #[error("this case is merged into {0}: act on that one, or unmerge this one first")]
    Merged(CaseId),
    /// It does not go with another.
    #[error("this case is not merged into another: there is nothing to undo")]
    NotMerged,
    /// A case and itself.
    #[error("a case cannot be merged into itself: choose another")]
    MergeIntoItself,
    /// The other one goes with a third.
    #[error("that case is merged into {0} itself: merge this one into {0}")]
    MergeIntoMerged(CaseId),
    /// The other one is over.
    #[error("that case is over: a case can be merged only into one that is open")]
    MergeIntoOver,
    /// The other one is the younger.
    #[error("that case was reported after this one: merge that one into this one")]
    MergeIntoLater,
    /// The other one may be seen by more.
    #[error("this case is confidential and that one is not: merge that one into this one")]
    MergeTellsMore,
    /// Only who handles it may know of it.
    #[error("this case is confidential and cannot be joined: report the matter yourself")]
    Confidential,
    /// Their own.
    #[error("you reported this case yourself: add to it instead")]
    JoinsOwn,
    /// Enough have joined.
    #[error("{MAX_JOINERS} have joined this case: report the matter yourself")]
    JoinersFull,
    /// Others follow it.
    #[error("others have joined this case and wait for its end: it cannot be taken back any more")]
    HasJoiners,
    /// The question was answered.
    #[error("this case was answered already: reopen it if the answer does not settle the matter")]
    AlreadyAnswered,
    /// The work is not done.
    #[error("this case is not resolved yet: wait until its work order is closed")]
    NotResolvedYet,
    /// The work is done.
    #[error("this case is resolved already: reopen it if the matter is not settled")]
    AlreadyResolved,
    /// Nothing is to be checked.
    #[error("no check of this case is open: check only what was drawn")]
    NoSpotCheck,
    /// Whoever settled it does not check it.
    #[error("who settled this case cannot check it: let somebody else")]
    CheckerIsHandler,
    /// The check comes first.
    #[error("this case was drawn for a check: check it first")]
    SpotCheckOpen,
    /// Only the reporter rates or takes back.
    #[error("only who reported this case can do this")]
    NotTheReporter,
    /// A rating stands.
    #[error("this case was rated before, and a rating stands")]
    RatedBefore,
    /// Too late to rate.
    #[error("the time for rating this case is over: reopen it if the matter is not settled")]
    RatingOver,
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
    /// No device reported it.
    #[error("this case is no device's alarm: report the alarm as a case of its own")]
    NotAnAlarm,
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
