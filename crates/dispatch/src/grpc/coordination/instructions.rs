//! Instructions (批示): given, read, followed up, closed, listed.

use api::dispatch::v1::{
    AcknowledgeInstructionRequest, AcknowledgeInstructionResponse, CloseInstructionRequest,
    CloseInstructionResponse, GiveInstructionRequest, GiveInstructionResponse, Instruction,
    InstructionMatter, InstructionStatus, ListInstructionsRequest, ListInstructionsResponse,
    ReportInstructionRequest, ReportInstructionResponse,
};
use contracts::dispatch::instruction::About;
use kernel::{
    id::{InstructionId, OrganisationId},
    limit::Limit,
};
use platform::{
    audit::Object,
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::{
    Coordination,
    command::{nothing_there, require},
    list::Asked,
};
use crate::{
    coordination::Addressed as _,
    domain::instruction::Command,
    grpc::command::caller,
    projections::{instructions::InstructionRow, scoped::Condition},
};

const TEXT_CHARS: usize = 2_000;

/// What an instruction is about, as it is asked.
fn about(v: &mut Violations, matter: InstructionMatter, id: &str) -> Option<About> {
    const FIELD: &str = "matter_id";
    match matter {
        InstructionMatter::Unspecified => v.required("matter", None),
        InstructionMatter::Case => v.parse(FIELD, id).map(About::Case),
        InstructionMatter::WorkOrder => v.parse(FIELD, id).map(About::WorkOrder),
        InstructionMatter::Convocation => v.parse(FIELD, id).map(About::Convocation),
        InstructionMatter::Campaign => v.parse(FIELD, id).map(About::Campaign),
        InstructionMatter::Incident => v.parse(FIELD, id).map(About::Incident),
    }
}

impl Coordination {
    pub(super) async fn give_instruction(
        &self,
        request: Request<GiveInstructionRequest>,
    ) -> Result<GiveInstructionResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let about = about(&mut v, message.matter(), &message.matter_id);
        let organisation = v.parse::<OrganisationId>("organisation_id", &message.organisation_id);
        let text = v.required_text("text", &message.text, TEXT_CHARS);
        let limit = v.parse_optional::<Limit>("report_within", &message.report_within);
        v.finish()?;
        let ((Some(request_id), Some(about)), (Some(organisation), Some(text))) =
            ((request_id, about), (organisation, text))
        else {
            unreachable!("checked above")
        };
        let division = about.division();
        require(&call.principal, division)?;
        if !self.is_there(&about).await? {
            return Err(nothing_there(&caller(&call.principal), division));
        }
        self.require_known([&organisation])?;
        let request = call.request(request_id, "GiveInstruction", &message);
        let id = InstructionId::new(division, request.key("instruction"));
        let text = self.seal_always(&call, division, &request, "text", &text).await?;
        let (instruction, rules) = (id.clone(), self.facts.rules.clone());
        let at = (id.target(true), division);
        let executor = &self.executors.instructions;
        let (version, position) = self
            .carry_out(executor, &call, at, request, move |at, caller| Command::GiveInstruction {
                at,
                caller,
                instruction: instruction.clone(),
                about: about.clone(),
                organisation: organisation.clone(),
                text: text.clone(),
                due: limit.map(|limit| rules.calendar.due(at, &limit)),
            })
            .await?;
        Ok(GiveInstructionResponse { version, position, instruction_id: id.to_string() })
    }

    /// Whether there is what an instruction is about. Of cases dispatch knows those with an order.
    async fn is_there(&self, about: &About) -> Result<bool, ServiceError> {
        let id = about.id();
        Ok(match about {
            About::Case(case) => {
                let subject = contracts::subject::case(case);
                let tail = self.context.log.stream().read_tail(&subject).await?;
                tail.is_some()
            }
            About::WorkOrder(_) => self.facts.orders.get(&id).await?.is_some(),
            About::Convocation(_) => self.tables.convocations.get(&id).await?.is_some(),
            About::Campaign(_) => self.tables.campaigns.get(&id).await?.is_some(),
            About::Incident(_) => self.tables.incidents.get(&id).await?.is_some(),
        })
    }

    pub(super) async fn acknowledge_instruction(
        &self,
        request: Request<AcknowledgeInstructionRequest>,
    ) -> Result<AcknowledgeInstructionResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<InstructionId>("instruction_id", &message.instruction_id);
        v.finish()?;
        let (Some(request_id), Some(id)) = (request_id, id) else { unreachable!("checked above") };
        let request = call.request(request_id, "AcknowledgeInstruction", &message);
        let at = (id.target(false), id.division());
        let executor = &self.executors.instructions;
        let make = |at, caller| Command::AcknowledgeInstruction { at, caller };
        let (version, position) = self.carry_out(executor, &call, at, request, make).await?;
        Ok(AcknowledgeInstructionResponse { version, position })
    }

    pub(super) async fn report_instruction(
        &self,
        request: Request<ReportInstructionRequest>,
    ) -> Result<ReportInstructionResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<InstructionId>("instruction_id", &message.instruction_id);
        let text = v.required_text("text", &message.text, TEXT_CHARS);
        v.finish()?;
        let (Some(request_id), Some(id), Some(text)) = (request_id, id, text) else {
            unreachable!("checked above")
        };
        let request = call.request(request_id, "ReportInstruction", &message);
        let text = self.seal_always(&call, id.division(), &request, "text", &text).await?;
        let at = (id.target(false), id.division());
        let executor = &self.executors.instructions;
        let (version, position) =
            self.carry_out(executor, &call, at, request, move |at, caller| {
                Command::ReportInstruction { at, caller, text: text.clone() }
            })
            .await?;
        Ok(ReportInstructionResponse { version, position })
    }

    pub(super) async fn close_instruction(
        &self,
        request: Request<CloseInstructionRequest>,
    ) -> Result<CloseInstructionResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<InstructionId>("instruction_id", &message.instruction_id);
        v.finish()?;
        let (Some(request_id), Some(id)) = (request_id, id) else { unreachable!("checked above") };
        let request = call.request(request_id, "CloseInstruction", &message);
        let at = (id.target(false), id.division());
        let executor = &self.executors.instructions;
        let make = |at, caller| Command::CloseInstruction { at, caller };
        let (version, position) = self.carry_out(executor, &call, at, request, make).await?;
        Ok(CloseInstructionResponse { version, position })
    }

    pub(super) async fn list_instructions(
        &self,
        request: Request<ListInstructionsRequest>,
    ) -> Result<ListInstructionsResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut conditions: Vec<Condition> = Vec::new();
        if !message.matter_id.is_empty() {
            conditions.push(("about = ?", message.matter_id.as_str().into()));
        }
        conditions.extend(message.open.then(|| ("open = ?", 1.into())));
        let asked = Asked {
            method: "ListInstructions",
            page_size: message.page_size,
            page_token: &message.page_token,
            min_position: message.min_position,
            division: &message.division,
        };
        let view = &self.tables.instructions;
        let checked = (Violations::new(), conditions);
        let listed = self.listed(&call, view, asked, checked, |row| row.created_at).await?;
        let mut instructions = Vec::with_capacity(listed.rows.len());
        for (id, row) in listed.rows {
            let text = self.text(row.said.parse().ok().as_ref()).await?;
            let report_text = self.text(row.done.parse().ok().as_ref()).await?;
            instructions.push(shown(id, row, text, report_text));
        }
        call.reads("list_instructions", Object::list("instruction", instructions.len()));
        Ok(ListInstructionsResponse {
            instructions,
            next_page_token: listed.next,
            position: listed.position,
        })
    }
}

fn shown(id: String, row: InstructionRow, text: String, report_text: String) -> Instruction {
    let matter = api::name(&row.kind, "INSTRUCTION_MATTER_");
    let status = api::name(&row.status, "INSTRUCTION_STATUS_");
    let narrowest = [row.village, row.township, row.county];
    Instruction {
        instruction_id: id,
        matter: InstructionMatter::from_str_name(&matter).unwrap_or_default().into(),
        matter_id: row.about,
        division: narrowest.into_iter().find(|code| !code.is_empty()).unwrap_or_default(),
        organisation_id: row.org,
        status: InstructionStatus::from_str_name(&status).unwrap_or_default().into(),
        text,
        report_text,
        due: row.due,
        created_at: row.created_at,
        acknowledged_at: row.acknowledged_at,
        version: u64::try_from(row.version).unwrap_or_default(),
    }
}
