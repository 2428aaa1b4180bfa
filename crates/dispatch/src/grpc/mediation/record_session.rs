//! `RecordSession`: the parties were brought together (调处).

use api::dispatch::v1::{RecordSessionRequest, RecordSessionResponse};
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::{Desk, TEXT_CHARS, named, word};
use crate::{domain::mediation::Command, grpc::command::caller};

impl Desk {
    pub(super) async fn record_session(
        &self,
        request: Request<RecordSessionRequest>,
    ) -> Result<RecordSessionResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let (request_id, id) = named(&mut v, &message.request_id, &message.work_order_id);
        let place = word(&mut v, "place", message.place().as_str_name(), "SESSION_PLACE_");
        let result = word(&mut v, "result", message.result().as_str_name(), "SESSION_RESULT_");
        let text = v.text("text", &message.text, TEXT_CHARS);
        v.finish()?;
        let (Some(request_id), Some(id), Some(place), Some(result), Some(text)) =
            (request_id, id, place, result, text)
        else {
            unreachable!("checked above")
        };
        let order = self.order(&caller(&call.principal), &id).await?;
        let request = call.request(request_id, "RecordSession", &message);
        let notes = self.seal(&order, &request, &text).await?;
        let make = move |by| Command::RecordSession { by, place, result, notes: notes.clone() };
        let (version, position) = self.carry_out(&call, &id, request, make).await?;
        Ok(RecordSessionResponse { version, position })
    }
}
