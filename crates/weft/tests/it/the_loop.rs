//! The main job from end to end: a county is imported, its cases are played by people with their own
//! tokens, and all that was accepted is there.

use testkit::postgres::TestPostgres;

use crate::county::County;

fn the_loop(county: &mut County) {
    let again = county.run(&[
        "import",
        "categories",
        &crate::county::resource("categories.csv").display().to_string(),
    ]);
    assert!(again.contains(" 0 written"), "a second import changes nothing: {again}");

    let played = county.run(&["simulate", "--cases", "80", "--concurrency", "16", "--json"]);
    let played: serde_json::Value = serde_json::from_str(&played).unwrap();
    assert_eq!(played["played"], 80);
    assert_eq!(played["errors"], 0);

    let head = county.settle();
    let verified = county.run(&["verify", "--json"]);
    let verified: serde_json::Value = serde_json::from_str(&verified).unwrap();
    assert_eq!(verified["holds"], true);
    assert_eq!(verified["events"].as_u64(), Some(head));
    assert!(verified["tables"].as_array().unwrap().len() > 8);

    assert!(county.stop().success(), "SIGTERM ends it in good order");
    county.up();
    // While nobody has an account, each start makes one link for the first who will.
    let links = county.settle() - head;
    assert!(links <= 1, "a restart does nothing twice, found {links} events");
}

#[test]
fn a_county_lives_from_the_import_to_the_rating_on_sqlite() {
    the_loop(&mut County::settled(&[]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_county_lives_from_the_import_to_the_rating_on_postgres() {
    let postgres = TestPostgres::create().await;
    let url = format!("database.url={:?}", postgres.url());
    tokio::task::spawn_blocking(move || the_loop(&mut County::settled(&[&url]))).await.unwrap();
}
