//! `RateCase`: the reporter, or one who joined, rates a resolved case. Who is the reporter is the rules' to say.

use api::intake::v1::{RateCaseRequest, RateCaseResponse};
use contracts::intake::Satisfaction;
use kernel::id::CaseId;
use platform::{
    executor::ExecuteError,
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::{Intake, facts};
use crate::domain::case::{Command, RateCase, Rater, Rating, Rejection};

pub(super) async fn rate_case(
    intake: &Intake,
    request: Request<RateCaseRequest>,
) -> Result<RateCaseResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let case = if message.tracking_code.is_empty() {
        v.parse::<CaseId>("case_id", &message.case_id)
    } else {
        None
    };
    let satisfaction =
        api::word::<Satisfaction>(message.satisfaction().as_str_name(), "SATISFACTION_");
    let satisfaction = facts::word(&mut v, "satisfaction", satisfaction);
    let comment = v.text("comment", &message.comment, intake.config.max_comment_chars);
    v.finish()?;
    let (Some(request_id), Some(satisfaction), Some(comment)) = (request_id, satisfaction, comment)
    else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };

    let by = call.principal.person.clone();
    let (case, tracking) = intake.named(case, &message.tracking_code).await?;
    let report = match intake.found(&case).await? {
        Some(report) if report.rater(&by, tracking).is_some() => report,
        None if facts::knows(&call.principal, &case) => return Err(facts::no_such_case()),
        // Nothing of a stranger's is sealed under the reporter's key.
        Some(_) | None => return Err(ExecuteError::Rejected(Rejection::NotTheReporter).into()),
    };
    let request = call.request(request_id, "RateCase", &message);
    // What a joiner writes is theirs.
    let owner = match report.rater(&by, tracking) {
        Some(Rater::Joiner(_)) => by.to_string(),
        Some(Rater::Reporter) | None => report.texts_owner(),
    };
    let comment = intake.seal(&owner, &request, "text", &comment).await?;
    let (contacted, solved) = (message.contacted, message.solved);
    let outcome = intake
        .case_executor
        .execute(facts::target(&case), request, move |now| {
            Command::RateCase(RateCase {
                at: now,
                by: by.clone(),
                tracking,
                rating: Rating { contacted, solved, satisfaction, comment: comment.clone() },
            })
        })
        .await?;
    Ok(RateCaseResponse { version: outcome.version, position: Some(outcome.position.into()) })
}
