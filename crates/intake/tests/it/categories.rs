//! The catalogue over time: ends, plans, versions, tables out and in again.

use std::time::Duration;

use api::intake::v1::{
    AcceptCaseRequest, AsOf, CaseStatus, EndCategoryRequest, ExportCategoriesRequest,
    GetCategoryRequest, GetCategoryResponse, ListCategoriesRequest, ReportCaseRequest, TableFormat,
    as_of::When,
};
use kernel::Role;
use testkit::{Db, until};
use tonic::Code;

use crate::ground::{
    CATALOGUE, CatalogueClient, Ground, LAMP, LEAF_ROW, get, lamp, messages, refusal, report,
    wrong_fields,
};

on_both_databases! {
    what_has_ended_is_refused_with_its_successor_and_what_is_open_goes_on
    a_category_in_use_ends_and_a_group_with_leaves_does_not
    a_change_never_alters_what_was_decided_before
    a_plan_comes_into_force_on_its_day_and_ends_after_its_last
    the_catalogue_goes_out_and_comes_in_again_as_the_same
    an_empty_catalogue_takes_no_report_and_says_why
}

fn ending(request_id: &str, code: &str, successor: &str) -> EndCategoryRequest {
    EndCategoryRequest {
        request_id: request_id.into(),
        code: code.into(),
        until: String::new(),
        successor: successor.into(),
    }
}

async fn category(ground: &Ground, code: &str, when: Option<When>) -> GetCategoryResponse {
    ground.suite.settled().await;
    let request = GetCategoryRequest {
        code: code.into(),
        as_of: when.map(|when| AsOf { when: Some(when) }),
        min_position: None,
    };
    let mut client = ground.catalogue(Role::Operator, "620821");
    client.get_category(request).await.unwrap().into_inner()
}

fn limit(found: &GetCategoryResponse) -> &str {
    &found.category.as_ref().unwrap().limit
}

async fn what_has_ended_is_refused_with_its_successor_and_what_is_open_goes_on(db: Db) {
    let ground = Ground::start(db).await;
    let mut resident = ground.resident(1);
    let question = ReportCaseRequest { category: "1301".into(), ..lamp("question") };
    let open = report(&mut resident, question).await.case_id;
    let mut administrator = ground.catalogue(Role::Administrator, "620821");
    for (code, successor) in [("1301", "1302"), (LAMP, "0103"), ("0103", "0104")] {
        administrator.end_category(ending(code, code, successor)).await.unwrap();
    }
    ground.suite.settled().await;

    let refused = resident.report_case(lamp("after")).await;
    let said = messages(refused, "category");
    assert!(said.iter().all(|text| text.contains("0104")), "the end of the chain: {said:?}");
    let unknown =
        resident.report_case(ReportCaseRequest { category: "0119".into(), ..lamp("x") }).await;
    let said = messages(unknown, "category");
    assert!(said.iter().all(|text| text.contains("0112")), "the nearest: {said:?}");
    let list =
        resident.list_categories(ListCategoriesRequest { min_position: None }).await.unwrap();
    assert!(list.get_ref().categories.iter().all(|category| category.code != LAMP));

    // What was reported before is handled by the rules that it had.
    let accept = AcceptCaseRequest {
        request_id: "a".into(),
        case_id: open.clone(),
        ..AcceptCaseRequest::default()
    };
    ground.of_division(Role::Operator, "620821").accept_case(accept).await.unwrap();
    assert_eq!(ground.case(&open).await.status(), CaseStatus::Accepted);
    let ended = category(&ground, LAMP, None).await;
    assert_eq!((ended.status.as_str(), ended.successor.as_str()), ("ended", "0103"));
    assert_eq!(category(&ground, LAMP, Some(When::CatalogueVersion(1))).await.status, "in_force");

    // In force again, when somebody puts it into a table again.
    assert_eq!(ground.import("again", CATALOGUE).await.unwrap().written, 3);
    ground.suite.settled().await;
    report(&mut resident, lamp("again")).await;
}

