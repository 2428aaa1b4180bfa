//! `CallBack`: staff note that they called the reporter, and the rating that the call brought.

use api::intake::v1::{CallBackRequest, CallBackResponse, CalledRating};
use contracts::intake::{CaseEvent, Satisfaction};
use kernel::id::CaseId;
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::{Intake, facts};
use crate::domain::case::{CallBack, Command, Rating};

pub(super) async fn call_back(
    intake: &Intake,
    request: Request<CallBackRequest>,
) -> Result<CallBackResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let mut v = Violations::new();
    let request_id = v.request_id(&message.request_id);
    let case = v.parse::<CaseId>("case_id", &message.case_id);
    let note = v.text("note", &message.note, intake.config.max_comment_chars);
    let rating = message.rating.as_ref().and_then(|rating| said(&mut v, *rating));
    if message.rating.is_some() && !message.reached {
        v.push(
            "rating",
            "nobody was reached, who could have rated: leave the rating out",
            "未接通时不能代为评价，请去掉评价",
        );
    }
    v.finish()?;
    let (Some(request_id), Some(case), Some(note)) = (request_id, case, note) else {
        unreachable!("what is missing was noted, and finish has answered with it")
    };

    let report = intake.report_in_scope(&call.principal, &case).await?;
    let request = call.request(request_id, "CallBack", &message);
    let note = intake.seal(&report.texts_owner(), &request, "text", &note).await?;
    let (by, reached) = (call.principal.person.clone(), message.reached);
    let outcome = intake
        .case_executor
        .execute(facts::target(&case), request, move |now| {
            let (by, note, rating) = (by.clone(), note.clone(), rating.clone());
            Command::CallBack(CallBack { at: now, by, reached, note, rating })
        })
        .await?;
    let attempt = outcome.events.iter().find_map(|event| {
        if let CaseEvent::CaseCalledBack(event) = event { Some(event.attempt) } else { None }
    });
    Ok(CallBackResponse {
        version: outcome.version,
        position: Some(outcome.position.into()),
        attempt: attempt.unwrap_or_default(),
    })
}

fn said(v: &mut Violations, rating: CalledRating) -> Option<Rating> {
    let word = api::word::<Satisfaction>(rating.satisfaction().as_str_name(), "SATISFACTION_");
    let satisfaction = facts::word(v, "rating.satisfaction", word)?;
    // What was said beside the rating is the note of the call.
    let (contacted, solved) = (rating.contacted, rating.solved);
    Some(Rating { contacted, solved, satisfaction, comment: None })
}
