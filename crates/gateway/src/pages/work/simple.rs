//! What a press of a button does: accept an order, close a verified one.

use api::dispatch::v1::{AcceptWorkOrderRequest, CloseWorkOrderRequest};
use axum::{Form, extract::Path, response::Response};

use super::{
    order,
    sent::{Sent, refused},
};
use crate::{pages::see_at, problem::Problem, session::StaffSession};

pub(super) async fn accept(
    session: StaffSession,
    Path(id): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response, Problem> {
    let request_id = sent.text("request_id");
    let request = AcceptWorkOrderRequest {
        request_id: request_id.clone(),
        work_order_id: id.clone(),
        ..AcceptWorkOrderRequest::default()
    };
    let mut dispatch = session.visit.gateway.clients.dispatch(session.token());
    match dispatch.accept_work_order(request).await {
        Ok(answer) => {
            let position = answer.into_inner().position;
            Ok(see_at(&format!("/work/{id}?done=accept"), position.as_ref()))
        }
        Err(status) => {
            order::page(&session, &id, "", request_id, refused(status, &session.visit)?).await
        }
    }
}

pub(super) async fn close(
    session: StaffSession,
    Path(id): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response, Problem> {
    let request_id = sent.text("request_id");
    let request = CloseWorkOrderRequest {
        request_id: request_id.clone(),
        work_order_id: id.clone(),
        ..CloseWorkOrderRequest::default()
    };
    let mut dispatch = session.visit.gateway.clients.dispatch(session.token());
    match dispatch.close_work_order(request).await {
        Ok(answer) => {
            let position = answer.into_inner().position;
            Ok(see_at(&format!("/work/{id}?done=close"), position.as_ref()))
        }
        Err(status) => {
            order::page(&session, &id, "", request_id, refused(status, &session.visit)?).await
        }
    }
}
