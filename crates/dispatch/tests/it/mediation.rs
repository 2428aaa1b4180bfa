//! A dispute: from its entry with both parties' consent over three tiers to the follow-ups.

use std::time::Duration;

use api::{
    dispatch::v1::{
        AssignWorkOrderRequest, Assignee, ConcludeMediationRequest, DisputeLevel, DisputeParty,
        FollowUpMediationRequest, FollowUpState, GetMediationFiguresRequest, GetMediationRequest,
        GetMediationResponse, ListMediationsRequest, MediationKind, MediationOutcome,
        MediationStatus, MediationTier, OpenMediationRequest, RateMediationRequest,
        RecordPartyConsentRequest, RecordSessionRequest, SessionPlace, SessionResult,
        TurnMediationUrgentRequest, mediation_service_client::MediationServiceClient,
    },
    intake::v1::Satisfaction,
};
use contracts::{
    dispatch::mediation::{self as contract, MediationEvent},
    intake::CategoryKind,
    subject,
};
use kernel::{
    Division, Role, Timestamp,
    id::{CaseId, OrganisationId, WorkOrderId},
};
use platform::{
    auth::scope::ScopeParts,
    grpc::Bearer,
    log::{CommandStamp, Tail, hash_parts, messages, writer::Run},
};
use testkit::{Db, until};
use tonic::{Code, service::interceptor::InterceptedService, transport::Channel};

use crate::{
    county::{
        CHIEF, County, FOR_MEMBERS, MEMBER, OTHER_TOWNSHIP, SECOND, TOWNSHIP, VILLAGE, centre,
        refused, team,
    },
    orders::assign,
};

crate::on_both_databases! {
    a_dispute_climbs_to_the_county_and_is_settled
    what_a_tier_wrote_is_for_that_tier_and_those_above
    a_party_ends_it_and_a_sign_of_violence_stops_it
    who_does_not_have_the_order_learns_nothing
    the_same_request_is_done_once_and_nothing_hostile_comes_in
    of_5100_entered_3795_settled_are_shown_as_74_41_per_cent
}

type Client = MediationServiceClient<InterceptedService<Channel, Bearer>>;

const QUARREL: &str = "0901";
const DAY: Duration = Duration::from_hours(24);

struct Quarrel {
    county: County,
    id: String,
}

impl Quarrel {
    /// A quarrel in the village, handled by the grid's member.
    async fn start(db: Db) -> Self {
        let county = County::start(db).await;
        county.defines(QUARREL, CategoryKind::Dispute, "d029", "10wd").await;
        county.suite.settled().await;
        let id = county.order("quarrel", QUARREL).await.work_order_id;
        let to = Assignee { person_id: county.person(MEMBER).to_string(), ..Assignee::default() };
        let given: AssignWorkOrderRequest = assign(&id, "to-the-member", to);
        county.operator(TOWNSHIP).assign_work_order(given).await.unwrap();
        county.suite.settled().await;
        Self { county, id }
    }

    fn client(&self, bearer: Bearer) -> Client {
        MediationServiceClient::with_interceptor(self.county.suite.channel(), bearer)
    }

    fn member(&self, number: u128) -> Client {
        let grid = Some(crate::county::GRID.parse().unwrap());
        let scope = ScopeParts { grid, ..ScopeParts::default() };
        let person = self.county.person(number);
        self.client(self.county.suite.bearer_for(&person, Role::GridMember, scope))
    }

    fn desk(&self, division: &str) -> Client {
        self.office(Role::Operator, division)
    }

    fn office(&self, role: Role, division: &str) -> Client {
        let division = Some(division.parse().unwrap());
        let scope = ScopeParts { division, ..ScopeParts::default() };
        self.client(self.county.suite.bearer(role, scope))
    }

    fn clerk(&self, organisation: &OrganisationId) -> Client {
        let division = Some("620821".parse().unwrap());
        let scope = ScopeParts { division, grid: None, org: Some(organisation.clone()) };
        self.client(self.county.suite.bearer(Role::DepartmentClerk, scope))
    }

