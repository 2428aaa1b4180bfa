//! Projections on both databases: twice is once, a crash loses nothing, and what is lost is rebuilt.

mod rebuild;
mod rows;
mod sums;

use std::sync::Arc;

use platform::{
    database::{Database, DatabaseSettings, Dialect},
    log::{EventLog, feed::Batch},
    projection::{ProjectionError, Request, Runner, View},
};
use tempfile::TempDir;
use testkit::{Db, postgres::TestPostgres, until};
use tokio::sync::{mpsc, oneshot};

use crate::ground::{Ground, append, counted, fill, head, read_to};
use rows::{Counts, CountsAnew, Row, RowAnew};

/// A database of its own, on either kind.
struct Place {
    settings: DatabaseSettings,
    _folder: TempDir,
}

impl Place {
    async fn new(db: Db) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = match db {
            Db::Sqlite => DatabaseSettings::Sqlite(folder.path().to_owned()),
            Db::Postgres => {
                DatabaseSettings::Postgres(TestPostgres::create().await.url().to_owned())
            }
        };
        Self { settings, _folder: folder }
    }

    async fn database(&self) -> Database {
        Database::open(&self.settings, "test").await.unwrap()
    }
}

async fn open(place: &Place, log: &EventLog) -> (Runner<Counts>, View<Row>) {
    Runner::open(Counts, place.database().await, log.clone()).await.unwrap()
}

/// The whole log as batches of this size.
async fn batches(ground: &Ground, log: &EventLog, size: usize) -> Vec<Batch> {
    let (feed, _) = ground.feed(log);
    let events = read_to(&mut feed.subscribe(0), head(log).await).await;
    events.chunks(size).map(|some| Arc::new(some.to_vec())).collect()
}

async fn stored(view: &View<Row>) -> Vec<(String, i64, String)> {
    let all = platform::database::table::select::<Row>().and(" ORDER BY id");
    let rows = view.fetch(all).await.unwrap();
    rows.into_iter().map(|(id, row)| (id, row.counted, row.last)).collect()
}

fn row(key: &str, counted: i64, last: &str) -> (String, i64, String) {
    (crate::counter::id(key), counted, last.to_owned())
}

/// Starts a runner and gives what asks it.
fn start(
    ground: &Ground,
    log: &EventLog,
    mut runner: Runner<Counts>,
) -> mpsc::Sender<Request<Counts>> {
    let (feed, _) = ground.feed(log);
    let (ask, mut asked) = mpsc::channel(1);
    ground.life.spawn("runner", async move {
        let batches = feed.subscribe(runner.position());
        runner.run(batches, &mut asked).await
    });
    ask
}

async fn differences(ask: &mpsc::Sender<Request<Counts>>) -> Vec<String> {
    let (answer, answered) = oneshot::channel();
    ask.send(Request::Verify(answer)).await.unwrap_or_default();
    answered.await.unwrap().unwrap()
}

const LIMIT: std::time::Duration = std::time::Duration::from_secs(30);

async fn applied_twice_is_once(db: Db) {
    let (ground, place) = (Ground::new().await, Place::new(db).await);
    let log = ground.log().await;
    append(&log, "1", "a", &[counted("x"), counted("y")]).await.unwrap();
    append(&log, "2", "b", &[counted("z")]).await.unwrap();
    append(&log, "3", "a", &[counted("w")]).await.unwrap();
    let expected = [row("a", 3, "w"), row("b", 1, "z")];
    let all = batches(&ground, &log, 4).await;
    let (mut runner, view) = open(&place, &log).await;
    runner.apply(&all).await.unwrap();
    runner.apply(&all).await.unwrap();
    assert_eq!(stored(&view).await, expected);
    // A batch of which a part is applied: the rest is, once.
    append(&log, "4", "b", &[counted("v")]).await.unwrap();
    runner.apply(&batches(&ground, &log, 5).await).await.unwrap();
    let (mut runner, view) = open(&place, &log).await;
    runner.apply(&batches(&ground, &log, 2).await).await.unwrap();
    assert_eq!(stored(&view).await, [row("a", 3, "w"), row("b", 2, "v")]);
    assert_eq!(view.position(), 5);
}

async fn a_crash_between_batches_resumes_from_the_checkpoint(db: Db) {
    let (ground, place) = (Ground::new().await, Place::new(db).await);
    let log = ground.log().await;
    fill(&log, 0..40).await;
    let all = batches(&ground, &log, 10).await;
    let (mut runner, _) = open(&place, &log).await;
    runner.apply(&all[..2]).await.unwrap();
    drop(runner);
    let (runner, view) = open(&place, &log).await;
    assert_eq!((runner.position(), view.position()), (20, 20));
    assert_eq!(stored(&view).await.len(), 20);
    let ask = start(&ground, &log, runner);
    view.wait(40, LIMIT).await.unwrap();
    assert_eq!(stored(&view).await.len(), 40);
    assert_eq!(differences(&ask).await, Vec::<String>::new());
}

