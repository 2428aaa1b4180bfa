//! A table that is rebuilt beside the one that is read, and what is left of older versions.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use platform::projection::{RebuildError, Request, Runner, View, rebuild};
use testkit::{Db, until};
use tokio::sync::mpsc;

use super::{
    LIMIT, Place, batches, differences, on_both_databases, open,
    rows::{Counts, CountsAnew, Row, RowAnew},
    start, stored,
};
use crate::ground::{Ground, append, counted, fill, head};

async fn tables(view: &View<impl platform::database::table::Row>) -> Vec<String> {
    use sqlx::Row as _;
    let statement = platform::database::statement::Statement::new("SELECT id FROM checkpoint");
    let rows = view.database().fetch(statement).await.unwrap();
    let mut names: Vec<String> = rows.iter().map(|row| row.try_get(0).unwrap()).collect();
    names.sort();
    names
}

/// Reads without end until it is told to stop; every read must find all rows.
async fn read_on(view: View<Row>, rows: usize, stop: Arc<AtomicBool>) -> usize {
    let mut reads = 0;
    while !stop.load(Ordering::SeqCst) {
        assert!(stored(&view).await.len() >= rows, "a reader saw a part of a table");
        reads += 1;
    }
    reads
}

async fn a_damaged_table_is_rebuilt_while_it_is_read_and_written(db: Db) {
    let (ground, place) = (Ground::new().await, Place::new(db).await);
    let log = ground.log().await;
    fill(&log, 0..400).await;
    let (runner, view) = open(&place, &log).await;
    let ask = start(&ground, &log, runner);
    view.wait(400, LIMIT).await.unwrap();
    let damage = "UPDATE counts__v1 SET counted = 9, last = 'nobody'";
    view.database().execute(damage).await.unwrap();
    assert_eq!(differences(&ask).await.len(), 10);

    let stop = Arc::new(AtomicBool::default());
    let told = std::sync::Mutex::new(Vec::new());
    let progress = |done, end| told.lock().unwrap().push((done, end));
    let work = async {
        let (rebuilt, ()) = tokio::join!(rebuild(&ask, &progress), fill(&log, 400..450));
        assert!(rebuilt.unwrap() >= 400);
        view.wait(450, LIMIT).await.unwrap();
        stop.store(true, Ordering::SeqCst);
    };
    let ((), reads) = tokio::join!(work, read_on(view.clone(), 400, Arc::clone(&stop)));
    assert!(reads > 0);

    assert_eq!(differences(&ask).await, Vec::<String>::new());
    assert_eq!(stored(&view).await.len(), 450);
    assert_eq!(tables(&view).await, ["counts__v1"], "nothing is left of the building");
    let told = told.into_inner().unwrap();
    assert!(told.is_sorted() && told.last().is_some_and(|(done, end)| done == end), "{told:?}");
    // What comes next goes into the new table, and a restart finds it.
    append(&log, "later", "f7", &[counted("x")]).await.unwrap();
    let end = head(&log).await;
    view.wait(end, LIMIT).await.unwrap();
    assert_eq!(view.get(&crate::counter::id("f7")).await.unwrap().unwrap().counted, 2);
    rebuild(&ask, &|_, _| {}).await.unwrap();
    assert_eq!(open(&place, &log).await.0.position(), end);
}

async fn a_rebuild_that_is_given_up_changes_nothing(db: Db) {
    let (ground, place) = (Ground::new().await, Place::new(db).await);
    let log = ground.log().await;
    fill(&log, 0..50).await;
    let (runner, view) = open(&place, &log).await;
    let ask = start(&ground, &log, runner);
    view.wait(50, LIMIT).await.unwrap();
    {
        let (begun, mut beginning) = mpsc::unbounded_channel();
        let progress = move |_, _| begun.send(()).unwrap_or_default();
        let mut first = Box::pin(rebuild(&ask, &progress));
        tokio::select! {
            ended = &mut first => panic!("it ended before it was given up: {ended:?}"),
            _ = beginning.recv() => {}
        }
        let second = rebuild(&ask, &|_, _| {}).await;
        assert!(matches!(second, Err(RebuildError::UnderWay)), "{second:?}");
    }
    assert_eq!(tables(&view).await, ["counts__v1", "counts__v1__new"]);
    assert_eq!(differences(&ask).await, Vec::<String>::new());
    until("it can be done again", || async { rebuild(&ask, &|_, _| {}).await.is_ok() }).await;
    assert_eq!(tables(&view).await, ["counts__v1"]);
}

async fn an_older_version_goes_at_the_start_after_the_one_that_overtook_it(db: Db) {
    let (ground, place) = (Ground::new().await, Place::new(db).await);
    let log = ground.log().await;
    fill(&log, 0..5).await;
    let (mut runner, old) = open(&place, &log).await;
    runner.apply(&batches(&ground, &log, 5).await).await.unwrap();
    let begin = || async {
        let opened = Runner::open(CountsAnew, place.database().await, log.clone()).await;
        let (mut anew, view): (Runner<CountsAnew>, View<RowAnew>) = opened.unwrap();
        let (feed, _) = ground.feed(&log);
        let (ask, mut asked) = mpsc::channel::<Request<CountsAnew>>(1);
        ground.life.spawn("anew", async move {
            let batches = feed.subscribe(anew.position());
            let _asker = ask;
            anew.run(batches, &mut asked).await
        });
        view.wait(5, LIMIT).await.unwrap();
        view
    };
    let view = begin().await;
    assert_eq!(tables(&view).await, ["counts__v1", "counts__v2"], "one can go back");
    assert_eq!(stored(&old).await.len(), 5);
    let view = begin().await;
    until("the older version is gone", || async { tables(&view).await == ["counts__v2"] }).await;
    let all = platform::database::table::select::<Row>();
    assert!(old.fetch(all).await.is_err(), "the table is dropped, not only forgotten");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_fills_is_not_rebuilt_here() {
    let (ask, mut asked) = mpsc::channel::<Request<Counts>>(1);
    let follower = async { drop(asked.recv().await) };
    let (rebuilt, ()) = tokio::join!(rebuild(&ask, &|_, _| {}), follower);
    assert!(matches!(rebuilt, Err(RebuildError::Elsewhere)), "{rebuilt:?}");
}

on_both_databases! {
    a_damaged_table_is_rebuilt_while_it_is_read_and_written
        a_damaged_table_is_rebuilt_on_sqlite
        a_damaged_table_is_rebuilt_on_postgres;
    a_rebuild_that_is_given_up_changes_nothing
        a_rebuild_that_is_given_up_changes_nothing_on_sqlite
        a_rebuild_that_is_given_up_changes_nothing_on_postgres;
    an_older_version_goes_at_the_start_after_the_one_that_overtook_it
        an_older_version_goes_on_sqlite
        an_older_version_goes_on_postgres;
}