    fn open(&self, request: &str) -> OpenMediationRequest {
        let party =
            |name: &str, phone: &str| DisputeParty { name: name.into(), phone: phone.into() };
        OpenMediationRequest {
            request_id: request.to_owned(),
            work_order_id: self.id.clone(),
            kind: MediationKind::Peoples.into(),
            parties: vec![party("葛甲", "13900000001"), party("何乙", "")],
        }
    }

    fn consent(&self, party: u32, agrees: bool) -> RecordPartyConsentRequest {
        RecordPartyConsentRequest {
            request_id: format!("consent-{party}-{agrees}"),
            work_order_id: self.id.clone(),
            party,
            agrees,
        }
    }

    fn session(&self, request: &str, text: &str) -> RecordSessionRequest {
        RecordSessionRequest {
            request_id: request.to_owned(),
            work_order_id: self.id.clone(),
            place: SessionPlace::OnSite.into(),
            result: SessionResult::NoResult.into(),
            text: text.to_owned(),
        }
    }

    fn conclude(&self, outcome: MediationOutcome) -> ConcludeMediationRequest {
        ConcludeMediationRequest {
            request_id: "conclude".to_owned(),
            work_order_id: self.id.clone(),
            outcome: outcome.into(),
            text: "双方各退一步".to_owned(),
        }
    }

    fn urgent(&self) -> TurnMediationUrgentRequest {
        TurnMediationUrgentRequest {
            request_id: "urgent".to_owned(),
            work_order_id: self.id.clone(),
            text: "有动手迹象".to_owned(),
        }
    }

    /// Entered, with both parties' consent.
    async fn begun(&self) {
        let mut member = self.member(MEMBER);
        member.open_mediation(self.open("open")).await.unwrap();
        for party in 1..=2 {
            member.record_party_consent(self.consent(party, true)).await.unwrap();
        }
    }

    async fn get(&self, client: &mut Client) -> GetMediationResponse {
        self.county.suite.settled().await;
        let request = GetMediationRequest { work_order_id: self.id.clone(), min_position: None };
        client.get_mediation(request).await.unwrap().into_inner()
    }

    async fn history(&self) -> Vec<String> {
        let got = self.get(&mut self.desk("620821")).await;
        got.timeline.into_iter().map(|entry| entry.event).collect()
    }
}

async fn a_dispute_climbs_to_the_county_and_is_settled(db: Db) {
    let quarrel = Quarrel::start(db).await;
    let county = &quarrel.county;
    let mut member = quarrel.member(MEMBER);
    member.open_mediation(quarrel.open("open")).await.unwrap();
    let too_early = member.record_session(quarrel.session("s0", "")).await;
    refused(too_early, Code::FailedPrecondition, "PARTIES_NOT_CONSENTED");
    for party in 1..=2 {
        member.record_party_consent(quarrel.consent(party, true)).await.unwrap();
    }
    member.record_session(quarrel.session("s1", "各说各理")).await.unwrap();
    // One after another, the bodies of the tiers above have the order.
    for (organisation, sessions) in [(team(), vec!["s2"]), (centre(), vec!["s3", "s4", "s5", "s6"])]
    {
        let to = Assignee { organisation_id: organisation.to_string(), person_id: String::new() };
        let given = assign(&quarrel.id, &format!("to-{organisation}"), to);
        county.operator("620821").assign_work_order(given).await.unwrap();
        let mut clerk = quarrel.clerk(&organisation);
        for session in sessions {
            clerk.record_session(quarrel.session(session, "上级调处")).await.unwrap();
        }
    }
    let mut clerk = quarrel.clerk(&centre());
    clerk.conclude_mediation(quarrel.conclude(MediationOutcome::SettledOrally)).await.unwrap();
    let got = quarrel.get(&mut clerk).await.mediation.unwrap();
    assert_eq!((got.status(), got.tier()), (MediationStatus::Settled, MediationTier::County));
    assert_eq!((got.sessions, got.parties, got.kind()), (6, 2, MediationKind::Peoples));
    assert_eq!(got.next_follow_up - got.concluded_at, 30 * 86_400_000);
    for party in 1..=2 {
        let rating = RateMediationRequest {
            request_id: format!("rate-{party}"),
            work_order_id: quarrel.id.clone(),
            party,
            solved: true,
            satisfaction: Satisfaction::Satisfied.into(),
        };
        clerk.rate_mediation(rating).await.unwrap();
    }
    for (number, days) in [(1, 30), (2, 60)] {
        county.suite.clock().advance(DAY * days);
        let rung = usize::try_from(number).unwrap();
        until("the date rings", || async {
            let history = quarrel.history().await;
            history.iter().filter(|event| *event == "mediation_follow_up_due").count() == rung
        })
        .await;
        let looked = FollowUpMediationRequest {
            request_id: format!("look-{number}"),
            work_order_id: quarrel.id.clone(),
            number,
            state: FollowUpState::Kept.into(),
            text: "已和好".to_owned(),
        };
        quarrel.desk(VILLAGE).follow_up_mediation(looked).await.unwrap();
    }
    let expected = [
        vec!["mediation_opened", "party_consented", "party_consented"],
        vec!["mediation_session_held"; 6],
        vec!["mediation_concluded", "mediation_rated", "mediation_rated"],
        vec!["mediation_follow_up_due", "mediation_followed_up"],
        vec!["mediation_follow_up_due", "mediation_followed_up"],
    ];
    assert_eq!(quarrel.history().await, expected.concat());
    let got = quarrel.get(&mut clerk).await.mediation.unwrap();
    assert_eq!(got.next_follow_up, 0, "every date was looked at");
}