async fn a_category_in_use_ends_and_a_group_with_leaves_does_not(db: Db) {
    let ground = Ground::start(db).await;
    let mut administrator = ground.catalogue(Role::Administrator, "620821");
    let group = administrator.end_category(ending("group", "01", "")).await;
    assert_eq!(refusal(group), (Code::FailedPrecondition, "CATEGORY_HAS_CATEGORIES".into()));
    let unknown = administrator.end_category(ending("unknown", "0199", "")).await;
    assert_eq!(refusal(unknown), (Code::FailedPrecondition, "CATEGORY_NOT_IN_FORCE".into()));
    for successor in [LAMP, "01", "0199", "x"] {
        let wrong = administrator.end_category(ending("wrong", LAMP, successor)).await;
        assert_eq!(wrong_fields(wrong), ["successor"], "{successor}");
    }
    let mut township = ground.catalogue(Role::Administrator, "620821101");
    let foreign = township.end_category(ending("foreign", LAMP, "")).await;
    assert_eq!(refusal(foreign), (Code::PermissionDenied, "OUT_OF_SCOPE".into()));
    let mut operator = ground.catalogue(Role::Operator, "620821");
    let other_role = operator.end_category(ending("role", LAMP, "")).await;
    assert_eq!(refusal(other_role), (Code::PermissionDenied, "ROLE_NOT_ALLOWED".into()));

    let first = administrator.end_category(ending("end", LAMP, "")).await.unwrap().into_inner();
    let again = administrator.end_category(ending("end", LAMP, "")).await.unwrap().into_inner();
    assert_eq!((first.version, first.position), (again.version, again.position));
    let missing = GetCategoryRequest { code: "0199".into(), ..GetCategoryRequest::default() };
    let missing = administrator.get_category(missing).await;
    assert_eq!(refusal(missing), (Code::NotFound, "CATEGORY_NOT_FOUND".into()));
}

async fn a_change_never_alters_what_was_decided_before(db: Db) {
    let ground = Ground::start(db).await;
    let mut resident = ground.resident(1);
    let before = report(&mut resident, lamp("before")).await.case_id;
    assert_eq!(ground.case(&before).await.status(), CaseStatus::Accepted);
    let told = get(&mut ground.of_division(Role::Operator, "620821"), &before, None).await.unwrap();
    let moment = ground.suite.clock_now();

    ground.suite.clock().advance(Duration::from_mins(1));
    // Stricter, more pressing, another department, confidential.
    let changed = CATALOGUE.replacen(
        LEAF_ROW,
        "01,公共设施,0101,路灯不亮或损坏,street lamp out or broken,component,供电所,60min,urgent,grid,yes",
        1,
    );
    assert_eq!(ground.import("changed", &changed).await.unwrap().written, 1);
    let after = report(&mut resident, lamp("after")).await.case_id;
    ground.suite.settled().await;
    let now = get(&mut ground.of_division(Role::Operator, "620821"), &before, None).await.unwrap();
    assert_eq!(now.timeline, told.timeline, "the history is what it was");
    let case = now.case.unwrap();
    assert_eq!((case.urgency, case.version), (told.case.as_ref().unwrap().urgency, 2));
    assert!(now.timeline[1].data.contains("\"catalogue_version\":1"), "{}", now.timeline[1].data);
    let later = ground.seen(&after).await;
    assert!(
        later.timeline[1].data.contains("\"catalogue_version\":2"),
        "{}",
        later.timeline[1].data
    );

    for when in [When::CatalogueVersion(1), When::Moment(moment.0)] {
        let was = category(&ground, LAMP, Some(when)).await;
        let handler = was.category.as_ref().unwrap().handler_kind.clone();
        assert_eq!((limit(&was), handler.as_str(), was.catalogue_version), ("2wd", "d001", 1));
    }
    let is = category(&ground, LAMP, None).await;
    assert_eq!((limit(&is), is.catalogue_version, is.versions.len()), ("60min", 2, 2));
    assert_ne!(is.category.unwrap().handler_kind, "d001");
}

/// A table with a row a category that changes one leaf, with dates.
fn dated(limit: &str, from: &str, until: &str, successor: &str) -> String {
    format!(
        "code,parent,name_zh,name_en,kind,department_zh,limit,urgency,admission,confidential,consent_needed,report_earns_points,from,until,successor\n\
         0101,01,路灯不亮或损坏,street lamp out or broken,component,乡镇村镇建设服务中心,{limit},normal,grid,no,no,no,{from},{until},{successor}\n"
    )
}

