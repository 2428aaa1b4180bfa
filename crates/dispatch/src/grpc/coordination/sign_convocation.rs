//! What a called body does: signs (签收), reports in (报到), stays away; and what the county allows.

use api::dispatch::v1::{
    AllowAbsenceRequest, AllowAbsenceResponse, DeclineConvocationRequest,
    DeclineConvocationResponse, ReportInRequest, ReportInResponse, SignConvocationRequest,
    SignConvocationResponse,
};
use kernel::id::{ConvocationId, OrganisationId};
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::Coordination;
use crate::{coordination::Addressed as _, domain::convocation::Command, site_code::SiteCode};

const REASON_CHARS: usize = 500;
/// The longest text that may be a code, with its spaces and dashes.
const CODE_CHARS: usize = 40;

impl Coordination {
    pub(super) async fn sign_convocation(
        &self,
        request: Request<SignConvocationRequest>,
    ) -> Result<SignConvocationResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<ConvocationId>("convocation_id", &message.convocation_id);
        v.finish()?;
        let (Some(request_id), Some(id)) = (request_id, id) else { unreachable!("checked above") };
        let request = call.request(request_id, "SignConvocation", &message);
        let at = (id.target(false), id.division());
        let executor = &self.executors.convocations;
        let make = |at, caller| Command::SignConvocation { at, caller };
        let (version, position) = self.carry_out(executor, &call, at, request, make).await?;
        Ok(SignConvocationResponse { version, position })
    }

    pub(super) async fn report_in(
        &self,
        request: Request<ReportInRequest>,
    ) -> Result<ReportInResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<ConvocationId>("convocation_id", &message.convocation_id);
        let code = v.required_text("site_code", &message.site_code, CODE_CHARS);
        let why = v.text("explanation", &message.explanation, REASON_CHARS);
        v.finish()?;
        let ((Some(request_id), Some(id)), (Some(code), Some(why))) =
            ((request_id, id), (code, why))
        else {
            unreachable!("checked above")
        };
        let request = call.request(request_id, "ReportIn", &message);
        let why = self.seal(&call, id.division(), &request, "explanation", &why).await?;
        let code = SiteCode::read(&code).hash();
        let early_ms = self.facts.rules.coordination.open_ms;
        let at = (id.target(false), id.division());
        let executor = &self.executors.convocations;
        let (version, position) = self
            .carry_out(executor, &call, at, request, move |at, caller| Command::ReportIn {
                at,
                caller,
                code,
                explanation: why.clone(),
                early_ms,
            })
            .await?;
        Ok(ReportInResponse { version, position })
    }

    pub(super) async fn allow_absence(
        &self,
        request: Request<AllowAbsenceRequest>,
    ) -> Result<AllowAbsenceResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<ConvocationId>("convocation_id", &message.convocation_id);
        let organisation = v.parse::<OrganisationId>("organisation_id", &message.organisation_id);
        let reason = v.required_text("reason", &message.reason, REASON_CHARS);
        v.finish()?;
        let ((Some(request_id), Some(id)), (Some(organisation), Some(reason))) =
            ((request_id, id), (organisation, reason))
        else {
            unreachable!("checked above")
        };
        let request = call.request(request_id, "AllowAbsence", &message);
        let text = self.seal_always(&call, id.division(), &request, "reason", &reason).await?;
        let at = (id.target(false), id.division());
        let executor = &self.executors.convocations;
        let (version, position) = self
            .carry_out(executor, &call, at, request, move |at, caller| Command::AllowAbsence {
                at,
                caller,
                organisation: organisation.clone(),
                text: text.clone(),
            })
            .await?;
        Ok(AllowAbsenceResponse { version, position })
    }

    pub(super) async fn decline_convocation(
        &self,
        request: Request<DeclineConvocationRequest>,
    ) -> Result<DeclineConvocationResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let id = v.parse::<ConvocationId>("convocation_id", &message.convocation_id);
        v.finish()?;
        let (Some(request_id), Some(id)) = (request_id, id) else { unreachable!("checked above") };
        let request = call.request(request_id, "DeclineConvocation", &message);
        let at = (id.target(false), id.division());
        let executor = &self.executors.convocations;
        let make = |at, caller| Command::DeclineConvocation { at, caller };
        let (version, position) = self.carry_out(executor, &call, at, request, make).await?;
        Ok(DeclineConvocationResponse { version, position })
    }
}
