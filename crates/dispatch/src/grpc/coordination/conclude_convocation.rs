//! What comes of a convocation: its conclusion with tasks, their completion, the ratings, the end.

use api::dispatch::v1::{
    CloseConvocationRequest, CloseConvocationResponse, CompleteTaskRequest, CompleteTaskResponse,
    ConcludeConvocationRequest, ConcludeConvocationResponse, RateDepartmentRequest,
    RateDepartmentResponse, TaskToDo,
};
use contracts::dispatch::convocation::{ConvocationTask, DutyLevel};
use kernel::{
    Timestamp,
    id::{ConvocationId, OrganisationId},
};
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::{Coordination, command::moment};
use crate::{coordination::Addressed as _, domain::convocation::Command};

const CONCLUSION_CHARS: usize = 4_000;
const TASK_CHARS: usize = 1_000;
const TEXT_CHARS: usize = 2_000;
const RATING_CHARS: usize = 1_000;
const MAX_TASKS: usize = 30;

/// A task as it was typed.
type Typed = (OrganisationId, String, Timestamp);

fn tasks(v: &mut Violations, tasks: &[TaskToDo]) -> Vec<Typed> {
    if tasks.len() > MAX_TASKS {
        v.push("tasks", "these are more than 30 tasks: leave some out", "任务不能超过30项");
        return Vec::new();
    }
    let checked = tasks.iter().enumerate().filter_map(|(place, task)| {
        let field = |name: &str| format!("tasks[{place}].{name}");
        let organisation = v.parse(&field("organisation_id"), &task.organisation_id);
        let what = v.required_text(&field("what"), &task.what, TASK_CHARS);
        let due = moment(v, &field("due"), task.due);
        Some((organisation?, what?, due?))
    });
    checked.collect()
}

impl Coordination {
    pub(super) async fn conclude_convocation(
        &self,
        request: Request<ConcludeConvocationRequest>,
    ) -> Result<ConcludeConvocationResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<ConvocationId>("convocation_id", &message.convocation_id);
        let text = v.required_text("conclusion", &message.conclusion, CONCLUSION_CHARS);
        let typed = tasks(&mut v, &message.tasks);
        v.finish()?;
        let (Some(request_id), Some(id), Some(text)) = (request_id, id, text) else {
            unreachable!("checked above")
        };
        let request = call.request(request_id, "ConcludeConvocation", &message);
        let place = id.division();
        let conclusion = self.seal_always(&call, place, &request, "conclusion", &text).await?;
        let mut tasks = Vec::with_capacity(typed.len());
        for (number, (organisation, what, due)) in (1..).zip(typed) {
            let record = format!("task{number}");
            let what = self.seal_always(&call, place, &request, &record, &what).await?;
            tasks.push(ConvocationTask { number, organisation, what, due });
        }
        let executor = &self.executors.convocations;
        let (version, position) = self
            .carry_out(executor, &call, (id.target(false), place), request, move |at, caller| {
                let (conclusion, tasks) = (conclusion.clone(), tasks.clone());
                Command::ConcludeConvocation { at, caller, conclusion, tasks }
            })
            .await?;
        Ok(ConcludeConvocationResponse { version, position })
    }

    pub(super) async fn complete_task(
        &self,
        request: Request<CompleteTaskRequest>,
    ) -> Result<CompleteTaskResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<ConvocationId>("convocation_id", &message.convocation_id);
        let text = v.text("text", &message.text, TEXT_CHARS);
        v.finish()?;
        let (Some(request_id), Some(id), Some(text)) = (request_id, id, text) else {
            unreachable!("checked above")
        };
        let request = call.request(request_id, "CompleteTask", &message);
        let text = self.seal(&call, id.division(), &request, "text", &text).await?;
        let task = message.task;
        let at = (id.target(false), id.division());
        let executor = &self.executors.convocations;
        let (version, position) = self
            .carry_out(executor, &call, at, request, move |at, caller| Command::CompleteTask {
                at,
                caller,
                task,
                text: text.clone(),
            })
            .await?;
        Ok(CompleteTaskResponse { version, position })
    }

    pub(super) async fn rate_department(
        &self,
        request: Request<RateDepartmentRequest>,
    ) -> Result<RateDepartmentResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<ConvocationId>("convocation_id", &message.convocation_id);
        let organisation = v.parse::<OrganisationId>("organisation_id", &message.organisation_id);
        let mut level =
            |field, name: &str| v.required(field, api::word::<DutyLevel>(name, "DUTY_LEVEL_"));
        let attendance = level("attendance", message.attendance().as_str_name());
        let performance = level("performance", message.performance().as_str_name());
        let effect = level("effect", message.effect().as_str_name());
        let text = v.text("text", &message.text, RATING_CHARS);
        v.finish()?;
        let (
            (Some(request_id), Some(id), Some(organisation)),
            (Some(attendance), Some(performance), Some(effect)),
            Some(text),
        ) = ((request_id, id, organisation), (attendance, performance, effect), text)
        else {
            unreachable!("checked above")
        };
        let request = call.request(request_id, "RateDepartment", &message);
        let text = self.seal(&call, id.division(), &request, "text", &text).await?;
        let at = (id.target(false), id.division());
        let executor = &self.executors.convocations;
        let (version, position) = self
            .carry_out(executor, &call, at, request, move |at, caller| Command::RateDepartment {
                at,
                caller,
                organisation: organisation.clone(),
                attendance,
                performance,
                effect,
                text: text.clone(),
            })
            .await?;
        Ok(RateDepartmentResponse { version, position })
    }

    pub(super) async fn close_convocation(
        &self,
        request: Request<CloseConvocationRequest>,
    ) -> Result<CloseConvocationResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<ConvocationId>("convocation_id", &message.convocation_id);
        v.finish()?;
        let (Some(request_id), Some(id)) = (request_id, id) else { unreachable!("checked above") };
        let request = call.request(request_id, "CloseConvocation", &message);
        let at = (id.target(false), id.division());
        let executor = &self.executors.convocations;
        let make = |at, caller| Command::CloseConvocation { at, caller };
        let (version, position) = self.carry_out(executor, &call, at, request, make).await?;
        Ok(CloseConvocationResponse { version, position })
    }
}
