//! `ExplainRouting`: why an order went where it went, or where one would go now.

use api::dispatch::v1::{
    ExplainRoutingRequest, ExplainRoutingResponse, RoutingCandidate, RuleShortfall,
};
use contracts::{
    dispatch::{Candidate, RoutingRule, Shortfall, WorkOrderEvent},
    intake::Urgency,
};
use kernel::{
    Division, ErrorCode, GridCode,
    id::{CategoryCode, WorkOrderId},
};
use platform::{
    auth::Placement,
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::{Dispatch, show};
use crate::{domain::routing::Decision, facts::Matter};

impl Dispatch {
    pub(super) async fn explain_routing(
        &self,
        request: Request<ExplainRoutingRequest>,
    ) -> Result<ExplainRoutingResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let id = v.parse_optional::<WorkOrderId>("work_order_id", &message.work_order_id);
        let asked = if message.work_order_id.is_empty() {
            let category = v.parse::<CategoryCode>("category", &message.category);
            let grid = v.parse_optional::<GridCode>("grid", &message.grid);
            let division = v.parse_optional::<Division>("division", &message.division);
            let place = grid.map(GridCode::village).or(division);
            if message.grid.is_empty() && message.division.is_empty() {
                v.push("division", "name a grid or a division", "请填写网格或区划");
            }
            category.zip(place).map(|(category, place)| (category, grid, place))
        } else {
            None
        };
        v.finish()?;
        self.context.wait(&self.facts.orders, message.min_position.map(Into::into)).await?;
        let position = Some(self.context.position(&self.facts.orders).into());
        let decision = match (id, asked) {
            (Some(id), _) => self.routed(&call, &id).await?,
            (None, Some((category, grid, place))) => {
                self.would_go(&call, &category, grid, place).await?
            }
            (None, None) => unreachable!("checked above"),
        };
        let (explanation_zh, explanation_en) = in_words(&decision);
        Ok(ExplainRoutingResponse {
            rule: decision.rule.to_string(),
            rule_version: decision.rule_version,
            candidates: decision.candidates.iter().map(candidate).collect(),
            shortfall: decision.shortfall.map(|word| word.to_string()).unwrap_or_default(),
            explanation_zh: explanation_zh.to_owned(),
            explanation_en: explanation_en.to_owned(),
            position,
            rule_number: decision.rule_number.unwrap_or_default(),
            shortfalls: decision
                .shortfalls
                .iter()
                .map(|short| RuleShortfall {
                    rule: short.rule,
                    shortfall: short.shortfall.to_string(),
                })
                .collect(),
        })
    }

    /// The last routing of an order, as it was decided.
    async fn routed(&self, call: &Call, id: &WorkOrderId) -> Result<Decision, ServiceError> {
        self.visible(call, id).await?;
        let last = self.history(id).await?.into_iter().rev().find_map(|(_, event)| {
            if let WorkOrderEvent::WorkOrderRouted(routed) = event { Some(routed) } else { None }
        });
        last.map(Decision::from).ok_or_else(super::command::out_of_scope)
    }

    async fn would_go(
        &self,
        call: &Call,
        code: &CategoryCode,
        grid: Option<GridCode>,
        division: Division,
    ) -> Result<Decision, ServiceError> {
        call.principal.require(&Placement { grid, ..Placement::of_division(division) })?;
        let category = self.facts.category(code).ok_or_else(|| {
            ServiceError::new(
                ErrorCode::NotFound,
                "NO_SUCH_CATEGORY",
                "there is no such category in the catalogue: choose a leaf of it",
                "类别目录中没有这个类别，请选择末级类别",
            )
        })?;
        let matter = Matter {
            code,
            category: &category,
            urgency: Urgency::Normal,
            division,
            grid,
            reporter: None,
            returned: Vec::new(),
        };
        Ok(self.facts.route(matter).await?)
    }
}

fn candidate(candidate: &Candidate) -> RoutingCandidate {
    RoutingCandidate {
        assignee: Some(show::assignee(&candidate.assignee)),
        reason: candidate.reason.to_string(),
        open_orders: candidate.open_orders,
        distance_m: candidate.distance_m,
        rested: candidate.rested,
        on_duty: candidate.on_duty,
        stands_in_for: candidate.stands_in_for.as_ref().map(show::assignee),
    }
}

/// A decision in words, Chinese and English.
const fn in_words(decision: &Decision) -> (&'static str, &'static str) {
    let to_nobody = decision.assignee.organisation.is_none() && decision.assignee.person.is_none();
    match (decision.rule, decision.shortfall) {
        (RoutingRule::GridMember, _) => (
            "该类事项可在网格内解决，派给所在网格的网格员（先专职、后兼职、再辅助，在办少者优先）",
            "such matters are settled in the grid: it goes to a member of the grid, by duty and then by load",
        ),
        (RoutingRule::ResponsibleBody, _) => (
            "派给服务范围最小的主管单位",
            "it goes to the body in charge that serves the narrowest division around the place",
        ),
        (RoutingRule::Escalation, _) => {
            ("提级后派给上一级调度岗", "the order climbed: it goes to the desk of the tier above")
        }
        (RoutingRule::NearestMember, _) => (
            "派给可派的最近网格员（在岗优先，休整后优先，再比距离和在办数）",
            "it goes to the nearest member who can be asked: on duty and rested first, then by distance and load",
        ),
        (RoutingRule::BodyOfKind, _) => (
            "按规则派给指定类型的单位，服务范围最小者优先",
            "the rule names the kind of body: it goes to the one that serves the narrowest division",
        ),
        (RoutingRule::NamedOrganisation, _) => {
            ("按规则派给指定单位", "the rule names the organisation")
        }
        (RoutingRule::Manual, _) => ("由调度员指定", "an operator chose"),
        (RoutingRule::Desk, _) if to_nobody => (
            "没有可派的网格员、主管单位和调度岗，请人工指派",
            "there is no member, body or desk to send it to: assign it by hand",
        ),
        (RoutingRule::Desk, Some(Shortfall::NoGridMember)) => (
            "所在网格没有可派的网格员，转调度岗",
            "no member of the grid can be asked: it goes to the desk",
        ),
        (RoutingRule::Desk, None) => ("按规则派给调度岗", "the rule gives it to the desk"),
        (
            RoutingRule::Desk,
            Some(
                Shortfall::NoResponsibleBody
                | Shortfall::NoSuchOrganisation
                | Shortfall::NoDesk
                | Shortfall::AllOnLeave
                | Shortfall::AllOverloaded
                | Shortfall::AllPassedOver,
            ),
        ) => (
            "没有服务该地的主管单位，转调度岗",
            "no body in charge serves the place: it goes to the desk",
        ),
    }
}
