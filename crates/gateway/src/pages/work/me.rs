//! Who is signed in, and what they handled of late.

use api::dispatch::v1::{ListWorkOrdersRequest, WorkOrderStatus};
use askama::Template;
use axum::{extract::Query, response::Response};
use serde::Deserialize;

use super::{task::Task, tasks::handles};
use crate::{
    pages::html,
    problem::{Part, Problem},
    session::StaffSession,
    shell::Shell,
};

#[derive(Template)]
#[template(path = "work/me.html")]
struct Me {
    shell: Shell,
    name: String,
    /// When the session ends, in UTC milliseconds.
    until: i64,
}

pub(super) async fn show(session: StaffSession) -> Response {
    let gateway = &session.visit.gateway;
    let me = session.who.principal.person.to_string();
    let division = session.who.division(gateway);
    tokio::join!(
        gateway.names.learn_persons(gateway, session.token(), [me.as_str()]),
        gateway.names.learn_places(gateway, [division.as_str()])
    );
    let shell = session.shell();
    let name = shell.person(&me);
    let name = if name == me { shell.role_name() } else { name };
    html(&Me { shell, name, until: session.who.principal.expires_at.0 })
}

/// What is over.
struct Done {
    tasks: Vec<Task>,
    /// The path of the next page; empty on the last.
    next: String,
}

#[derive(Template)]
#[template(path = "work/done.html")]
struct DonePage {
    shell: Shell,
    done: Part<Done>,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    page: String,
}

pub(super) async fn done(
    session: StaffSession,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let gateway = &session.visit.gateway;
    let request = ListWorkOrdersRequest {
        page_size: 50,
        page_token: asked.page,
        min_position: session.visit.seen.clone(),
        status: WorkOrderStatus::Closed.into(),
        order_by: "created_at desc".to_owned(),
        assignee_me: handles(&session),
        ..ListWorkOrdersRequest::default()
    };
    let answer = gateway.clients.dispatch(session.token()).list_work_orders(request).await;
    let done = Part::of(answer)?.map(|answer| Done {
        tasks: answer.work_orders.iter().map(Task::of).collect(),
        next: match answer.next_page_token.as_str() {
            "" => String::new(),
            token => format!("/work/done?page={token}"),
        },
    });
    if let Part::Here(done) = &done {
        let places = done.tasks.iter().map(|task| task.place.as_str());
        gateway.names.learn_places(gateway, places).await;
    }
    Ok(html(&DonePage { shell: session.shell(), done }))
}
