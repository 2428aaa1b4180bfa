//! Awards by hand, statements, and who sees what.

use api::points::v1::{
    AccountKind, EntryKind, GetAccountRequest, GetBalanceSheetRequest, GivenBy, ListEntriesRequest,
    ListProgrammesRequest,
};
use kernel::Role;
use testkit::Db;
use tonic::Code;

use crate::village::{
    COUNTY, Client, OTHER_TOWNSHIP, PROGRAMME, TOWNSHIP, VILLAGE, Village, by_hand, refusal,
    take_back,
};

on_both_databases! {
    a_statement_says_who_gave_what_and_why
    a_township_sees_its_own_and_a_resident_sees_theirs
}

async fn a_statement_says_who_gave_what_and_why(db: Db) {
    let village = Village::start(db).await;
    let (one, mut operator) = (village.person(1), village.operator());
    village.true_report("c", 1).await;
    village.suite.settled().await;
    let first = operator.award(by_hand("a", &one, 7)).await.unwrap().into_inner();
    let again = operator.award(by_hand("a", &one, 7)).await.unwrap().into_inner();
    assert_eq!(again, first, "the same request is the same award");
    let taken = operator.reverse_award(take_back("b", &first.award_id)).await.unwrap().into_inner();
    let other = operator.award(by_hand("c", &one, 2)).await.unwrap().into_inner();
    assert!(other.version > taken.version);

    let mut resident = village.resident(1);
    let page = |page_token| ListEntriesRequest {
        programme_id: PROGRAMME.into(),
        page_size: 3,
        page_token,
        min_position: other.position.clone(),
        person_id: String::new(),
    };
    let newest = resident.list_entries(page(String::new())).await.unwrap().into_inner();
    let oldest = resident.list_entries(page(newest.next_page_token)).await.unwrap().into_inner();
    assert_eq!(oldest.next_page_token, "");
    let entries = [newest.entries, oldest.entries].concat();
    let shown: Vec<_> = entries.iter().map(|e| (e.kind(), e.amount, e.balance)).collect();
    assert_eq!(
        shown,
        [
            (EntryKind::Award, 2, 7),
            (EntryKind::Reversal, -7, 5),
            (EntryKind::Award, 7, 12),
            (EntryKind::Award, 5, 5),
        ]
    );
    assert!(entries[..3].iter().all(|entry| entry.given_by() == GivenBy::Person));
    assert!(entries[..3].iter().all(|entry| !entry.giver_id.is_empty()));
    assert_eq!(entries[1].reason, "记错了人");
    assert_eq!(entries[2].reason, "帮邻居扫雪");
    assert_eq!(entries[1].award_id, entries[2].award_id);

    let request = GetBalanceSheetRequest {
        programme_id: PROGRAMME.into(),
        min_position: other.position.clone(),
    };
    let sheet = operator.get_balance_sheet(request).await.unwrap().into_inner();
    let lines: Vec<_> =
        sheet.lines.iter().map(|line| (line.kind(), line.accounts, line.balance)).collect();
    assert_eq!(lines, [(AccountKind::Issuer, 1, -7), (AccountKind::Resident, 1, 7)]);
    assert_eq!(sheet.sum, 0);
}

async fn programmes(client: &mut Client) -> Vec<String> {
    let list = client.list_programmes(ListProgrammesRequest::default()).await.unwrap();
    list.into_inner().programmes.into_iter().map(|programme| programme.programme_id).collect()
}

async fn a_township_sees_its_own_and_a_resident_sees_theirs(db: Db) {
    let village = Village::start(db).await;
    let elsewhere = format!("{OTHER_TOWNSHIP}000-residents");
    village.create(OTHER_TOWNSHIP).await;
    village.true_report("c", 1).await;
    village.suite.settled().await;

    assert_eq!(programmes(&mut village.staff(Role::Operator, TOWNSHIP)).await, [PROGRAMME]);
    assert_eq!(programmes(&mut village.staff(Role::Operator, VILLAGE)).await, [PROGRAMME]);
    let mut county = village.staff(Role::Administrator, COUNTY);
    assert_eq!(programmes(&mut county).await, [PROGRAMME, &elsewhere]);
    assert_eq!(programmes(&mut village.resident(1)).await, [PROGRAMME]);
    assert_eq!(programmes(&mut village.resident(2)).await, [""; 0]);
    let list = county.list_programmes(ListProgrammesRequest::default()).await.unwrap().into_inner();
    let first = &list.programmes[0];
    assert_eq!((first.name.as_str(), first.division.as_str()), ("文明积分", VILLAGE));
    assert_eq!((first.rule_version, first.points_for_true_report, first.daily_cap), (1, 5, 8));

    let out_of_scope = (Code::PermissionDenied, "OUT_OF_SCOPE".to_owned());
    let one = village.person(1).to_string();
    let account = |person_id: &str| GetAccountRequest {
        programme_id: PROGRAMME.into(),
        person_id: person_id.into(),
        min_position: None,
    };
    let entries = |person_id: &str| ListEntriesRequest {
        programme_id: PROGRAMME.into(),
        person_id: person_id.into(),
        ..ListEntriesRequest::default()
    };
    let own = village.resident(1).get_account(account("")).await.unwrap().into_inner();
    assert_eq!((own.balance, own.entries, own.person_id.as_str()), (5, 1, one.as_str()));
    let mut stranger = village.resident(2);
    assert_eq!(stranger.get_account(account("")).await.unwrap().into_inner().balance, 0);
    assert_eq!(refusal(stranger.get_account(account(&one)).await), out_of_scope);
    assert_eq!(refusal(stranger.list_entries(entries(&one)).await), out_of_scope);
    let sheet = || GetBalanceSheetRequest { programme_id: PROGRAMME.into(), min_position: None };
    let not_allowed = (Code::PermissionDenied, "ROLE_NOT_ALLOWED".to_owned());
    assert_eq!(refusal(stranger.get_balance_sheet(sheet()).await), not_allowed);

    let mut foreign = village.staff(Role::Operator, OTHER_TOWNSHIP);
    assert_eq!(refusal(foreign.get_account(account(&one)).await), out_of_scope);
    assert_eq!(refusal(foreign.list_entries(entries(&one)).await), out_of_scope);
    assert_eq!(refusal(foreign.get_balance_sheet(sheet()).await), out_of_scope);
    let award = foreign.award(by_hand("a", &village.person(1), 1)).await;
    assert_eq!(refusal(award), out_of_scope);
    assert_eq!(refusal(foreign.reverse_award(take_back("b", PROGRAMME)).await), out_of_scope);
}