async fn what_a_tier_wrote_is_for_that_tier_and_those_above(db: Db) {
    let quarrel = Quarrel::start(db).await;
    quarrel.begun().await;
    let said = ["村里的话", "县里的话"];
    quarrel.desk(VILLAGE).record_session(quarrel.session("s1", said[0])).await.unwrap();
    quarrel.desk("620821").record_session(quarrel.session("s2", said[1])).await.unwrap();
    let below = quarrel.desk(TOWNSHIP).record_session(quarrel.session("s3", "")).await;
    refused(below, Code::PermissionDenied, "MEDIATED_AT_HIGHER_TIER");

    let texts = |got: &GetMediationResponse| -> Vec<String> {
        got.timeline.iter().map(|e| e.text.clone()).filter(|text| !text.is_empty()).collect()
    };
    let village = quarrel.get(&mut quarrel.desk(VILLAGE)).await;
    assert_eq!(texts(&village), [said[0]], "the village does not read the county's notes");
    assert_eq!(village.mediation.as_ref().unwrap().tier(), MediationTier::County);
    assert_eq!(village.timeline.len(), 5, "and sees how it stands");
    assert_eq!(village.parties[0].name, "葛甲");
    assert_eq!(village.parties[0].phone, "13900000001");
    let above = quarrel.get(&mut quarrel.desk("620821")).await;
    assert_eq!(texts(&above), said);
    let supervisor = quarrel.get(&mut quarrel.office(Role::Supervisor, "620821")).await;
    assert!(supervisor.parties.is_empty(), "whoever watches need not know who it is");
}

async fn a_party_ends_it_and_a_sign_of_violence_stops_it(db: Db) {
    let quarrel = Quarrel::start(db).await;
    quarrel.begun().await;
    let mut desk = quarrel.desk(TOWNSHIP);
    desk.record_party_consent(quarrel.consent(2, false)).await.unwrap();
    let got = quarrel.get(&mut desk).await.mediation.unwrap();
    assert_eq!(
        (got.status(), got.outcome()),
        (MediationStatus::Ended, MediationOutcome::Withdrawn)
    );
    let on = desk.record_session(quarrel.session("s1", "")).await;
    refused(on, Code::FailedPrecondition, "MEDIATION_CONCLUDED");
    desk.turn_mediation_urgent(quarrel.urgent()).await.unwrap();
    let got = quarrel.get(&mut desk).await;
    assert_eq!(got.mediation.unwrap().status(), MediationStatus::Urgent);
    assert_eq!(got.timeline.last().unwrap().text, "有动手迹象");
    let on = desk.record_session(quarrel.session("s2", "")).await;
    refused(on, Code::FailedPrecondition, "MEDIATION_TURNED_URGENT");
}

