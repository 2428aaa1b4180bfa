//! `ListWorkOrders`: the orders in the caller's scope, a page at a time.

use api::dispatch::v1::{ListWorkOrdersRequest, ListWorkOrdersResponse, WorkOrderStatus};
use kernel::{
    Division,
    id::{CaseId, OrganisationId, PersonId, WorkOrderId},
};
use platform::{
    audit::Object,
    auth::{Placement, Principal, Scope},
    grpc::{ListKey, ServiceError, SortValue, Violations, call::Call},
};
use tonic::Request;

use super::{Dispatch, show};
use crate::{
    domain::work_order::Status,
    projections::work_orders::{self, Filter, OrderBy, Sight},
};

impl Dispatch {
    pub(super) async fn list_work_orders(
        &self,
        request: Request<ListWorkOrdersRequest>,
    ) -> Result<ListWorkOrdersResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let sight = Sight::of(&call.principal, self.context.county);
        let mut v = Violations::new();
        let filter = Filter {
            status: status(&mut v, message.status),
            division: v.parse_optional("division", &message.division),
            case_id: v
                .parse_optional::<CaseId>("case_id", &message.case_id)
                .map(|id| id.to_string()),
            overdue: message.overdue,
            assignee: message.assignee_me.then(|| assignee(&call.principal)),
            open: message.open,
            category: v.parse_optional("category", &message.category),
            unassigned: message.unassigned,
            parent: v
                .parse_optional::<WorkOrderId>("parent_id", &message.parent_id)
                .map(|id| id.to_string()),
            assisting: message.assisting,
        };
        let order_by = order_by(&mut v, &message.order_by);
        let list = ListKey::new("ListWorkOrders", &[&format!("{filter:?} {order_by:?} {sight:?}")]);
        let tokens = &self.context.page_tokens;
        let page = tokens.read(&mut v, list, message.page_size, &message.page_token);
        v.finish()?;
        if let Some(division) = filter.division {
            require(&call.principal, division)?;
        }
        let orders = &self.facts.orders;
        self.context.wait(orders, message.min_position.map(Into::into)).await?;
        let position = self.context.position(orders);
        let after = page.after.as_deref().and_then(sort_values);
        let mut rows =
            work_orders::page(orders, &sight, &filter, order_by, after, page.size + 1).await?;
        let more = rows.len() > page.size as usize;
        rows.truncate(page.size as usize);
        let next_page_token = match rows.last().filter(|_| more) {
            Some((id, row)) => tokens.next(
                list,
                &[SortValue::Integer(order_by.value(row)), SortValue::Text(id.clone())],
            ),
            None => String::new(),
        };
        call.reads("list_work_orders", Object::list("work_order", rows.len()));
        Ok(ListWorkOrdersResponse {
            work_orders: rows.into_iter().map(|(id, row)| show::work_order(id, row)).collect(),
            next_page_token,
            position: Some(position.into()),
        })
    }
}

/// A division that is asked for must lie in the caller's scope; of an organisation's clerk within the
/// division that the scope names.
pub(super) fn require(principal: &Principal, division: Division) -> Result<(), ServiceError> {
    let org = match &principal.scope {
        Scope::Organisation { org, .. } => Some(org.clone()),
        Scope::Division(_) | Scope::Grid(_) | Scope::Own | Scope::Assigned => None,
    };
    principal.require(&Placement { org, ..Placement::of_division(division) })
}

/// The caller as an assignee: the person, and the organisation for which the person acts.
fn assignee(principal: &Principal) -> (PersonId, Option<OrganisationId>) {
    let organisation = match &principal.scope {
        Scope::Organisation { org, .. } => Some(org.clone()),
        Scope::Division(_) | Scope::Grid(_) | Scope::Own | Scope::Assigned => None,
    };
    (principal.person.clone(), organisation)
}

fn status(v: &mut Violations, status: i32) -> Option<Status> {
    let Ok(status) = WorkOrderStatus::try_from(status) else {
        v.push("status", "there is no such status: leave it out for all", "没有这个状态");
        return None;
    };
    match status {
        WorkOrderStatus::Unspecified => None,
        WorkOrderStatus::Routed => Some(Status::Routed),
        WorkOrderStatus::Accepted => Some(Status::Accepted),
        WorkOrderStatus::Returned => Some(Status::Returned),
        WorkOrderStatus::Handled => Some(Status::Handled),
        WorkOrderStatus::Verified => Some(Status::Verified),
        WorkOrderStatus::Closed => Some(Status::Closed),
        WorkOrderStatus::Arrived => Some(Status::Arrived),
        WorkOrderStatus::Suspended => Some(Status::Suspended),
        WorkOrderStatus::Split => Some(Status::Split),
        WorkOrderStatus::Withdrawn => Some(Status::Withdrawn),
    }
}

fn order_by(v: &mut Violations, text: &str) -> OrderBy {
    match text {
        "" | "due" => OrderBy::Due,
        "created_at desc" => OrderBy::NewestFirst,
        _ => {
            v.push(
                "order_by",
                "lists are ordered by `due` or `created_at desc`: write one of them",
                "排序只能是 due 或 created_at desc",
            );
            OrderBy::Due
        }
    }
}

pub(super) fn sort_values(after: &[SortValue]) -> Option<(i64, String)> {
    match after {
        [SortValue::Integer(value), SortValue::Text(id)] => Some((*value, id.clone())),
        _ => None,
    }
}
