//! `GetWorkOrder`: one order with its history.

use api::{
    common::v1::TimelineEntry,
    dispatch::v1::{GetWorkOrderRequest, GetWorkOrderResponse},
};
use contracts::{dispatch::WorkOrderEvent, intake::CaseEvent, subject};
use futures::future::try_join_all;
use kernel::{
    Role, StoredEvent as _,
    id::{CaseId, RecordId, WorkOrderId},
    mask,
};
use platform::{
    audit::Object,
    auth::{Principal, Scope},
    grpc::{ServiceError, Violations, call::Call},
    log::Recorded,
};
use tonic::Request;

use super::{
    Dispatch,
    command::{caller, no_such_order},
    show,
};
use crate::projections::work_orders::{Sight, WorkOrderRow};

/// What a caller may read of what was written with an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// All of it.
    All,
    /// With the phones, card numbers and plates in it masked.
    Masked,
    /// Nothing.
    Nothing,
}

impl Dispatch {
    pub(super) async fn get_work_order(
        &self,
        request: Request<GetWorkOrderRequest>,
    ) -> Result<GetWorkOrderResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let id = v.parse::<WorkOrderId>("work_order_id", &message.work_order_id);
        v.finish()?;
        let Some(id) = id else { unreachable!("checked above") };
        self.context.wait(&self.facts.orders, message.min_position.map(Into::into)).await?;
        let position = self.context.position(&self.facts.orders);
        let row = self.visible(&call, &id).await?;
        let history = self.history(&id).await?;
        let reading = self.reading(&call.principal, &row);
        let reading = match row.case_id.parse() {
            Ok(case) if reading != Reading::Nothing && Self::is_near(&call.principal, &row) => {
                if self.is_kept_by_wish(&case).await? {
                    Reading::Nothing
                } else {
                    reading
                }
            }
            Ok(_) | Err(_) => reading,
        };
        let reads = reading != Reading::Nothing;
        let report = match row.case_id.parse() {
            Ok(case) if reads => self.report(&case, reading).await?,
            Ok(_) | Err(_) => Vec::new(),
        };
        let knows_actors = call.principal.role != Role::Integrator;
        let timeline = try_join_all(history.iter().map(|(recorded, event)| async move {
            let mut entry = show::entry(recorded);
            if reads {
                (entry.photos_before, entry.photos) = show::photos_of(event);
                entry.data = String::from_utf8_lossy(&recorded.payload).into_owned();
                let texts = event.records().into_iter().map(|record| self.text(record, reading));
                entry.text = try_join_all(texts).await?.join("\n\n");
            }
            if !knows_actors {
                entry.actor.clear();
            }
            Ok::<_, ServiceError>(entry)
        }))
        .await?;
        call.reads("read_work_order", Object::one("work_order", &id));
        Ok(GetWorkOrderResponse {
            work_order: Some(show::work_order(id.to_string(), row)),
            timeline,
            position: Some(position.into()),
            report,
        })
    }

    /// Whether the caller does not handle the order and serves where its case lies: not one of those who
    /// read what a reporter or the desk wished to be confidential.
    fn is_near(caller: &Principal, row: &WorkOrderRow) -> bool {
        let person = caller.person.to_string();
        let handles = row.assignee == person
            || row.handler == person
            || matches!(&caller.scope, Scope::Organisation { org, .. } if row.org == org.to_string());
        let of_village = matches!(caller.scope, Scope::Division(of) if of.village().is_some());
        let desk = matches!(caller.role, Role::Operator | Role::Supervisor);
        !handles && (of_village || !desk)
    }

    /// Whether somebody wished the case to be confidential; its category says so elsewhere.
    async fn is_kept_by_wish(&self, case: &CaseId) -> Result<bool, ServiceError> {
        let mut kept = false;
        for recorded in self.context.log.load(&subject::case(case), 1).await? {
            let event = CaseEvent::decode(&recorded.ce_type, &recorded.payload)
                .map_err(ServiceError::corrupt)?;
            if let CaseEvent::CaseReported(event) = &event {
                kept = event.confidential;
            }
            if let CaseEvent::ConfidentialitySet(event) = &event {
                kept = event.confidential;
            }
        }
        Ok(kept)
    }

    /// What was reported and added, for whoever handles it: who it was stays with the case.
    async fn report(
        &self,
        case: &CaseId,
        reading: Reading,
    ) -> Result<Vec<TimelineEntry>, ServiceError> {
        let mut report = Vec::new();
        for recorded in self.context.log.load(&subject::case(case), 1).await? {
            let event = CaseEvent::decode(&recorded.ce_type, &recorded.payload)
                .map_err(ServiceError::corrupt)?;
            let (text, photos) = match &event {
                CaseEvent::CaseReported(event) => (event.text.as_ref(), &event.photos),
                CaseEvent::InformationAdded(event) => (Some(&event.text), &event.photos),
                CaseEvent::CaseJoined(event) => (event.text.as_ref(), &event.photos),
                CaseEvent::CaseAccepted(_)
                | CaseEvent::CaseRefused(_)
                | CaseEvent::CaseResolved(_)
                | CaseEvent::CaseRated(_)
                | CaseEvent::CaseReopened(_)
                | CaseEvent::CaseArchived(_)
                | CaseEvent::CaseMerged(_)
                | CaseEvent::CaseUnmerged(_)
                | CaseEvent::CaseTransferred(_)
                | CaseEvent::CaseWithdrawn(_)
                | CaseEvent::InformationRequested(_)
                | CaseEvent::CaseLapsed(_)
                | CaseEvent::CaseAnswered(_)
                | CaseEvent::ConfidentialitySet(_)
                | CaseEvent::CaseHandledOnSite(_)
                | CaseEvent::SpotCheckDrawn(_)
                | CaseEvent::SpotCheckConfirmed(_)
                | CaseEvent::CaseCalledBack(_)
                | CaseEvent::AlarmCounted(_) => continue,
            };
            let mut entry = show::entry(&recorded);
            entry.actor.clear();
            entry.photos = photos.iter().map(ToString::to_string).collect();
            if let Some(record) = text {
                entry.text = self.text(record, reading).await?;
            }
            report.push(entry);
        }
        Ok(report)
    }

    /// A text as it may be read; empty where it is not kept any more.
    async fn text(&self, record: &RecordId, reading: Reading) -> Result<String, ServiceError> {
        let text = self.context.vault.text(record).await?.unwrap_or_default();
        Ok(match reading {
            Reading::All => text,
            Reading::Masked => mask::text(&text),
            Reading::Nothing => String::new(),
        })
    }

    /// What a caller who sees an order may read of what was written with it: never anything a portal; of
    /// a confidential matter only the desk, the verifier and those who handle it. Whom it concerns is for
    /// the desk that accepts and those who handle it.
    fn reading(&self, caller: &Principal, row: &WorkOrderRow) -> Reading {
        let confidential = row
            .category
            .parse()
            .ok()
            .and_then(|code| self.facts.category(&code))
            .is_none_or(|category| category.confidential);
        let person = caller.person.to_string();
        let handles = row.assignee == person
            || row.handler == person
            || matches!(&caller.scope, Scope::Organisation { org, .. } if row.org == org.to_string());
        match caller.role {
            Role::Operator => Reading::All,
            Role::GridMember | Role::DepartmentClerk if handles => Reading::All,
            Role::Supervisor | Role::Verifier => Reading::Masked,
            Role::GridMember | Role::DepartmentClerk if !confidential => Reading::Masked,
            Role::GridMember | Role::DepartmentClerk => Reading::Nothing,
            Role::Resident
            | Role::Integrator
            | Role::Administrator
            | Role::SecurityAdministrator
            | Role::AuditAdministrator => Reading::Nothing,
        }
    }

    /// The row of an order, if the caller may see it.
    pub(super) async fn visible(
        &self,
        call: &Call,
        id: &WorkOrderId,
    ) -> Result<WorkOrderRow, ServiceError> {
        let row = self.facts.orders.get(&id.to_string()).await?;
        let sight = Sight::of(&call.principal, self.context.county);
        row.filter(|row| sight.sees(row)).ok_or_else(|| no_such_order(&caller(&call.principal), id))
    }

    /// The events of an order, oldest first.
    pub(super) async fn history(
        &self,
        id: &WorkOrderId,
    ) -> Result<Vec<(Recorded, WorkOrderEvent)>, ServiceError> {
        let recorded = self.context.log.load(&subject::work_order(id), 1).await?;
        recorded
            .into_iter()
            .map(|recorded| {
                let event = WorkOrderEvent::decode(&recorded.ce_type, &recorded.payload)
                    .map_err(ServiceError::corrupt)?;
                Ok((recorded, event))
            })
            .collect()
    }
}
