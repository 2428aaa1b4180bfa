//! `OpenMediation`: a dispute is entered for mediation. The parties are sealed in the vault.

use api::dispatch::v1::{DisputeParty, OpenMediationRequest, OpenMediationResponse};
use contracts::{dispatch::mediation::MediationKind, intake::CategoryKind};
use kernel::{ErrorCode, id::RecordId};
use platform::grpc::{ServiceError, Violations, call::Call};
use serde::{Deserialize, Serialize};
use tonic::Request;

use super::{Desk, named, word};
use crate::{
    domain::{
        mediation::{Command, Open},
        work_order::Order,
    },
    grpc::command::caller,
};

const MIN_PARTIES: usize = 2;
const MAX_PARTIES: usize = 10;
const NAME_CHARS: usize = 60;

/// A party as the vault keeps it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Party {
    pub(super) name: String,
    pub(super) phone: String,
}

impl Desk {
    pub(super) async fn open_mediation(
        &self,
        request: Request<OpenMediationRequest>,
    ) -> Result<OpenMediationResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let (request_id, id) = named(&mut v, &message.request_id, &message.work_order_id);
        let kind: Option<MediationKind> =
            word(&mut v, "kind", message.kind().as_str_name(), "MEDIATION_KIND_");
        let parties = parties(&mut v, &message.parties);
        v.finish()?;
        let (Some(request_id), Some(id), Some(kind), Some(parties)) =
            (request_id, id, kind, parties)
        else {
            unreachable!("checked above")
        };
        let order = self.order(&caller(&call.principal), &id).await?;
        self.is_dispute(&order)?;
        let request = call.request(request_id, "OpenMediation", &message);
        let mut sealed = Vec::with_capacity(parties.len());
        for (place, party) in parties.iter().enumerate() {
            let record = RecordId::new(id.division(), request.record(&format!("party {place}")));
            let written = serde_json::to_vec(party).map_err(ServiceError::internal)?;
            self.context.vault.seal(&order.case.to_string(), &record, &written).await?;
            sealed.push(record);
        }
        let (version, position) = self
            .carry_out(&call, &id, request, move |by| {
                Command::OpenMediation(Box::new(Open {
                    by,
                    work_order: order.id.clone(),
                    case: order.case.clone(),
                    category: order.category.clone(),
                    division: order.division,
                    grid: order.grid,
                    kind,
                    parties: sealed.clone(),
                    assignee: order.assignee.clone(),
                }))
            })
            .await?;
        Ok(OpenMediationResponse { version, position })
    }

    /// Only a dispute is mediated.
    fn is_dispute(&self, order: &Order) -> Result<(), ServiceError> {
        let kind = self.facts.category(&order.category).map(|category| category.kind);
        if kind == Some(CategoryKind::Dispute) {
            return Ok(());
        }
        Err(ServiceError::new(
            ErrorCode::Refused,
            "NOT_A_DISPUTE",
            "this order's category is no dispute: only disputes are mediated",
            "该工单不是矛盾纠纷类事项，不能登记调解",
        ))
    }
}

fn parties(v: &mut Violations, given: &[DisputeParty]) -> Option<Vec<Party>> {
    if !(MIN_PARTIES..=MAX_PARTIES).contains(&given.len()) {
        v.push(
            "parties",
            format!("a dispute has {MIN_PARTIES} to {MAX_PARTIES} parties: name each"),
            format!("当事人须为{MIN_PARTIES}至{MAX_PARTIES}方，请逐一填写"),
        );
        return None;
    }
    given
        .iter()
        .map(|party| {
            let name = v.required_text("parties.name", &party.name, NAME_CHARS);
            let phone = match party.phone.as_str() {
                "" => Some(String::new()),
                phone => v.phone("parties.phone", phone),
            };
            Some(Party { name: name?, phone: phone? })
        })
        .collect()
}
