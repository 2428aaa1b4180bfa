//! `ListMediations`: the mediations in the caller's scope, a page at a time.

use api::dispatch::v1::{
    DisputeLevel, ListMediationsRequest, ListMediationsResponse, Mediation, MediationKind,
    MediationOutcome, MediationStatus, MediationTier,
};
use platform::{
    audit::Object,
    grpc::{ListKey, ServiceError, SortValue, Violations, call::Call},
};
use tonic::Request;

use super::Desk;
use crate::{
    domain::mediation::Status,
    grpc::list_work_orders::require,
    projections::mediations::{self, Filter, MediationRow, Sight},
};

impl Desk {
    pub(super) async fn list_mediations(
        &self,
        request: Request<ListMediationsRequest>,
    ) -> Result<ListMediationsResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let sight = Sight::of(&call.principal, self.context.county);
        let mut v = Violations::new();
        let filter = Filter {
            status: status(&mut v, message.status),
            division: v.parse_optional("division", &message.division),
            ..Filter::default()
        };
        let list = ListKey::new("ListMediations", &[&format!("{filter:?} {sight:?}")]);
        let tokens = &self.context.page_tokens;
        let page = tokens.read(&mut v, list, message.page_size, &message.page_token);
        v.finish()?;
        if let Some(division) = filter.division {
            require(&call.principal, division)?;
        }
        self.context.wait(&self.rows, message.min_position.map(Into::into)).await?;
        let position = self.context.position(&self.rows);
        let after = page.after.as_deref().and_then(|values| match values {
            [SortValue::Integer(at), SortValue::Text(id)] => Some((*at, id.clone())),
            _ => None,
        });
        let mut rows = mediations::page(&self.rows, &sight, &filter, after, page.size + 1).await?;
        let more = rows.len() > page.size as usize;
        rows.truncate(page.size as usize);
        let next_page_token = match rows.last().filter(|_| more) {
            Some((id, row)) => {
                tokens.next(list, &[SortValue::Integer(row.opened_at), SortValue::Text(id.clone())])
            }
            None => String::new(),
        };
        call.reads("list_mediations", Object::list("mediation", rows.len()));
        Ok(ListMediationsResponse {
            mediations: rows.into_iter().map(|(id, row)| shown(id, &row)).collect(),
            next_page_token,
            position: Some(position.into()),
        })
    }
}

fn status(v: &mut Violations, number: i32) -> Option<Status> {
    let name = MediationStatus::try_from(number).ok().map(|status| status.as_str_name());
    let found = name.and_then(|name| {
        Status::ALL.into_iter().find(|one| api::name(&one.as_str(), "MEDIATION_STATUS_") == name)
    });
    if found.is_none() && number != 0 {
        v.push(
            "status",
            "there is no such status: choose one of the list",
            "没有这个状态，请从列表中选择",
        );
    }
    found
}

/// A mediation as its row has it.
pub(super) fn shown(id: String, row: &MediationRow) -> Mediation {
    let number = |value: i64| u32::try_from(value).unwrap_or_default();
    let name = |word: &String, prefix| api::name(word, prefix);
    let kind = MediationKind::from_str_name(&name(&row.kind, "MEDIATION_KIND_"));
    let status = MediationStatus::from_str_name(&name(&row.status, "MEDIATION_STATUS_"));
    let tier = MediationTier::from_str_name(&name(&row.tier, "MEDIATION_TIER_"));
    let level = DisputeLevel::from_str_name(&name(&row.level, "DISPUTE_LEVEL_"));
    let outcome = MediationOutcome::from_str_name(&name(&row.outcome, "MEDIATION_OUTCOME_"));
    let next_follow_up = row.dates().into_iter().map(|(_, due)| due).min();
    Mediation {
        work_order_id: id,
        case_id: row.case_id.clone(),
        category: row.category.clone(),
        division: row.division.clone(),
        grid: row.grid.clone(),
        kind: kind.unwrap_or_default().into(),
        status: status.unwrap_or_default().into(),
        tier: tier.unwrap_or_default().into(),
        level: level.unwrap_or_default().into(),
        outcome: outcome.unwrap_or_default().into(),
        parties: number(row.parties),
        sessions: number(row.sessions),
        opened_at: row.opened_at,
        concluded_at: row.concluded_at,
        next_follow_up: next_follow_up.unwrap_or_default(),
        version: u64::try_from(row.version).unwrap_or_default(),
    }
}
