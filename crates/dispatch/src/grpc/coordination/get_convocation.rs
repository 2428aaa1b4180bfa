//! `GetConvocation` and `ListConvocations`.

use api::dispatch::v1::{
    CalledBody, Convocation, ConvocationStatus, ConvocationTask, DutyLevel, GetConvocationRequest,
    GetConvocationResponse, ListConvocationsRequest, ListConvocationsResponse,
};
use contracts::{
    dispatch::convocation::{ConvocationEvent, DutyLevel as Level},
    subject,
};
use kernel::{Timestamp, id::ConvocationId};
use platform::{
    audit::Object,
    auth::Scope,
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::{
    Coordination,
    command::nothing_there,
    list::{Asked, Listed},
};
use crate::{
    domain::convocation::{Body, Convened},
    grpc::command::caller,
    projections::{
        convocations::ConvocationRow,
        scoped::{self, Condition},
    },
};

impl Coordination {
    pub(super) async fn get_convocation(
        &self,
        request: Request<GetConvocationRequest>,
    ) -> Result<GetConvocationResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let id = v.parse::<ConvocationId>("convocation_id", &message.convocation_id);
        v.finish()?;
        let Some(id) = id else { unreachable!("checked above") };
        let view = &self.tables.convocations;
        self.context.wait(view, message.min_position.map(Into::into)).await?;
        let position = self.context.position(view);
        let asking = caller(&call.principal);
        let (state, _version) =
            self.executors.convocations.load(&subject::convocation(&id)).await?;
        let row = view.get(&id.to_string()).await?;
        let seen = state.convened.filter(|convened| convened.is_covered_by(&asking)).zip(row);
        let Some((convened, row)) = seen else {
            return Err(nothing_there(&asking, id.division()));
        };
        let mut bodies = Vec::with_capacity(convened.bodies.len());
        for (place, body) in convened.bodies.iter().enumerate() {
            let late_reason = self.text(body.explanation.as_ref()).await?;
            bodies.push(shown_body(body, place == 0, late_reason));
        }
        let agreed_tasks = self.agreed(&convened).await?;
        let matter = self.text(Some(&convened.matter)).await?;
        let timeline = self.history::<ConvocationEvent>(&subject::convocation(&id)).await?;
        call.reads("read_convocation", Object::one("convocation", &id));
        Ok(GetConvocationResponse {
            convocation: Some(shown(id.to_string(), row)),
            bodies,
            agreed_tasks,
            timeline,
            matter,
            case_ids: convened.cases.iter().map(ToString::to_string).collect(),
            position: Some(position.into()),
        })
    }

    async fn agreed(&self, convened: &Convened) -> Result<Vec<ConvocationTask>, ServiceError> {
        let mut agreed = Vec::with_capacity(convened.tasks.len());
        for task in &convened.tasks {
            agreed.push(ConvocationTask {
                number: task.number,
                organisation_id: task.organisation.to_string(),
                what: self.text(Some(&task.what)).await?,
                due: task.due.0,
                completed_at: task.completed_at.map(|at| at.0).unwrap_or_default(),
                overdue: task.overdue,
            });
        }
        Ok(agreed)
    }

    pub(super) async fn list_convocations(
        &self,
        request: Request<ListConvocationsRequest>,
    ) -> Result<ListConvocationsResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let status = status(&mut v, message.status);
        let asked = Asked {
            method: "ListConvocations",
            page_size: message.page_size,
            page_token: &message.page_token,
            min_position: message.min_position.clone(),
            division: &message.division,
        };
        let listed = match &call.principal.scope {
            Scope::Organisation { .. } => self.that_called(&call, asked, v).await?,
            Scope::Division(_) | Scope::Grid(_) | Scope::Own | Scope::Assigned => {
                let mut conditions: Vec<Condition> = Vec::new();
                conditions.extend(status.map(|status| ("status = ?", status.into())));
                conditions.extend(message.open.then(|| ("open = ?", 1.into())));
                let view = &self.tables.convocations;
                self.listed(&call, view, asked, (v, conditions), |row| row.created_at).await?
            }
        };
        let rows = listed.rows.into_iter().filter(|(_, row)| {
            status.is_none_or(|status| row.status == status) && (!message.open || row.open == 1)
        });
        let convocations: Vec<_> = rows.map(|(id, row)| shown(id, row)).collect();
        call.reads("list_convocations", Object::list("convocation", convocations.len()));
        Ok(ListConvocationsResponse {
            convocations,
            next_page_token: listed.next,
            position: listed.position,
        })
    }

    /// A page of the convocations that called the caller's organisation.
    async fn that_called(
        &self,
        call: &Call,
        asked: Asked<'_>,
        v: Violations,
    ) -> Result<Listed<ConvocationRow>, ServiceError> {
        self.context
            .wait(&self.tables.convocations, asked.min_position.clone().map(Into::into))
            .await?;
        let view = &self.tables.bodies;
        let listed = self.listed(call, view, asked, (v, Vec::new()), |row| row.created_at).await?;
        let ids: Vec<String> = listed.rows.iter().map(|(_, row)| row.convocation.clone()).collect();
        let mut rows = scoped::some(&self.tables.convocations, &ids).await?;
        rows.sort_by_key(|(id, _)| ids.iter().position(|listed| listed == id));
        Ok(Listed { rows, next: listed.next, position: listed.position })
    }
}

