//! Requests made from their descriptors, which name the things of a town.

use kernel::id::Key;
use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, OneofDescriptor, ReflectMessage as _,
    Value,
};

use super::ground::{Things, Town, place};

/// How a request is made.
pub(super) struct Filler<'a> {
    pub(super) town: Town,
    pub(super) things: &'a Things,
    /// With ids of the town's that are nobody's, instead of those of things that exist.
    pub(super) ghosts: bool,
    /// With nothing that narrows a list.
    pub(super) bare: bool,
    /// What tells this request from all others.
    pub(super) request_id: String,
}

/// What narrows a list and need not be there.
const FILTERS: &[&str] = &[
    "holder_id",
    "receiver_id",
    "object_id",
    "division",
    "parent",
    "grid",
    "case_id",
    "person_id",
    "category",
    "kind",
    "role",
    "code",
];

impl Filler<'_> {
    /// A request of this type.
    pub(super) fn request(&self, message: &MessageDescriptor) -> DynamicMessage {
        let mut request = DynamicMessage::new(message.clone());
        for field in message.fields() {
            let is_other_choice =
                field.containing_oneof().is_some_and(|choice: OneofDescriptor| {
                    choice.fields().next() != Some(field.clone())
                });
            if is_other_choice {
                continue;
            }
            if let Some(value) = self.field(&field) {
                request.set_field(&field, value);
            }
        }
        request
    }

    fn field(&self, field: &FieldDescriptor) -> Option<Value> {
        if self.bare && FILTERS.contains(&field.name()) {
            return None;
        }
        let one = self.value(field)?;
        // An order has two parts at least, and a dispute two parties.
        let several = if matches!(field.name(), "children" | "parties") { 2 } else { 1 };
        Some(if field.is_list() { Value::List(vec![one; several]) } else { one })
    }

    /// The row of a field: first by its message, where the name alone does not say what it is.
    #[expect(clippy::too_many_lines, reason = "a table, a row a field")]
    fn value(&self, field: &FieldDescriptor) -> Option<Value> {
        let text = |text: &str| Some(Value::String(text.to_owned()));
        let id = |id: &str| Some(Value::String(if self.ghosts { ghost(id) } else { id.into() }));
        let (town, things) = (&self.town, self.things);
        let of_message = format!("{}.{}", field.parent_message().name(), field.name());
        match of_message.as_str() {
            // A role takes one kind of scope, an order one kind of assignee.
            "AssignRoleRequest.grid"
            | "AssignRoleRequest.organisation_id"
            | "CreateServiceTokenRequest.grid"
            | "CreateServiceTokenRequest.organisation_id"
            | "CreateSignInLinkRequest.grid"
            | "CreateSignInLinkRequest.organisation_id"
            | "Assignee.organisation_id"
            // A supervision is of an order or of a convocation, and answered by the order's assignee.
            | "SuperviseWorkOrderRequest.convocation_id"
            | "SuperviseWorkOrderRequest.organisation_id"
            // A leave is a person's or an organisation's.
            | "SetLeaveRequest.organisation_id"
            | "SetLeaveRequest.substitute_organisation_id"
            | "SetLeaveRequest.substitute_person_id"
            // Around a position or a grid, not both.
            | "ListNearbyCamerasRequest.grid"
            // By its id, not by a code.
            | "RateCaseRequest.tracking_code"
            | "WithdrawCaseRequest.tracking_code"
            | "JoinCaseRequest.join_code"
            | "HandleOnSiteRequest.report"
            // Of nobody's.
            | "ReportCaseRequest.reference"
            | "ReportCaseRequest.on_behalf_of"
            | "CallBackRequest.rating"
            // Where empty, all are listed.
            | "ListWorkOrdersRequest.status"
            | "ListCasesRequest.status"
            | "ListConvocationsRequest.status"
            | "ListCampaignTasksRequest.status" => return None,
            "AssignRoleRequest.role" | "CreateSignInLinkRequest.role" => {
                return Some(Value::EnumNumber(5));
            }
            "RegisterOrganisationRequest.kind" | "ListOrganisationsRequest.kind" => {
                return text("d001");
            }
            "CreateServiceTokenRequest.name" => return text("portal"),
            // Which bodies there are is no secret among staff.
            "AssistWorkOrderRequest.organisation_ids" => return text(&things.organisation),
            "ExtendWorkOrderRequest.limit" => return text("1wd"),
            "FollowUpMediationRequest.number" => return Some(Value::U32(1)),
            "FollowUpMediationRequest.state" => return Some(Value::EnumNumber(1)),
            "PutTeamOnDutyRequest.from" => return Some(Value::I64(1_700_000_000_000)),
            "PutTeamOnDutyRequest.until" => return Some(Value::I64(1_800_000_000_000)),
            "BeginSubstitutionRequest.until" => return Some(Value::I64(1_800_000_000_000)),
            "RegisterWebhookRequest.secret" | "RotateWebhookSecretRequest.secret" => {
                return text("whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz");
            }
            "GetFiguresRequest.from" => return text("2026-06-01"),
            "GetFiguresRequest.until" => return text("2026-07-01"),
            "GetFiguresRequest.channel" => return text("hotline"),
            "RosterShift.to" | "SetLeaveRequest.to" => return Some(Value::I64(60_000)),
            "RoutingRule.action" => return text("desk"),
            "RoutingRule.kind" | "RoutingRule.handlers" | "RoutingRule.returned_by" => {
                return text("d012");
            }
            "PutCalendarRequest.effective_from" => return text("2026-06-01"),
            "CreateServiceTokenRequest.role" => return Some(Value::EnumNumber(8)),
            "UseSignInLinkRequest.code" => return text("0000000000000000000000000000"),
            _ => {}
        }
        match field.name() {
            "request_id" => text(&self.request_id),
            // Nobody in the town has one of these; what is refused is the same.
            "admission_id" | "hotspot_id" | "leave_id" | "object_id" | "receiver_id"
            | "service_token_id" | "session_id" | "substitution_id" | "supervision_id"
            | "webhook_id" => Some(Value::String(ghost(&things.case))),
            "holder_id" | "substitute_id" => id(&things.member.to_string()),
            "methods" => text("/weft.intake.v1.IntakeService/GetCase"),
            "url" => text("https://hooks.example/weft"),
            "login" | "password" | "old_password" | "new_password" | "code" | "secret"
            | "token" | "subject" | "id_token" | "nonce" | "code_verifier" | "redirect_uri"
            | "state" | "code_challenge" => text("nobody-has-this-0000"),
            "note" | "measure" => text("无"),
            "action" | "from_position" | "overlap_seconds" | "expires_at" => None,
            "case_id" | "case_ids" | "into_case_id" => id(&things.case),
            "work_order_id" | "parent_id" | "matter_id" => id(&things.order),
            "camera_id" => id(&things.camera),
            "media_id" | "photos" | "photos_before" | "photos_after" => id(&things.photo),
            "person_id" | "person_ids" | "member" => id(&things.member.to_string()),
            "organisation_id" | "operator_id" | "lead_id" | "department" => {
                id(&things.organisation)
            }
            // Nobody has these: what is refused is the same, wherever the division is.
            "convocation_id" | "campaign_id" | "task_id" | "instruction_id" | "incident_id"
            | "team_id" => Some(Value::String(ghost(&things.case))),
            // What narrows or adds, and must not be the same as what stands beside it.
            "assist_ids" | "team_ids" | "grids" | "leader_id" => None,
            "sign_within" | "due_within" | "report_within" => text("2wh"),
            "meet_at" | "due" if matches!(field.kind(), Kind::Int64) => {
                Some(Value::I64(4_000_000_000_000))
            }
            "level" | "question" | "task" | "strength" | "full_time" | "auxiliary"
                if matches!(field.kind(), Kind::Uint32) =>
            {
                Some(Value::U32(2))
            }
            "number" | "choice" | "choices" | "finding_category" => None,
            "site_code" => text("0000-0000-0000"),
            "assignment_id" => id(&things.assignment),
            "award_id" => id(&things.award),
            // A division has one programme, and the id says so.
            "programme_id" if self.ghosts => {
                text(&things.programme.replacen(town.village, "620821102209", 1))
            }
            "programme_id" => text(&things.programme),
            "grid" => text(town.grid),
            "division" | "divisions" | "parent" | "codes" | "to_division" => text(town.village),
            "category" => text("0101"),
            "tracking_code" => text("AAAA-BBBB-CCCC-DDDD"),
            "gb_id" => text("62082101001320000777"),
            "table" => text("intake.cases"),
            "phone" => text("13900139000"),
            "name" | "text" | "address" | "description" | "explanation" | "comment" | "reason"
            | "consent_document" | "question" | "answer" | "basis" | "without_assistance"
            | "instruction" | "matter" | "conclusion" | "what"
                if matches!(field.kind(), Kind::String) =>
            {
                text("无")
            }
            // Nobody has these; what is refused is the same.
            "notification_id" => Some(Value::String(ghost(&things.case))),
            "party" | "letter" => Some(Value::U32(1)),
            "up_to" => None,
            "mail" => text("nobody@example.org"),
            "transition" => text("work_order_routed"),
            "text_zh" | "text_en" => text("无"),
            "longitude" => Some(Value::F64(place(*town).longitude)),
            "latitude" => Some(Value::F64(place(*town).latitude)),
            "points" | "daily_cap" | "count" => Some(Value::U32(1)),
            "retention_days" => Some(Value::U32(30)),
            "csv" | "geojson" | "file" => Some(Value::Bytes("无".into())),
            // What may be left out, and changes nothing about whose it is.
            "as_of"
            | "successor"
            | "form_answers"
            | "expected_version"
            | "page_size"
            | "page_token"
            | "order_by"
            | "min_position"
            | "from"
            | "until"
            | "ttl_seconds"
            | "session_seconds"
            | "limit"
            | "radius_m"
            | "started_on"
            | "points_for_true_report"
            | "based_on_version"
            | "holidays"
            | "make_up_days"
            | "hours"
            | "categories"
            | "grid_kinds"
            | "category_kinds"
            | "admission"
            | "urgencies"
            | "weekdays"
            | "day_part"
            | "tier"
            | "max_open_orders"
            | "otherwise"
            | "days"
            | "max_examples" => None,
            "boundary" => Some(self.square(field)),
            _ => match field.kind() {
                Kind::Bool => None,
                Kind::Enum(kind) => kind
                    .values()
                    .find(|value| value.number() != 0)
                    .map(|value| Value::EnumNumber(value.number())),
                Kind::Message(inner) => Some(Value::Message(self.request(&inner))),
                Kind::Double
                | Kind::Float
                | Kind::Int32
                | Kind::Int64
                | Kind::Uint32
                | Kind::Uint64
                | Kind::Sint32
                | Kind::Sint64
                | Kind::Fixed32
                | Kind::Fixed64
                | Kind::Sfixed32
                | Kind::Sfixed64
                | Kind::String
                | Kind::Bytes => unreachable!(
                    "nothing is known to write into {of_message}: add a row to `Filler::value` in \
                     crates/weft/tests/it/scopes/fill.rs which names a thing of the town, or leaves \
                     it out where it is about nobody"
                ),
            },
        }
    }
}

