//! Subjects of the log: `weft.<county>.<township>.<village>.<aggregate>.<key>`, one exact subject an
//! aggregate.

use kernel::{
    Division, GbId, GridCode,
    id::{
        AdmissionId, CalendarId, CameraId, CampaignId, CampaignTaskId, CaseId, CategoryCode,
        CategoryId, ConvocationId, DeliveriesId, DivisionId, GridId, HotspotId, ImportId,
        IncidentId, InstructionId, IntegratorId, Key, LeaveId, NotificationId, OrganisationId,
        PersonId, ProgrammeId, RosterId, RoutingRulesId, ServiceTokenId, SessionId, SignInLinkId,
        SubstitutionId, SupervisionId, TeamId, WebhookId, WorkOrderId,
    },
};

/// The subject of the aggregate of this category with this key, born in this division.
pub fn of(division: Division, category: &str, key: &Key) -> String {
    format!("weft.{}.{category}.{key}", division.subject_tokens())
}

/// Declares one function a typed id, so that no call site names a category.
macro_rules! subjects {
    ($($(#[$doc:meta])* $name:ident($id:ty) $category:literal;)*) => {$(
        $(#[$doc])*
        pub fn $name(id: &$id) -> String {
            of(id.division(), $category, id.key())
        }
    )*};
}

subjects! {
    /// A case's subject.
    case(CaseId) "case";
    /// A category's subject.
    category(CategoryId) "category";
    /// The subject of a matter that asks to enter the grids.
    admission(AdmissionId) "admission";
    /// A hot spot's subject.
    hotspot(HotspotId) "hotspot";
    /// A work order's subject.
    work_order(WorkOrderId) "work_order";
    /// A supervision's subject.
    supervision(SupervisionId) "supervision";
    /// The subject of an order's mediation, which has the order's id.
    mediation(WorkOrderId) "mediation";
    /// The subject of the outbox of a case or order.
    notification(NotificationId) "notification";
    /// The subject of a county's rules of notification.
    notification_rules(DivisionId) "notification_rules";
    /// The subject of what a person says of how they are told.
    notification_reader(PersonId) "notification_reader";
    /// A person's subject.
    person(PersonId) "person";
    /// The subject of what a person was shown of others.
    disclosure(PersonId) "disclosure";
    /// The subject of the requests over a person's data.
    data_request(PersonId) "data_request";
    /// The subject of how long a case's texts are kept.
    retention(CaseId) "retention";
    /// An organisation's subject.
    organisation(OrganisationId) "organisation";
    /// A sign-in link's subject.
    sign_in_link(SignInLinkId) "sign_in_link";
    /// A session's subject.
    session(SessionId) "session";
    /// The subject of a person's account.
    account(PersonId) "account";
    /// A substitution's subject.
    substitution(SubstitutionId) "substitution";
    /// The subject of a token of a portal or another service.
    service_token(ServiceTokenId) "service_token";
    /// An import's subject.
    import(ImportId) "import";
    /// A division's subject.
    division(DivisionId) "division";
    /// A grid's subject.
    grid(GridId) "grid";
    /// A camera's subject.
    camera(CameraId) "camera";
    /// The subject of an import of cameras.
    camera_import(ImportId) "camera_import";
    /// The subject of a programme's ledger.
    programme(ProgrammeId) "programme";
    /// The subject of a county's working calendar.
    calendar(CalendarId) "calendar";
    /// The subject of a county's routing rules.
    routing_rules(RoutingRulesId) "routing_rules";
    /// The subject of a grid's roster.
    roster(RosterId) "roster";
    /// A leave's subject.
    leave(LeaveId) "leave";
    /// A convocation's subject.
    convocation(ConvocationId) "convocation";
    /// A campaign's subject.
    campaign(CampaignId) "campaign";
    /// The subject of a campaign's task in one grid.
    campaign_task(CampaignTaskId) "campaign_task";
    /// An instruction's subject.
    instruction(InstructionId) "instruction";
    /// An incident's subject.
    incident(IncidentId) "incident";
    /// A team's subject.
    team(TeamId) "team";
    /// A webhook's subject.
    webhook(WebhookId) "webhook";
    /// An integrator's subject.
    integrator(IntegratorId) "integrator";
    /// The subject of the register of what was delivered to one of these.
    deliveries(DeliveriesId) "deliveries";
}

/// The id under which a division is an aggregate.
pub fn division_id(division: Division) -> DivisionId {
    DivisionId::new(division, fixed("division"))
}

/// The id under which a county's rules of notification are an aggregate.
pub fn notification_rules_id(county: Division) -> DivisionId {
    DivisionId::new(county, fixed("rules"))
}

/// The id under which a grid is an aggregate.
pub fn grid_id(grid: GridCode) -> GridId {
    GridId::new(grid.village(), fixed(&format!("{:03}", grid.serial())))
}

/// The id under which a category is an aggregate of its county's catalogue.
pub fn category_id(county: Division, code: &CategoryCode) -> CategoryId {
    CategoryId::new(county, fixed(code.as_str()))
}

/// The id under which a category in a place is watched: one a grid, or one a division for what was
/// reported without a grid.
pub fn hotspot_id(division: Division, grid: Option<GridCode>, code: &CategoryCode) -> HotspotId {
    let serial = grid.map_or_else(String::new, |grid| format!("{:03}", grid.serial()));
    HotspotId::new(division, fixed(&format!("h{serial}_{code}")))
}

/// The id under which a camera is an aggregate. It is born in the county wherever it stands, so that
/// two cameras with one GB/T 28181 id meet on one subject, and a camera can be moved.
pub fn camera_id(county: Division, gb_id: GbId) -> CameraId {
    CameraId::new(county, fixed(gb_id.as_str()))
}

/// The id of the programme of points for a division's residents: a division has one.
pub fn programme_id(division: Division) -> ProgrammeId {
    ProgrammeId::new(division, fixed("residents"))
}

/// The id of a county's working calendar: a county has one, of many versions.
pub fn calendar_id(county: Division) -> CalendarId {
    CalendarId::new(county, fixed("working_days"))
}

/// The id of a county's routing rules: a county has one list, of many versions.
pub fn routing_rules_id(county: Division) -> RoutingRulesId {
    RoutingRulesId::new(county, fixed("orders"))
}

/// The id under which a grid's roster is an aggregate.
pub fn roster_id(grid: GridCode) -> RosterId {
    RosterId::new(grid.village(), fixed(&format!("{:03}", grid.serial())))
}

/// The id of the register of what is delivered to a webhook.
pub fn webhook_deliveries(webhook: &WebhookId) -> DeliveriesId {
    DeliveriesId::new(webhook.division(), fixed(&format!("w_{}", webhook.key())))
}

/// The id of the register of what is delivered to an integrator; its name has at most 30 letters.
pub fn integrator_deliveries(integrator: &IntegratorId) -> DeliveriesId {
    DeliveriesId::new(integrator.division(), fixed(&format!("i_{}", integrator.key())))
}

fn fixed(key: &str) -> Key {
    key.parse().expect("codes are made of lower-case letters and digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_alone_addresses_its_subject() {
        let case: CaseId = "620821101203-01jd7".parse().unwrap();
        assert_eq!(super::case(&case), "weft.620821.101.203.case.01jd7");
        let county: PersonId = "620821000000-p".parse().unwrap();
        assert_eq!(person(&county), "weft.620821.000.000.person.p");
    }

    #[test]
    fn registers_are_addressed_by_their_codes() {
        let grid: GridCode = "620821101203007".parse().unwrap();
        assert_eq!(super::grid(&grid_id(grid)), "weft.620821.101.203.grid.007");
        let township: Division = "620821101".parse().unwrap();
        assert_eq!(division(&division_id(township)), "weft.620821.101.000.division.division");
        let camera = camera_id("620821".parse().unwrap(), "62082101001320000123".parse().unwrap());
        assert_eq!(super::camera(&camera), "weft.620821.000.000.camera.62082101001320000123");
    }
}