async fn who_does_not_have_the_order_learns_nothing(db: Db) {
    let quarrel = Quarrel::start(db).await;
    quarrel.begun().await;
    let nowhere = quarrel.id.replace('-', "-0");
    for (mut client, code, reason) in [
        (quarrel.member(SECOND), Code::NotFound, "NO_SUCH_WORK_ORDER"),
        (quarrel.member(CHIEF), Code::NotFound, "NO_SUCH_WORK_ORDER"),
        (quarrel.desk(OTHER_TOWNSHIP), Code::PermissionDenied, "OUT_OF_SCOPE"),
        (quarrel.clerk(&team()), Code::NotFound, "NO_SUCH_WORK_ORDER"),
    ] {
        for id in [&quarrel.id, &nowhere] {
            let get = GetMediationRequest { work_order_id: id.clone(), min_position: None };
            refused(client.get_mediation(get).await, code, reason);
            let session =
                RecordSessionRequest { work_order_id: id.clone(), ..quarrel.session("x", "y") };
            refused(client.record_session(session).await, code, reason);
        }
        quarrel.county.suite.settled().await;
        let list = client.list_mediations(ListMediationsRequest::default()).await.unwrap();
        assert!(list.into_inner().mediations.is_empty());
        let figures = client.get_mediation_figures(GetMediationFiguresRequest::default()).await;
        assert_eq!(figures.unwrap().into_inner().total.unwrap().entered, 0);
    }
    let list = quarrel.member(MEMBER).list_mediations(ListMediationsRequest::default()).await;
    assert_eq!(list.unwrap().into_inner().mediations.len(), 1);
    // What is no dispute is not mediated.
    let lamp = quarrel.county.order("lamp", FOR_MEMBERS).await.work_order_id;
    let open = OpenMediationRequest { work_order_id: lamp, ..quarrel.open("lamp") };
    let refusal = quarrel.desk(TOWNSHIP).open_mediation(open).await;
    refused(refusal, Code::FailedPrecondition, "NOT_A_DISPUTE");
}

async fn the_same_request_is_done_once_and_nothing_hostile_comes_in(db: Db) {
    let quarrel = Quarrel::start(db).await;
    let mut member = quarrel.member(MEMBER);
    let first = member.open_mediation(quarrel.open("open")).await.unwrap().into_inner();
    let again = member.open_mediation(quarrel.open("open")).await.unwrap().into_inner();
    assert_eq!((first.version, again.version), (1, 1));
    let other = member.open_mediation(quarrel.open("other")).await;
    refused(other, Code::FailedPrecondition, "MEDIATION_EXISTS");
    let invalid = Code::InvalidArgument;
    let party = |name: &str, phone: &str| DisputeParty { name: name.into(), phone: phone.into() };
    for parties in [
        vec![],
        vec![party("一", "")],
        vec![party("一", ""); 11],
        vec![party("", ""), party("二", "")],
        vec![party("一\u{202e}", ""), party("二", "")],
        vec![party("一", "not a number"), party("二", "")],
        vec![party(&"长".repeat(61), ""), party("二", "")],
    ] {
        let open = OpenMediationRequest { parties, ..quarrel.open("hostile") };
        refused(member.open_mediation(open).await, invalid, "parties");
    }
    for number in [0, 99, -1] {
        let open = OpenMediationRequest { kind: number, ..quarrel.open("hostile") };
        refused(member.open_mediation(open).await, invalid, "kind");
        let session = RecordSessionRequest { place: number, ..quarrel.session("hostile", "") };
        refused(member.record_session(session).await, invalid, "place");
    }
    let long = quarrel.session("hostile", &"长".repeat(4_001));
    refused(member.record_session(long).await, invalid, "text");
    let nobody = RecordPartyConsentRequest { party: u32::MAX, ..quarrel.consent(1, true) };
    refused(member.record_party_consent(nobody).await, Code::FailedPrecondition, "NO_SUCH_PARTY");
    let unwritten = ConcludeMediationRequest {
        text: " ".to_owned(),
        ..quarrel.conclude(MediationOutcome::SettledInWriting)
    };
    refused(member.conclude_mediation(unwritten).await, invalid, "text");
    assert_eq!(quarrel.history().await.len(), 1, "nothing came of it");
}

