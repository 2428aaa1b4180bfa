//! What is wrong is refused, with every wrong field.

use api::points::v1::{
    AwardRequest, CreateProgrammeRequest, GetAccountRequest, ListEntriesRequest,
    ReverseAwardRequest, SetRuleRequest,
};
use kernel::Role;
use platform::auth::scope::ScopeParts;
use testkit::Db;
use tonic::Code;

use crate::village::{
    PROGRAMME, TOWNSHIP, VILLAGE, Village, by_hand, refusal, take_back, wrong_fields,
};

on_both_databases! {
    every_method_names_its_wrong_fields
    the_ledger_refuses_what_its_rules_refuse
}

async fn every_method_names_its_wrong_fields(db: Db) {
    let village = Village::bare(db).await;
    let mut operator = village.operator();
    let create = CreateProgrammeRequest {
        request_id: "x y".into(),
        division: "110101001".into(),
        name: "\u{202e}".into(),
    };
    let fields = wrong_fields(operator.create_programme(create).await);
    assert_eq!(fields, ["request_id", "division", "name"]);
    let rule = SetRuleRequest { points_for_true_report: u32::MAX, ..SetRuleRequest::default() };
    let fields = wrong_fields(operator.set_rule(rule).await);
    assert_eq!(fields, ["request_id", "programme_id", "points_for_true_report", "daily_cap"]);
    let award = AwardRequest {
        case_id: "620821101203-A".into(),
        points: 1_001,
        reason: "长".repeat(501),
        ..AwardRequest::default()
    };
    let fields = wrong_fields(operator.award(award).await);
    assert_eq!(fields, ["request_id", "programme_id", "person_id", "case_id", "points", "reason"]);
    let fields = wrong_fields(operator.reverse_award(ReverseAwardRequest::default()).await);
    assert_eq!(fields, ["request_id", "programme_id", "award_id", "reason"]);
    // Staff say whose account they mean.
    let fields = wrong_fields(operator.get_account(GetAccountRequest::default()).await);
    assert_eq!(fields, ["programme_id", "person_id"]);
    let page = ListEntriesRequest {
        programme_id: PROGRAMME.into(),
        page_size: -1,
        page_token: "x".into(),
        ..ListEntriesRequest::default()
    };
    let fields = wrong_fields(village.resident(1).list_entries(page).await);
    assert_eq!(fields, ["page_size", "page_token"]);
}

async fn the_ledger_refuses_what_its_rules_refuse(db: Db) {
    let village = Village::bare(db).await;
    let refused = |reason: &str| (Code::FailedPrecondition, reason.to_owned());
    let mut operator = village.operator();
    let one = village.person(1);
    let award = operator.award(by_hand("early", &one, 1)).await;
    assert_eq!(refusal(award), refused("PROGRAMME_NOT_CREATED"));
    let account = GetAccountRequest { programme_id: PROGRAMME.into(), ..Default::default() };
    let missing = village.resident(1).get_account(account).await;
    assert_eq!(refusal(missing), (Code::NotFound, "NO_SUCH_PROGRAMME".into()));

    village.create(VILLAGE).await;
    let another = CreateProgrammeRequest {
        request_id: "again".into(),
        division: VILLAGE.into(),
        name: "另一个".into(),
    };
    let exists = operator.create_programme(another).await;
    assert_eq!(refusal(exists), refused("PROGRAMME_EXISTS"));
    let unknown = operator.reverse_award(take_back("t", "620821101203-none")).await;
    assert_eq!(refusal(unknown), refused("AWARD_UNKNOWN"));
    operator.award(by_hand("a", &one, 1)).await.unwrap();
    let twice = operator.award(by_hand("a", &one, 2)).await;
    assert_eq!(refusal(twice), (Code::AlreadyExists, "REQUEST_ID_REUSED".into()));

    let division = Some(TOWNSHIP.parse().unwrap());
    let scope = ScopeParts { division, ..ScopeParts::default() };
    let bearer = village.suite.bearer_for(&one, Role::Operator, scope);
    let mut herself = village.client(bearer);
    let to_herself = herself.award(by_hand("b", &one, 1)).await;
    assert_eq!(refusal(to_herself), (Code::PermissionDenied, "GIVER_IS_RECEIVER".into()));
    let not_allowed = (Code::PermissionDenied, "ROLE_NOT_ALLOWED".to_owned());
    assert_eq!(refusal(village.resident(1).award(by_hand("c", &one, 1)).await), not_allowed);
}
