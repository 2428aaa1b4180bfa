//! `ConveneDepartments`: a desk calls bodies to a place (吹哨).

use api::dispatch::v1::{ConveneDepartmentsRequest, ConveneDepartmentsResponse};
use contracts::subject;
use kernel::{
    Division, GridCode,
    id::{CategoryCode, ConvocationId, OrganisationId},
    limit::Limit,
};
use platform::{
    executor::Target,
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::{
    Coordination,
    command::{cases, division_of, moment, position, require},
};
use crate::{
    domain::convocation::{Command, Convene},
    site_code::SiteCode,
};

const MATTER_CHARS: usize = 2_000;
const MAX_ASSISTS: usize = 20;

impl Coordination {
    pub(super) async fn convene_departments(
        &self,
        request: Request<ConveneDepartmentsRequest>,
    ) -> Result<ConveneDepartmentsResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let rules = self.facts.rules.clone();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let division = v.parse::<Division>("division", &message.division);
        let grid = v.parse_optional::<GridCode>("grid", &message.grid);
        let place = position(&mut v, "place", message.place.as_ref());
        let matter = v.required_text("matter", &message.matter, MATTER_CHARS);
        let lead = v.parse_optional::<OrganisationId>("lead_id", &message.lead_id);
        let assists = v.parse_each("assist_ids", &message.assist_ids, MAX_ASSISTS);
        let meet_at = moment(&mut v, "meet_at", message.meet_at);
        let sign_limit: Option<Limit> = v.parse_optional("sign_within", &message.sign_within);
        let cases = cases(&mut v, "case_ids", &message.case_ids);
        let category = v.parse_optional::<CategoryCode>("category", &message.category);
        if let (Some(division), Some(grid)) = (division, grid)
            && !division.contains(grid.village())
        {
            v.push("grid", "this grid is elsewhere: name one in the division", "网格不在该区划内");
        }
        if let (Some(lead), Some(assists)) = (&lead, &assists)
            && assists.contains(lead)
        {
            v.push(
                "assist_ids",
                "the body in the lead is here too: name it once",
                "主办单位不能同时协办",
            );
        }
        v.finish()?;
        let ((Some(request_id), Some(division)), (Some(matter), Some(assists)), Some(meet_at)) =
            ((request_id, division), (matter, assists), meet_at)
        else {
            unreachable!("checked above")
        };
        let cases = cases.unwrap_or_default();
        require(&call.principal, division)?;
        for case in &cases {
            require(&call.principal, case.division())?;
        }
        let convener = division_of(&call.principal)?;
        self.require_known(lead.iter().chain(&assists))?;
        let request = call.request(request_id, "ConveneDepartments", &message);
        let id = ConvocationId::new(division, request.key("convocation"));
        let matter = self.seal_always(&call, division, &request, "matter", &matter).await?;
        let code = SiteCode::of(&self.context.tracking_secret, &id);
        let target =
            Target { subject: subject::convocation(&id), id: id.to_string(), creates: true };
        let (convocation, hash) = (id.clone(), code.hash());
        let limits = rules.coordination;
        let sign_limit = sign_limit.unwrap_or(limits.sign);
        let executor = &self.executors.convocations;
        let (version, position) = self
            .carry_out(executor, &call, (target, division), request, move |at, caller| {
                let sign_due = rules.calendar.due(at, &sign_limit);
                Command::ConveneDepartments(Box::new(Convene {
                    at,
                    caller,
                    convocation: convocation.clone(),
                    convener,
                    division,
                    grid,
                    position: place,
                    matter: matter.clone(),
                    lead: lead.clone(),
                    assists: assists.clone(),
                    meet_at,
                    sign_limit,
                    sign_due,
                    supervise_due: rules.calendar.due(sign_due, &limits.supervise),
                    calendar_version: rules.calendar.version(),
                    code: hash,
                    cases: cases.clone(),
                    category: category.clone(),
                }))
            })
            .await?;
        Ok(ConveneDepartmentsResponse {
            version,
            position,
            convocation_id: id.to_string(),
            code: code.to_string(),
        })
    }
}