/// 5,100 disputes, entered and of these 3,795 settled, by a fixed rule over kinds and levels.
async fn of_5100_entered_3795_settled_are_shown_as_74_41_per_cent(db: Db) {
    const ENTERED: u32 = 5_100;
    const SETTLED: u32 = 3_795;
    let quarrel = Quarrel::start(db).await;
    let suite = &quarrel.county.suite;
    let log = &suite.context().log;
    let division: Division = VILLAGE.parse().unwrap();
    let mut runs = Vec::new();
    for number in 0..ENTERED {
        let id = WorkOrderId::new(division, format!("m{number}").parse().unwrap());
        let events = history(&id, number, number * 7 % ENTERED < SETTLED, suite.person(MEMBER));
        let commit = hash_parts(&[b"figures", &number.to_be_bytes()]);
        let (request, actor) = (commit, "process:testkit".to_owned());
        let stamp = CommandStamp { commit, request, actor, cause: None, traceparent: None };
        let messages = messages(&mut Tail::default(), &id.to_string(), &stamp, &events).unwrap();
        runs.push(Run { subject: subject::mediation(&id), expected: 0, messages });
    }
    let mut batch = 0_u32;
    while !runs.is_empty() {
        let rest = runs.split_off(runs.len().min(250));
        batch += 1;
        log.append(hash_parts(&[b"batch", &batch.to_be_bytes()]), runs).await.unwrap();
        runs = rest;
    }
    suite.settled().await;
    let request =
        GetMediationFiguresRequest { division: TOWNSHIP.to_owned(), ..Default::default() };
    let got = quarrel.desk("620821").get_mediation_figures(request).await.unwrap().into_inner();
    let total = got.total.unwrap();
    assert_eq!((total.entered, total.settled), (ENTERED.into(), SETTLED.into()));
    assert_eq!(total.settled_rate, 7_441, "74.41 %");
    assert_eq!(got.figures.len(), 4 * 3, "by kind and level");
    let sum: u64 = got.figures.iter().map(|figure| figure.settled).sum();
    assert_eq!(sum, total.settled);
    assert!(got.figures.iter().all(|figure| figure.level() != DisputeLevel::Unspecified));
}

fn history(
    id: &WorkOrderId,
    number: u32,
    settled: bool,
    by: kernel::id::PersonId,
) -> Vec<MediationEvent> {
    use contract::{
        DisputeLevel as Level, MediationKind as Kind, MediationOutcome as Outcome, Tier,
    };
    let place = |len: usize, step: u32| usize::try_from(number / step).unwrap() % len;
    let occurred_at = Timestamp(1_700_000_000_000 + i64::from(number));
    let work_order = id.clone();
    let case = CaseId::new(id.division(), id.key().clone());
    let opened = contract::MediationOpened {
        occurred_at,
        work_order: work_order.clone(),
        case: case.clone(),
        category: QUARREL.parse().unwrap(),
        division: id.division(),
        grid: None,
        kind: Kind::ALL[place(4, 1)],
        tier: Tier::Village,
        parties: vec![],
        assignee: contracts::dispatch::Assignee { organisation: None, person: None },
        by: by.clone(),
    };
    let level = Level::ALL[place(3, 4)];
    let assessed = contract::MediationAssessed {
        occurred_at,
        work_order: work_order.clone(),
        level,
        by: by.clone(),
    };
    let outcome = if settled { Outcome::SettledOrally } else { Outcome::GuidedToCourt };
    let concluded = contract::MediationConcluded {
        occurred_at,
        work_order,
        case,
        outcome,
        tier: Tier::Village,
        agreement: None,
        follow_ups: vec![],
        by,
    };
    vec![opened.into(), assessed.into(), concluded.into()]
}