async fn two_that_apply_to_one_table_do_not_both(db: Db) {
    let (ground, place) = (Ground::new().await, Place::new(db).await);
    let log = ground.log().await;
    fill(&log, 0..20).await;
    let all = batches(&ground, &log, 10).await;
    let ((mut one, _), (mut other, view)) = (open(&place, &log).await, open(&place, &log).await);
    one.apply(&all[..1]).await.unwrap();
    let late = other.apply(&all).await;
    assert!(matches!(late, Err(ProjectionError::Overtaken("counts"))), "{late:?}");
    assert_eq!(stored(&view).await.len(), 10, "nothing of the late one is there");
    other.reopen().await.unwrap();
    other.apply(&all).await.unwrap();
    assert!(stored(&view).await.iter().all(|(_, counted, _)| *counted == 1));
}

async fn a_table_of_another_version_is_built_anew(db: Db) {
    let (ground, place) = (Ground::new().await, Place::new(db).await);
    let log = ground.log().await;
    fill(&log, 0..5).await;
    let all = batches(&ground, &log, 5).await;
    let (mut runner, old) = open(&place, &log).await;
    runner.apply(&all).await.unwrap();
    let (mut anew, view): (_, View<RowAnew>) =
        Runner::open(CountsAnew, place.database().await, log.clone()).await.unwrap();
    assert_eq!(anew.position(), 0);
    anew.apply(&all).await.unwrap();
    let row = view.get(&crate::counter::id("f3")).await.unwrap().unwrap();
    assert_eq!(row.first, "f3");
    assert_eq!(stored(&old).await.len(), 5, "the old one serves until then");
}

async fn a_tampered_row_is_found(db: Db) {
    let (ground, place) = (Ground::new().await, Place::new(db).await);
    let log = ground.log().await;
    fill(&log, 0..30).await;
    let (runner, view) = open(&place, &log).await;
    let ask = start(&ground, &log, runner);
    view.wait(30, LIMIT).await.unwrap();
    assert_eq!(differences(&ask).await, Vec::<String>::new());
    let (changed, gone) = (crate::counter::id("f3"), crate::counter::id("f5"));
    let sql = |text: String| {
        let view = view.clone();
        async move { view.database().execute(&text).await.unwrap() }
    };
    sql(format!("UPDATE counts__v1 SET counted = 2 WHERE id = '{changed}'")).await;
    assert_eq!(differences(&ask).await, [format!("counts {changed} differs from the log")]);
    sql(format!("UPDATE counts__v1 SET counted = 1 WHERE id = '{changed}'")).await;
    sql(format!("DELETE FROM counts__v1 WHERE id = '{gone}'")).await;
    assert_eq!(differences(&ask).await, ["counts lacks 1 rows that the log has"]);
    sql(format!("UPDATE counts__v1 SET id = '{gone}' WHERE id = '{changed}'")).await;
    sql("INSERT INTO counts__v1 (id, counted, last) VALUES ('nobody', 1, 'x')".to_owned()).await;
    let found = differences(&ask).await;
    assert!(found.contains(&"counts nobody is not in the log".to_owned()), "{found:?}");
    assert!(found.contains(&format!("counts {gone} differs from the log")), "{found:?}");
}

/// A log of which a younger copy was put back, and on which others wrote since.
async fn a_sequence_that_was_used_again_is_noticed(db: Db) {
    let (ground, place) = (Ground::new().await, Place::new(db).await);
    let log = ground.log().await;
    append(&log, "1", "a", &[counted("x"), counted("y")]).await.unwrap();
    let all = batches(&ground, &log, 2).await;
    let (mut runner, view) = open(&place, &log).await;
    runner.apply(&all).await.unwrap();
    let other = "UPDATE checkpoint SET event = 'another-1' WHERE id = 'counts__v1'";
    view.database().execute(other).await.unwrap();
    let opened = Runner::open(Counts, place.database().await, log.clone()).await;
    let error = opened.err().expect("it does not go on");
    assert!(matches!(error, ProjectionError::Rewritten { sequence: 2, .. }), "{error}");
    assert!(error.to_string().contains("restore it from a copy"), "{error}");
    let beyond = "UPDATE checkpoint SET event = 'another-1', sequence = 9 WHERE id = 'counts__v1'";
    view.database().execute(beyond).await.unwrap();
    let opened = Runner::open(Counts, place.database().await, log.clone()).await;
    assert!(matches!(opened.err(), Some(ProjectionError::Rewritten { sequence: 9, .. })));
}

