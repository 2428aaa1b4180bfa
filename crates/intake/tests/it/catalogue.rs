//! The catalogue: imported, listed, changed.

use api::intake::v1::{Category, ImportCategoriesRequest, ListCategoriesRequest};
use kernel::Role;
use testkit::Db;
use tonic::Code;

use crate::ground::{CATALOGUE, Ground, LAMP, lamp, refusal, wrong_fields};

on_both_databases! {
    the_shipped_catalogue_is_imported_once
    a_change_writes_what_changed_and_a_wrong_table_writes_nothing
}

async fn listed(ground: &Ground) -> (u32, Vec<Category>) {
    ground.suite.settled().await;
    let request = ListCategoriesRequest { min_position: None };
    let list = ground.resident(1).list_categories(request).await.unwrap().into_inner();
    (list.catalogue_version, list.categories)
}

async fn the_shipped_catalogue_is_imported_once(db: Db) {
    let ground = Ground::bare(db).await;
    let unknown = ground.resident(1).report_case(lamp("r")).await;
    assert!(wrong_fields(unknown).contains(&"category".to_owned()));
    let first = ground.import("first", CATALOGUE).await.unwrap();
    assert_eq!((first.rows, first.written, first.errors.len()), (144, 157, 0));
    let before = ground.suite.head().await;
    let second = ground.import("second", CATALOGUE).await.unwrap();
    assert_eq!((second.rows, second.written), (144, 0));
    assert_eq!(ground.suite.head().await, before, "a second import writes nothing");
    assert_eq!(ground.import("first", CATALOGUE).await.unwrap().written, 157);

    let (version, categories) = listed(&ground).await;
    assert_eq!((version, categories.len()), (1, 157));
    let find = |code: &str| categories.iter().find(|category| category.code == code).unwrap();
    let lamp = find(LAMP);
    assert_eq!(
        (lamp.parent.as_str(), lamp.name_zh.as_str(), lamp.name_en.as_str()),
        ("01", "路灯不亮或损坏", "street lamp out or broken")
    );
    assert_eq!((lamp.handler_kind.as_str(), lamp.limit.as_str()), ("d001", "2wd"));
    let group = find("01");
    assert_eq!((group.name_zh.as_str(), group.kind.as_str()), ("公共设施", ""));
    assert!(categories.iter().all(|category| !category.name_zh.is_empty()));
    let under_a_group =
        api::intake::v1::ReportCaseRequest { category: "01".into(), ..crate::ground::lamp("g") };
    let refused = ground.resident(1).report_case(under_a_group).await;
    assert!(wrong_fields(refused).contains(&"category".to_owned()));
}

async fn a_change_writes_what_changed_and_a_wrong_table_writes_nothing(db: Db) {
    let ground = Ground::bare(db).await;
    let mut administrator = ground.of_division(Role::Administrator, "620821");
    let mut township = ground.of_division(Role::Administrator, "620821101");
    let request = |dry_run, csv: &str| ImportCategoriesRequest {
        request_id: "dry".into(),
        csv: csv.as_bytes().to_vec(),
        dry_run,
    };
    let foreign = township.import_categories(request(false, CATALOGUE)).await;
    assert_eq!(refusal(foreign), (Code::PermissionDenied, "OUT_OF_SCOPE".into()));
    let dry = administrator.import_categories(request(true, CATALOGUE)).await.unwrap();
    assert_eq!((dry.get_ref().rows, dry.get_ref().written), (144, 0));
    let wrong = CATALOGUE.replacen("2wd", "2 days", 1).replacen("供电所", "电厂", 1);
    let answer = administrator.import_categories(request(false, &wrong)).await.unwrap();
    let errors = &answer.get_ref().errors;
    let places: Vec<(u32, &str)> =
        errors.iter().map(|error| (error.row, error.column.as_str())).collect();
    assert_eq!(places, [(1, "limit"), (6, "department_zh")]);
    assert!(errors.iter().all(|error| !error.reason_zh.is_empty()));
    assert_eq!(ground.suite.head().await.sequence, 0, "nothing was written");

    ground.import("first", CATALOGUE).await.unwrap();
    let renamed = CATALOGUE.replacen("路灯不亮或损坏", "路灯不亮", 1);
    assert_eq!(ground.import("renamed", &renamed).await.unwrap().written, 1);
    let (version, categories) = listed(&ground).await;
    assert_eq!(version, 2);
    let lamp = categories.iter().find(|category| category.code == LAMP).unwrap();
    assert_eq!(lamp.name_zh, "路灯不亮");
    let stricter = renamed.replacen("2wd", "1wd", 1);
    assert_eq!(ground.import("stricter", &stricter).await.unwrap().written, 1);
    let (version, categories) = listed(&ground).await;
    let lamp = categories.iter().find(|category| category.code == LAMP).unwrap();
    assert_eq!((version, lamp.limit.as_str(), lamp.name_zh.as_str()), (3, "1wd", "路灯不亮"));
}
