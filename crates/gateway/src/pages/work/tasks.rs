//! Today: the orders of a member or a clerk, or those in the scope of a verifier, by what is to be
//! done with them.

use api::dispatch::v1::{ListWorkOrdersRequest, ListWorkOrdersResponse, WorkOrderStatus};
use askama::Template;
use axum::{extract::Query, response::Response};
use kernel::Role;
use serde::Deserialize;

use super::task::Task;
use crate::{
    pages::html,
    problem::{Part, Problem},
    session::StaffSession,
    shell::Shell,
};

/// So many orders are shown in a tab; who has more works from the top.
const SHOWN: usize = 100;

/// What is to be done with an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    Todo,
    Doing,
    Verify,
    Overdue,
}

impl Tab {
    const ALL: [Self; 4] = [Self::Todo, Self::Doing, Self::Verify, Self::Overdue];

    const fn name(self) -> &'static str {
        match self {
            Self::Todo => "todo",
            Self::Doing => "doing",
            Self::Verify => "verify",
            Self::Overdue => "overdue",
        }
    }

    /// What is asked for. Orders that await verification are all that the caller sees: they are for
    /// somebody else than their handler.
    fn request(self, session: &StaffSession) -> ListWorkOrdersRequest {
        let status = match self {
            Self::Todo => WorkOrderStatus::Routed,
            Self::Doing => WorkOrderStatus::Accepted,
            Self::Verify => WorkOrderStatus::Handled,
            Self::Overdue => WorkOrderStatus::Unspecified,
        };
        ListWorkOrdersRequest {
            page_size: 100,
            min_position: session.visit.seen.clone(),
            status: status.into(),
            overdue: self == Self::Overdue,
            open: true,
            assignee_me: self != Self::Verify && handles(session),
            ..ListWorkOrdersRequest::default()
        }
    }
}

/// Whether this role handles orders itself.
pub(super) fn handles(session: &StaffSession) -> bool {
    matches!(session.who.principal.role, Role::GridMember | Role::DepartmentClerk)
}

/// A tab as it is shown.
pub(super) struct Shown {
    pub(super) name: &'static str,
    /// How many, such as `7` or `99+`.
    pub(super) count: String,
    pub(super) now: bool,
}

/// The orders of a tab, and how many there are in each.
pub(super) struct List {
    pub(super) tab: &'static str,
    pub(super) tabs: Vec<Shown>,
    pub(super) tasks: Vec<Task>,
    /// Whether there are more than are shown.
    pub(super) more: bool,
    /// The ids that wait to be accepted, for the note that a new one has come.
    pub(super) waiting: String,
}

#[derive(Template)]
#[template(path = "work/home.html")]
struct Home {
    shell: Shell,
    tasks: Part<List>,
    tab: &'static str,
    /// Whether an order was just given back.
    done: bool,
}

#[derive(Template)]
#[template(path = "work/tasks_part.html")]
struct Fragment {
    shell: Shell,
    tasks: Part<List>,
    tab: &'static str,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    tab: String,
    #[serde(default)]
    done: String,
}

/// The page, or its list alone where that is what changed.
pub(super) async fn show(
    session: StaffSession,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let asked_tab = Tab::ALL.into_iter().find(|tab| tab.name() == asked.tab);
    let tasks = list(&session, asked_tab).await?;
    let tab = match &tasks {
        Part::Here(list) => list.tab,
        Part::Away => asked_tab.unwrap_or(Tab::Todo).name(),
    };
    let shell = session.shell();
    if session.visit.part {
        return Ok(html(&Fragment { shell, tasks, tab }));
    }
    let done = asked.done == "return";
    Ok(html(&Home { shell, tasks, tab, done }))
}

async fn list(session: &StaffSession, asked: Option<Tab>) -> Result<Part<List>, Problem> {
    let gateway = &session.visit.gateway;
    let ask = async |tab: Tab| {
        let mut dispatch = gateway.clients.dispatch(session.token());
        let answer = dispatch.list_work_orders(tab.request(session)).await;
        Part::of(answer)
    };
    let [todo, doing, verify, overdue] = Tab::ALL;
    let (todo, doing, verify, overdue) =
        tokio::join!(ask(todo), ask(doing), ask(verify), ask(overdue));
    let (Part::Here(todo), Part::Here(doing), Part::Here(verify), Part::Here(overdue)) =
        (todo?, doing?, verify?, overdue?)
    else {
        return Ok(Part::Away);
    };
    let waiting: Vec<_> =
        todo.work_orders.iter().map(|order| order.work_order_id.clone()).collect();
    let tab = asked.unwrap_or_else(|| first(session, &todo, &doing));
    let mut answers = [todo, doing, verify, overdue];
    let tabs = Tab::ALL.iter().zip(&answers).map(|(each, answer)| Shown {
        name: each.name(),
        count: count(answer),
        now: *each == tab,
    });
    let tabs = tabs.collect();
    let at = Tab::ALL.iter().position(|each| *each == tab).unwrap_or_default();
    let answer = std::mem::take(&mut answers[at]);
    let mut tasks: Vec<_> = answer.work_orders.iter().map(Task::of).collect();
    // Each stands by the deadline that it shows; the service knows only of the last.
    tasks.sort_by_key(|task| task.due.unwrap_or(i64::MAX));
    gateway.names.learn_places(gateway, tasks.iter().map(|task| task.place.as_str())).await;
    Ok(Part::Here(List {
        tab: tab.name(),
        tabs,
        tasks,
        more: !answer.next_page_token.is_empty(),
        waiting: waiting.join(" "),
    }))
}

/// Where a day begins: with what waits for oneself.
fn first(
    session: &StaffSession,
    todo: &ListWorkOrdersResponse,
    doing: &ListWorkOrdersResponse,
) -> Tab {
    if !handles(session) {
        Tab::Verify
    } else if todo.work_orders.is_empty() && !doing.work_orders.is_empty() {
        Tab::Doing
    } else {
        Tab::Todo
    }
}

fn count(answer: &ListWorkOrdersResponse) -> String {
    let n = answer.work_orders.len();
    if n >= SHOWN && !answer.next_page_token.is_empty() { "99+".to_owned() } else { n.to_string() }
}