fn status(v: &mut Violations, status: i32) -> Option<&'static str> {
    match ConvocationStatus::try_from(status) {
        Ok(ConvocationStatus::Unspecified) => None,
        Ok(ConvocationStatus::Convened) => Some("convened"),
        Ok(ConvocationStatus::Concluded) => Some("concluded"),
        Ok(ConvocationStatus::Closed) => Some("closed"),
        Err(_) => {
            v.push("status", "there is no such status: leave it out for all", "没有这个状态");
            None
        }
    }
}

fn number(number: i64) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

fn shown(id: String, row: ConvocationRow) -> Convocation {
    let status = api::name(&row.status, "CONVOCATION_STATUS_");
    Convocation {
        convocation_id: id,
        status: ConvocationStatus::from_str_name(&status).unwrap_or_default().into(),
        division: row.division,
        grid: row.grid,
        lead_id: row.lead,
        called: number(row.called),
        signed: number(row.signed),
        reported_in: number(row.reported_in),
        late: number(row.late),
        tasks: number(row.tasks),
        tasks_completed: number(row.tasks_completed),
        meet_at: row.meet_at,
        sign_due: row.sign_due,
        created_at: row.created_at,
        version: u64::try_from(row.version).unwrap_or_default(),
    }
}

fn level(level: Option<Level>) -> i32 {
    let name = level.map(|level| api::name(&level, "DUTY_LEVEL_")).unwrap_or_default();
    DutyLevel::from_str_name(&name).unwrap_or_default().into()
}

fn shown_body(body: &Body, lead: bool, late_reason: String) -> CalledBody {
    let moment = |at: Option<(Timestamp, bool)>| at.map(|(at, _)| at.0).unwrap_or_default();
    let late = |at: Option<(Timestamp, bool)>| at.is_some_and(|(_, late)| late);
    CalledBody {
        organisation_id: body.organisation.to_string(),
        lead,
        signed_at: moment(body.signed_at),
        signed_late: late(body.signed_at),
        reported_in_at: moment(body.reported_in_at),
        reported_in_late: late(body.reported_in_at),
        late_reason,
        reminded: body.reminded,
        unanswered: body.unanswered,
        absence_allowed: body.absence_allowed,
        declined: body.declined,
        attendance: level(body.rated.map(|(attendance, _, _)| attendance)),
        performance: level(body.rated.map(|(_, performance, _)| performance)),
        effect: level(body.rated.map(|(_, _, effect)| effect)),
    }
}
