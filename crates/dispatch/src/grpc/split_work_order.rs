//! `SplitWorkOrder`: an order becomes several (拆分).

use api::dispatch::v1::{
    self as proto, ParentPolicy as Policy, SplitWorkOrderRequest, SplitWorkOrderResponse,
};
use contracts::dispatch::{Assignee, Child, ParentPolicy};
use kernel::{Division, GridCode, id::WorkOrderId};
use platform::{
    auth::Placement,
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::{Dispatch, command::Asked};
use crate::{
    domain::work_order::{CHILDREN, Parts},
    projections::work_orders::WorkOrderRow,
};

const INSTRUCTION_CHARS: usize = 1_000;

/// A part as it was asked for.
struct Asking {
    assignee: Assignee,
    instruction: String,
    place: Option<(Division, Option<GridCode>)>,
}

/// A part, and where it is handled.
struct Part {
    assignee: Assignee,
    instruction: String,
    division: Division,
    grid: Option<GridCode>,
}

impl Dispatch {
    pub(super) async fn split_work_order(
        &self,
        request: Request<SplitWorkOrderRequest>,
    ) -> Result<SplitWorkOrderResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let parts = self.parts(&mut v, &message.children);
        let asked = Asked::of(
            v,
            &message.request_id,
            &message.work_order_id,
            message.expected_version,
            Some(String::new()),
        )?;
        let row = self.visible(&call, &asked.id).await?;
        let parts = placed(parts, &asked.id, &row);
        for part in &parts {
            let place = Placement { grid: part.grid, ..Placement::of_division(part.division) };
            call.principal.require(&place)?;
        }
        let Asked { request_id, id, expected, .. } = asked;
        let request = call.request(request_id, "SplitWorkOrder", &message);
        let mut children = Vec::with_capacity(parts.len());
        for (number, part) in parts.into_iter().enumerate() {
            let name = format!("child{number}");
            let text = part.instruction;
            children.push(Child {
                work_order: WorkOrderId::new(part.division, request.key(&name)),
                division: part.division,
                grid: part.grid,
                assignee: part.assignee,
                instruction: self.seal(&call, &id, &request, &name, text).await?,
            });
        }
        let child_ids = children.iter().map(|child| child.work_order.to_string()).collect();
        let policy = match message.policy() {
            Policy::Unspecified | Policy::ClosesWithChildren => ParentPolicy::ClosesWithChildren,
            Policy::Independent => ParentPolicy::Independent,
        };
        let (version, position) = self
            .carry_out(&call, &id, expected, request, move |by| {
                Parts::SplitWorkOrder(by, policy, children.clone()).into()
            })
            .await?;
        Ok(SplitWorkOrderResponse { version, position, child_ids })
    }

    fn parts(&self, v: &mut Violations, children: &[proto::Child]) -> Vec<Asking> {
        if !CHILDREN.contains(&children.len()) {
            v.push("children", "an order is split into 2 to 10 parts", "请拆分为2至10个子工单");
        }
        let parts = children.iter().take(*CHILDREN.end()).enumerate().map(|(number, child)| {
            let field = format!("children[{number}]");
            let place = format!("{field}.division");
            let division = v.parse_optional::<Division>(&place, &child.division);
            let grid = v.parse_optional::<GridCode>(&format!("{field}.grid"), &child.grid);
            if grid.is_some_and(|grid| division.is_none_or(|place| !place.contains(grid.village())))
            {
                v.push(&place, "name the division in which the grid lies", "请填写网格所在的区划");
            }
            let text = format!("{field}.instruction");
            Asking {
                assignee: self.assignee(v, &format!("{field}.assignee"), child.assignee.as_ref()),
                instruction: v
                    .text(&text, &child.instruction, INSTRUCTION_CHARS)
                    .unwrap_or_default(),
                place: division.map(|division| (division, grid)),
            }
        });
        parts.collect()
    }
}

/// Parts lie where the order does unless something else is said.
fn placed(parts: Vec<Asking>, order: &WorkOrderId, row: &WorkOrderRow) -> Vec<Part> {
    let own = (order.division(), row.grid.parse().ok());
    parts
        .into_iter()
        .map(|part| {
            let (division, grid) = part.place.unwrap_or(own);
            Part { assignee: part.assignee, instruction: part.instruction, division, grid }
        })
        .collect()
}
