//! What a category asks besides.

use api::intake::v1::{ImportCategoriesResponse, ReportCaseRequest};
use kernel::Role;
use testkit::Db;

use crate::ground::{Ground, LAMP, get, lamp, report, wrong_fields};

on_both_databases! {
    answers_are_checked_sealed_and_shown_with_the_form_of_their_day
    a_hostile_form_is_refused_and_nothing_is_written
}

const FORM: &str = r#"{"type":"object","required":["poles"],"properties":{"poles":{"type":"integer","minimum":1,"title":"几盏","x-title-en":"how many"},"call":{"type":"string","title":"联系方式"}}}"#;

/// Imports a table with one leaf that has this form.
async fn import(ground: &Ground, request_id: &str, form: &str) -> ImportCategoriesResponse {
    let table = format!(
        "code,parent,name_zh,name_en,kind,department_zh,limit,urgency,admission,confidential,consent_needed,report_earns_points,form\n\
         0101,01,路灯不亮或损坏,street lamp out or broken,component,乡镇村镇建设服务中心,2wd,normal,grid,no,no,no,\"{}\"\n",
        form.replace('"', "\"\"")
    );
    let answer = ground.import(request_id, &table).await.unwrap();
    ground.suite.settled().await;
    answer
}

fn answered(request_id: &str, answers: &str) -> ReportCaseRequest {
    ReportCaseRequest { form_answers: answers.into(), ..lamp(request_id) }
}

async fn answers_are_checked_sealed_and_shown_with_the_form_of_their_day(db: Db) {
    let mut ground = Ground::start(db).await;
    let mut resident = ground.resident(1);
    let unasked = resident.report_case(answered("unasked", "{\"a\":1}")).await;
    assert_eq!(wrong_fields(unasked), ["form_answers"]);
    assert_eq!(import(&ground, "form", FORM).await.written, 1);

    for (answers, fields) in [
        ("", vec!["form_answers/poles"]),
        ("nonsense", vec!["form_answers"]),
        (r#"{"poles":0,"colour":"red"}"#, vec!["form_answers/colour", "form_answers/poles"]),
    ] {
        assert_eq!(wrong_fields(resident.report_case(answered("wrong", answers)).await), fields);
    }
    // Told at once with all else that is wrong.
    let nowhere = ReportCaseRequest { place: None, ..answered("nowhere", "{}") };
    assert_eq!(wrong_fields(resident.report_case(nowhere).await), ["form_answers/poles", "place"]);

    let good = r#"{"call":"13800138000","poles":3}"#;
    let case = report(&mut resident, answered("good", good)).await.case_id;
    let again = report(&mut resident, answered("good", good)).await.case_id;
    assert_eq!(case, again);

    // Another form comes: what was answered before is shown with the one by which it was asked.
    assert_eq!(import(&ground, "other", &FORM.replace("poles", "lamps")).await.written, 1);
    let own = get(&mut resident, &case, None).await.unwrap();
    assert_eq!(own.form_answers, good);
    assert!(own.form_schema.contains("poles") && !own.form_schema.contains("lamps"));
    let desk = ground.seen(&case).await;
    assert_eq!(desk.form_answers, good);
    let data: serde_json::Value = serde_json::from_str(&desk.timeline[0].data).unwrap();
    assert_eq!(data["form"]["catalogue_version"], 2);
    assert!(!desk.timeline[0].data.contains("13800138000"));
    let mut supervisor = ground.of_division(Role::Supervisor, "620821");
    let masked = get(&mut supervisor, &case, None).await.unwrap().form_answers;
    assert!(
        masked.contains("138***")
            && !masked.contains("13800138000")
            && masked.contains("\"poles\":3"),
        "{masked}"
    );

    ground.suite = ground.suite.restart_without_databases().await;
    let rebuilt = ground.seen(&case).await;
    assert_eq!((rebuilt.form_answers.as_str(), rebuilt.form_schema), (good, own.form_schema));
    let list = api::intake::v1::ListCategoriesRequest { min_position: None };
    let list = ground.resident(1).list_categories(list).await.unwrap().into_inner();
    let lamp = list.categories.iter().find(|category| category.code == LAMP).unwrap();
    assert!(lamp.has_form);
}

async fn a_hostile_form_is_refused_and_nothing_is_written(db: Db) {
    let ground = Ground::start(db).await;
    let before = ground.suite.head().await;
    for form in [
        "{",
        r#"{"type":"object","properties":{"a":{"$ref":"http://127.0.0.1/"}}}"#,
        r#"{"type":"object","properties":{"a":{"type":"string","pattern":"((a{99}){99}){99}"}}}"#,
        &format!("\"{}\"", "x".repeat(20_000)),
    ] {
        let answer = import(&ground, "hostile", form).await;
        assert_eq!((answer.errors[0].row, answer.errors[0].column.as_str()), (1, "form"), "{form}");
    }
    assert_eq!(ground.suite.head().await, before);
}
