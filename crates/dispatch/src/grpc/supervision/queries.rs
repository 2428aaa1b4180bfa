//! One supervision with its history, and lists of them.

use api::dispatch::v1::{
    GetSupervisionRequest, GetSupervisionResponse, ListSupervisionsRequest,
    ListSupervisionsResponse, Supervision, SupervisionFinding, SupervisionOrigin, SupervisionStep,
};
use contracts::{dispatch::supervision::SupervisionEvent, subject};
use kernel::{
    Division, StoredEvent as _,
    id::{MatterId, RecordId, SupervisionId},
};
use platform::{
    audit::Object,
    grpc::{ListKey, ServiceError, SortValue, Violations, call::Call},
};
use tonic::Request;

use super::{
    super::{list_work_orders::require, show},
    Supervisions, no_such,
};
use crate::projections::supervisions::{self, Filter, SupervisionRow};

/// A supervision as its row has it.
pub(super) fn shown(id: String, row: SupervisionRow) -> Supervision {
    let origin = api::name(&row.origin, "SUPERVISION_ORIGIN_");
    let step = api::name(&row.step, "SUPERVISION_STEP_");
    let finding = api::name(&row.finding, "SUPERVISION_FINDING_");
    Supervision {
        supervision_id: id,
        kind: row.kind,
        matter_id: row.matter,
        division: row.division,
        organisation_id: row.org,
        origin: SupervisionOrigin::from_str_name(&origin).unwrap_or_default().into(),
        step: SupervisionStep::from_str_name(&step).unwrap_or_default().into(),
        answered: row.answered != 0,
        answer_due: row.answer_due,
        closed: row.open == 0,
        finding: SupervisionFinding::from_str_name(&finding).unwrap_or_default().into(),
        opened_at: row.opened_at,
        version: u64::try_from(row.version).unwrap_or_default(),
        updated_at: row.updated_at,
    }
}

const fn record_of(event: &SupervisionEvent) -> Option<&RecordId> {
    match event {
        SupervisionEvent::SupervisionOpened(event) => Some(&event.explanation),
        SupervisionEvent::SupervisionAnswered(event) => Some(&event.text),
        SupervisionEvent::SupervisionRaised(event) => event.explanation.as_ref(),
        SupervisionEvent::SupervisionClosed(event) => Some(&event.text),
    }
}

impl Supervisions {
    pub(super) async fn get_supervision(
        &self,
        request: Request<GetSupervisionRequest>,
    ) -> Result<GetSupervisionResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let id = v.parse::<SupervisionId>("supervision_id", &message.supervision_id);
        v.finish()?;
        let Some(id) = id else { unreachable!("checked above") };
        self.context.wait(&self.rows, message.min_position.map(Into::into)).await?;
        let position = self.context.position(&self.rows);
        let sight = call.principal.predicate(self.context.county);
        let row = self.rows.get(&id.to_string()).await?;
        let row = row
            .filter(|row| sight.holds(|column| row.column(column)))
            .ok_or_else(|| no_such(&call, &id))?;
        let mut timeline = Vec::new();
        for recorded in self.context.log.load(&subject::supervision(&id), 1).await? {
            let event = SupervisionEvent::decode(&recorded.ce_type, &recorded.payload)
                .map_err(ServiceError::corrupt)?;
            let mut entry = show::entry(&recorded);
            entry.data = String::from_utf8_lossy(&recorded.payload).into_owned();
            if let Some(record) = record_of(&event) {
                entry.text = self.context.vault.text(record).await?.unwrap_or_default();
            }
            timeline.push(entry);
        }
        call.reads("read_supervision", Object::one("supervision", &id));
        Ok(GetSupervisionResponse {
            supervision: Some(shown(id.to_string(), row)),
            timeline,
            position: Some(position.into()),
        })
    }

    pub(super) async fn list_supervisions(
        &self,
        request: Request<ListSupervisionsRequest>,
    ) -> Result<ListSupervisionsResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let sight = call.principal.predicate(self.context.county);
        let mut v = Violations::new();
        let filter = Filter {
            matter: v
                .parse_optional::<MatterId>("matter_id", &message.matter_id)
                .map(|id| id.to_string()),
            open: message.open,
            division: v.parse_optional::<Division>("division", &message.division),
            step: api::word(message.step().as_str_name(), "SUPERVISION_STEP_"),
        };
        let list = ListKey::new("ListSupervisions", &[&format!("{filter:?} {sight:?}")]);
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
        let mut rows =
            supervisions::page(&self.rows, &sight, &filter, after, page.size + 1).await?;
        let more = rows.len() > page.size as usize;
        rows.truncate(page.size as usize);
        let next_page_token = match rows.last().filter(|_| more) {
            Some((id, row)) => {
                tokens.next(list, &[SortValue::Integer(row.opened_at), SortValue::Text(id.clone())])
            }
            None => String::new(),
        };
        call.reads("list_supervisions", Object::list("supervision", rows.len()));
        Ok(ListSupervisionsResponse {
            supervisions: rows.into_iter().map(|(id, row)| shown(id, row)).collect(),
            next_page_token,
            position: Some(position.into()),
        })
    }
}