async fn a_table_of_another_log_of_the_same_name_is_rebuilt(db: Db) {
    let place = Place::new(db).await;
    {
        let ground = Ground::new().await;
        let log = ground.log().await;
        fill(&log, 0..10).await;
        let (mut runner, view) = open(&place, &log).await;
        runner.apply(&batches(&ground, &log, 10).await).await.unwrap();
        assert_eq!(stored(&view).await.len(), 10);
    }
    let ground = Ground::new().await;
    let log = ground.log().await;
    append(&log, "1", "new", &[counted("x")]).await.unwrap();
    let (runner, view) = open(&place, &log).await;
    assert_eq!(runner.position(), 0);
    let ask = start(&ground, &log, runner);
    view.wait(1, LIMIT).await.unwrap();
    assert_eq!(stored(&view).await, [row("new", 1, "x")]);
    assert_eq!(differences(&ask).await, Vec::<String>::new());
}

async fn a_lost_database_is_rebuilt_the_same(db: Db) {
    let (ground, place) = (Ground::new().await, Place::new(db).await);
    let log = ground.log().await;
    fill(&log, 0..250).await;
    append(&log, "more", "f7", &[counted("x"), counted("y")]).await.unwrap();
    let end = head(&log).await;
    let (runner, view) = open(&place, &log).await;
    start(&ground, &log, runner);
    view.wait(end, LIMIT).await.unwrap();
    let before = stored(&view).await;
    let place = Place::new(db).await;
    let (runner, view) = open(&place, &log).await;
    start(&ground, &log, runner);
    view.wait(end, LIMIT).await.unwrap();
    assert_eq!(stored(&view).await, before);
}

async fn a_killed_server_loses_and_doubles_no_row(db: Db) {
    let (ground, place) = (Ground::new().await, Place::new(db).await);
    let log = ground.log().await;
    let (runner, view) = open(&place, &log).await;
    let ask = start(&ground, &log, runner);
    fill(&log, 0..50).await;
    view.wait(50, LIMIT).await.unwrap();
    ground.nats.crash().await;
    fill(&log, 50..100).await;
    view.wait(100, LIMIT).await.unwrap();
    let rows = stored(&view).await;
    assert_eq!(rows.len(), 100);
    assert!(rows.iter().all(|(_, counted, _)| *counted == 1));
    assert_eq!(differences(&ask).await, Vec::<String>::new());
}

/// What one process applies another reads, also where the events do not concern the table.
#[tokio::test(flavor = "multi_thread")]
async fn a_follower_reaches_what_the_leader_has_read_on_postgres() {
    let (ground, place) = (Ground::new().await, Place::new(Db::Postgres).await);
    let log = ground.log().await;
    let ((runner, leading), (follower, following)) =
        (open(&place, &log).await, open(&place, &log).await);
    let follower = tokio::sync::Mutex::new(follower);
    assert_eq!(leading.database().dialect(), Dialect::Postgres);
    start(&ground, &log, runner);
    fill(&log, 0..3).await;
    append(&log, "open", "a", &[rows::not_counted()]).await.unwrap();
    until("the follower is there", || async {
        follower.lock().await.follow().await.unwrap();
        following.position() == 4
    })
    .await;
    assert_eq!(stored(&following).await.len(), 3);
    assert!(open(&place, &log).await.0.position() == 4, "and the checkpoint is a good one");
}

macro_rules! on_both_databases {
    ($($scenario:ident $sqlite:ident $postgres:ident;)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $sqlite() {
            Box::pin($scenario(Db::Sqlite)).await;
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn $postgres() {
            Box::pin($scenario(Db::Postgres)).await;
        }
    )*};
}
use on_both_databases;

on_both_databases! {
    applied_twice_is_once
        applied_twice_is_once_on_sqlite
        applied_twice_is_once_on_postgres;
    a_crash_between_batches_resumes_from_the_checkpoint
        a_crash_between_batches_resumes_from_the_checkpoint_on_sqlite
        a_crash_between_batches_resumes_from_the_checkpoint_on_postgres;
    two_that_apply_to_one_table_do_not_both
        two_that_apply_to_one_table_do_not_both_on_sqlite
        two_that_apply_to_one_table_do_not_both_on_postgres;
    a_table_of_another_version_is_built_anew
        a_table_of_another_version_is_built_anew_on_sqlite
        a_table_of_another_version_is_built_anew_on_postgres;
    a_tampered_row_is_found
        a_tampered_row_is_found_on_sqlite
        a_tampered_row_is_found_on_postgres;
    a_sequence_that_was_used_again_is_noticed
        a_sequence_that_was_used_again_is_noticed_on_sqlite
        a_sequence_that_was_used_again_is_noticed_on_postgres;
    a_table_of_another_log_of_the_same_name_is_rebuilt
        a_table_of_another_log_of_the_same_name_is_rebuilt_on_sqlite
        a_table_of_another_log_of_the_same_name_is_rebuilt_on_postgres;
    a_lost_database_is_rebuilt_the_same
        a_lost_database_is_rebuilt_the_same_on_sqlite
        a_lost_database_is_rebuilt_the_same_on_postgres;
    a_killed_server_loses_and_doubles_no_row
        a_killed_server_loses_and_doubles_no_row_on_sqlite
        a_killed_server_loses_and_doubles_no_row_on_postgres;
}
