//! `PutRoutingRules` and `GetRoutingRules`.

use api::dispatch::v1::{
    GetRoutingRulesRequest, GetRoutingRulesResponse, PutRoutingRulesRequest,
    PutRoutingRulesResponse,
};
use contracts::{dispatch::rules::Rule, subject};
use platform::{
    executor::Target,
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::{Rules, form};
use crate::domain::{routing::RULE_VERSION, rule_register::Command};

impl Rules {
    pub(super) async fn put_routing_rules(
        &self,
        request: Request<PutRoutingRulesRequest>,
    ) -> Result<PutRoutingRulesResponse, ServiceError> {
        let call = Call::of(&request)?;
        self.require_county(&call)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let rules = form::rules_of(&mut v, &message.rules, self.context.county);
        self.take_orders(&mut v, rules.as_deref().unwrap_or_default());
        v.finish()?;
        let (Some(request_id), Some(rules)) = (request_id, rules) else {
            unreachable!("checked above")
        };
        let id = subject::routing_rules_id(self.context.county);
        let target =
            Target { subject: subject::routing_rules(&id), id: id.to_string(), creates: false };
        let request = call.request(request_id, "PutRoutingRules", &message);
        let (by, based_on) = (call.principal.person.clone(), message.based_on_version);
        let outcome = self
            .rules
            .execute(target.clone(), request, move |at| Command::PutRoutingRules {
                at,
                routing_rules: id.clone(),
                based_on,
                rules: rules.clone(),
                by: by.clone(),
            })
            .await?;
        let (state, _version) = self.rules.load(&target.subject).await?;
        Ok(PutRoutingRulesResponse {
            version: outcome.version,
            position: Some(outcome.position.into()),
            rule_version: state.version().unwrap_or(RULE_VERSION),
        })
    }

    pub(super) async fn get_routing_rules(
        &self,
        request: Request<GetRoutingRulesRequest>,
    ) -> Result<GetRoutingRulesResponse, ServiceError> {
        let view = self.facts.rule_book.view();
        let min_position = request.into_inner().min_position;
        self.context.wait(view, min_position.map(Into::into)).await?;
        let list = self.facts.rule_book.now();
        Ok(GetRoutingRulesResponse {
            rule_version: list.version,
            rules: list.rules.iter().map(form::shown).collect(),
            position: Some(self.context.position(view).into()),
        })
    }

    /// The organisations that rules name must be ones that take orders.
    pub(super) fn take_orders(&self, v: &mut Violations, rules: &[Rule]) {
        for (place, rule) in rules.iter().enumerate() {
            if rule.organisation.as_ref().is_some_and(|id| !self.facts.takes_orders(id)) {
                v.push(
                    &format!("rules[{place}].organisation_id"),
                    "no such organisation takes orders: choose one of the register",
                    "没有这个承办单位，请从名册中选择",
                );
            }
        }
    }
}