async fn a_plan_comes_into_force_on_its_day_and_ends_after_its_last(db: Db) {
    let mut ground = Ground::start(db).await;
    let day = |days: i64| {
        intake::catalogue::days::day_of(ground.suite.clock_now().plus_millis(days * 86_400_000))
    };
    let (tomorrow, last) = (day(1), day(2));
    let planned = dated("1wd", &tomorrow, &last, "0102");
    assert_eq!(ground.import("plan", &planned).await.unwrap().written, 1);
    assert_eq!(ground.import("plan again", &planned).await.unwrap().written, 0);
    let now = category(&ground, LAMP, None).await;
    assert_eq!((limit(&now), now.planned_from.as_str()), ("2wd", tomorrow.as_str()));

    // Also where nobody runs when its time comes.
    ground.suite.clock().advance(Duration::from_hours(24));
    ground.suite = ground.suite.restart().await;
    until("the plan is in force", || async {
        limit(&category(&ground, LAMP, None).await) == "1wd"
    })
    .await;
    let now = category(&ground, LAMP, None).await;
    assert_eq!((now.planned_from.as_str(), now.until.as_str()), ("", last.as_str()));
    assert_eq!(now.versions.len(), 2, "it came into force once");
    report(&mut ground.resident(1), lamp("last-day")).await;

    ground.suite.clock().advance(Duration::from_hours(48));
    until("it has ended", || async { category(&ground, LAMP, None).await.status == "ended" }).await;
    let said = messages(ground.resident(1).report_case(lamp("too-late")).await, "category");
    assert!(said.iter().all(|text| text.contains("0102")), "{said:?}");
    ground.suite = ground.suite.restart_without_databases().await;
    let rebuilt = category(&ground, LAMP, None).await;
    assert_eq!((rebuilt.status.as_str(), rebuilt.versions.len()), ("ended", 3));
}

async fn export(client: &mut CatalogueClient, format: TableFormat, when: Option<When>) -> Vec<u8> {
    let as_of = when.map(|when| AsOf { when: Some(when) });
    let request = ExportCategoriesRequest { format: format.into(), as_of, min_position: None };
    client.export_categories(request).await.unwrap().into_inner().table
}

async fn the_catalogue_goes_out_and_comes_in_again_as_the_same(db: Db) {
    let ground = Ground::start(db).await;
    let ending_late = dated("3wd", "", "2099-12-31", "0102");
    ground.import("until", &ending_late).await.unwrap();
    let mut administrator = ground.catalogue(Role::Administrator, "620821");
    administrator.end_category(ending("end", "0103", "0104")).await.unwrap();
    ground.suite.settled().await;
    let other = Ground::bare(db).await;
    let formats = [TableFormat::Csv, TableFormat::Xlsx, TableFormat::Json];
    for format in formats {
        let table = export(&mut administrator, format, None).await;
        let name = format.as_str_name();
        let back = ground.import_bytes(name, &table).await.unwrap();
        assert_eq!((back.errors.len(), back.rows, back.written), (0, 157, 0), "{name}");
        let first = other.import_bytes(name, &table).await.unwrap();
        let expected = if format == TableFormat::Csv { 157 } else { 0 };
        assert_eq!((first.errors.len(), first.written), (0, expected), "{name}");
        other.suite.settled().await;
        let mut theirs = other.catalogue(Role::Administrator, "620821");
        assert!(export(&mut theirs, format, None).await == table, "{name} is the same elsewhere");
    }
    // As it was, not as it is.
    let before =
        export(&mut administrator, TableFormat::Csv, Some(When::CatalogueVersion(1))).await;
    let before = String::from_utf8(before).unwrap();
    assert!(!before.contains("2099-12-31") && before.contains("0103,01,"), "{before}");
}

async fn an_empty_catalogue_takes_no_report_and_says_why(db: Db) {
    let ground = Ground::bare(db).await;
    let said = messages(ground.resident(1).report_case(lamp("r")).await, "category");
    assert!(said[0].contains("import the catalogue"), "{said:?}");
    let mut administrator = ground.catalogue(Role::Administrator, "620821");
    let empty = export(&mut administrator, TableFormat::Csv, None).await;
    assert_eq!(String::from_utf8(empty).unwrap().lines().count(), 1);
    let orphan = ground.import("orphan", &dated("2wd", "", "", "")).await.unwrap();
    assert_eq!((orphan.errors[0].row, orphan.errors[0].column.as_str()), (1, "parent"));
}