impl Filler<'_> {
    /// A ring of a hundred metres' side in the town.
    fn square(&self, rings: &FieldDescriptor) -> Value {
        let message = |field: &FieldDescriptor| {
            let kind = field.kind();
            kind.as_message().expect("rings are made of positions").clone()
        };
        let mut ring = DynamicMessage::new(message(rings));
        let points = message(rings).get_field_by_name("points").unwrap();
        let corner = |(east, north): (f64, f64)| {
            let (mut corner, at) = (self.request(&message(&points)), place(self.town));
            corner.set_field_by_name("longitude", Value::F64(at.longitude + east));
            corner.set_field_by_name("latitude", Value::F64(at.latitude + north));
            Value::Message(corner)
        };
        let square = [(0.0, 0.0), (0.001, 0.0), (0.001, 0.001), (0.0, 0.001), (0.0, 0.0)];
        ring.set_field_by_name("points", Value::List(square.map(corner).into()));
        Value::Message(ring)
    }
}

/// An id of the same division that nothing has.
fn ghost(id: &str) -> String {
    let division = id.split('-').next().unwrap();
    format!("{division}-{}", Key::from_bits(0x6057))
}

/// Whether a request names anything of the town.
pub(super) fn names_something(request: &DynamicMessage) -> bool {
    let named = |name: &str| {
        request.descriptor().get_field_by_name(name).is_some_and(|field| request.has_field(&field))
    };
    let ids = [
        "case_id",
        "work_order_id",
        "camera_id",
        "media_id",
        "person_id",
        "organisation_id",
        "assignment_id",
        "award_id",
        "programme_id",
        "admission_id",
        "hotspot_id",
        "convocation_id",
        "campaign_id",
        "task_id",
        "instruction_id",
        "incident_id",
        "team_id",
        "matter_id",
        "grid",
        "division",
        "parent",
        "details",
    ];
    ids.into_iter().any(named)
}
