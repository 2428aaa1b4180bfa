//! A line of the queue: what the service listed, with what the live tables know beside it.

use std::collections::HashMap;

use api::{
    dispatch::v1::{WorkOrder, WorkOrderStatus},
    intake::v1::{Case, CaseStatus},
};

use super::{choices::person_name, short, tab::status_word, word};
use crate::{
    gateway::Gateway,
    projections::{live_cases::LiveCaseRow, live_orders::LiveOrderRow},
    session::StaffSession,
    shell::Shell,
};

/// A line, in words of the catalogues, codes and ids; the template gives them names.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// The case.
    pub(super) case: String,
    /// Its number as people say it.
    pub(super) number: String,
    /// How it came in.
    pub(super) channel: String,
    /// What it is about.
    pub(super) category: String,
    /// The grid, else the division.
    pub(super) place: String,
    /// How pressing it is.
    pub(super) urgency: String,
    /// Where it stands.
    pub(super) stage: String,
    /// The colour of that.
    pub(super) tone: &'static str,
    /// Who has it.
    pub(super) organisation: String,
    /// Who has it.
    pub(super) person: String,
    /// When it was reported.
    pub(super) reported_at: i64,
    /// By when it must be handled, while it is.
    pub(super) due: Option<i64>,
    /// From 1 to 5; 0 before it is rated.
    pub(super) satisfaction: i32,
    /// Which round it is in.
    pub(super) round: u32,
}

/// The colour in which a stage is shown.
pub(super) fn tone(stage: &str) -> &'static str {
    match stage {
        "reported" | "unassigned" | "returned" | "suspended" => "warn",
        "routed" | "accepted" | "handling" | "arrived" | "split" | "handled" | "verified" => "info",
        "resolved" | "rated" | "closed" => "ok",
        _ => "plain",
    }
}

/// Where an order stands, in the queue's words.
pub(super) fn stage_of_order(status: WorkOrderStatus, nobody: bool) -> String {
    match status {
        WorkOrderStatus::Routed if nobody => "unassigned".to_owned(),
        WorkOrderStatus::Accepted => "handling".to_owned(),
        WorkOrderStatus::Unspecified
        | WorkOrderStatus::Routed
        | WorkOrderStatus::Returned
        | WorkOrderStatus::Handled
        | WorkOrderStatus::Verified
        | WorkOrderStatus::Closed
        | WorkOrderStatus::Arrived
        | WorkOrderStatus::Suspended
        | WorkOrderStatus::Split
        | WorkOrderStatus::Withdrawn => word(status.as_str_name(), "WORK_ORDER_STATUS_"),
    }
}

impl Row {
    /// The line of a case, with its last order where one is known.
    pub(super) fn of_case(case: Case, order: Option<&(String, LiveOrderRow)>) -> Self {
        let status = case.status();
        let mut stage = status_word(status);
        let mut row = Self {
            number: short(&case.case_id),
            channel: word(case.channel().as_str_name(), "CHANNEL_"),
            urgency: word(case.urgency().as_str_name(), "URGENCY_"),
            satisfaction: case.satisfaction,
            place: if case.grid.is_empty() { case.division } else { case.grid },
            case: case.case_id,
            category: case.category,
            reported_at: case.reported_at,
            round: case.round,
            ..Self::default()
        };
        if let Some((_, order)) = order {
            row.organisation.clone_from(&order.org);
            row.person.clone_from(&order.assignee);
            if status == CaseStatus::Accepted && order.open == 1 {
                let name = api::name(&order.status, "WORK_ORDER_STATUS_");
                let status = WorkOrderStatus::from_str_name(&name).unwrap_or_default();
                let nobody = order.org.is_empty() && order.assignee.is_empty();
                stage = stage_of_order(status, nobody);
                row.due = Some(order.due);
            }
        }
        row.tone = tone(&stage);
        row.stage = stage;
        row
    }

    /// The line of an order, with its case where it is known.
    pub(super) fn of_order(order: WorkOrder, case: Option<&LiveCaseRow>) -> Self {
        let assignee = order.assignee.clone().unwrap_or_default();
        let nobody = assignee.organisation_id.is_empty() && assignee.person_id.is_empty();
        let mut stage = stage_of_order(order.status(), nobody);
        let mut row = Self {
            number: short(&order.case_id),
            due: (order.status() != WorkOrderStatus::Closed).then_some(order.due),
            place: if order.grid.is_empty() { order.division } else { order.grid },
            case: order.case_id,
            category: order.category,
            urgency: order.urgency,
            organisation: assignee.organisation_id,
            person: assignee.person_id,
            reported_at: order.created_at,
            round: order.round,
            ..Self::default()
        };
        if let Some(case) = case {
            row.channel = case.channel.replace('_', "-");
            row.reported_at = case.reported_at;
            row.satisfaction = satisfaction(&case.satisfaction);
            if row.due.is_none() && matches!(case.status.as_str(), "rated" | "archived") {
                stage.clone_from(&case.status);
            }
        }
        row.tone = tone(&stage);
        row.stage = stage;
        row
    }

    /// The name of the person who has it.
    pub(super) fn person_name(&self, shell: &Shell) -> String {
        person_name(shell, &self.person)
    }

    /// Whether nobody has it.
    pub(super) fn is_nobodys(&self) -> bool {
        self.organisation.is_empty() && self.person.is_empty()
    }
}

/// The level of a word such as `satisfied`; 0 of none.
fn satisfaction(name: &str) -> i32 {
    let name = api::name(&name, "SATISFACTION_");
    api::intake::v1::Satisfaction::from_str_name(&name).unwrap_or_default().into()
}

/// The lines of cases, and of orders. What the live tables do not know yet is left empty.
pub(super) async fn of_cases(gateway: &Gateway, cases: Vec<Case>) -> Vec<Row> {
    let ids: Vec<String> = cases.iter().map(|case| case.case_id.clone()).collect();
    let orders = gateway.live.last_orders_of(&ids).await.unwrap_or_default();
    let line = |case: Case| {
        let order = orders.get(&case.case_id);
        Row::of_case(case, order)
    };
    cases.into_iter().map(line).collect()
}

/// See [`of_cases`].
pub(super) async fn of_orders(gateway: &Gateway, orders: Vec<WorkOrder>) -> Vec<Row> {
    let ids: Vec<String> = orders.iter().map(|order| order.case_id.clone()).collect();
    let cases: HashMap<_, _> = gateway.live.cases_of(&ids).await.unwrap_or_default();
    let line = |order: WorkOrder| {
        let case = cases.get(&order.case_id);
        Row::of_order(order, case)
    };
    orders.into_iter().map(line).collect()
}

/// Asks for the names that these lines show.
pub(super) async fn learn(gateway: &Gateway, session: &StaffSession, rows: &[Row]) {
    let places = rows.iter().map(|row| row.place.as_str());
    gateway.names.learn_places(gateway, places).await;
    let persons = rows.iter().map(|row| row.person.as_str());
    gateway.names.learn_persons(gateway, session.token(), persons).await;
}
