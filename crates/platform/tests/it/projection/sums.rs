//! Sums beside a table, and rows that are found through others.

use std::sync::Arc;

use kernel::{DecodeError, StoredEvent as _};
use platform::{
    database::statement::{Statement, Value},
    log::{Recorded, feed::Batch},
    projection::{
        Projection, Runner, View, rebuild,
        tally::{self, Kind, Tallies, Tally},
    },
    row,
};
use testkit::Db;
use tokio::sync::{mpsc, oneshot};

use super::{LIMIT, Place, batches};
use crate::{
    counter::Event,
    ground::{Ground, append, counted, head},
};

super::on_both_databases! {
    sums_beside_a_table_are_verified_and_rebuilt_with_it
        sums_are_verified_and_rebuilt_on_sqlite sums_are_verified_and_rebuilt_on_postgres;
}

row! {
    /// A counter, which names its group by its first letter; or a group.
    pub struct Grouped in "grouped" version 1 {
        /// The group of a counter.
        pub of: String,
        /// How often was counted.
        pub counted: i64,
    }
    indexes []
}

/// Counters open themselves in a group; what they count is found through them.
struct Groups;

impl Projection for Groups {
    type Row = Grouped;
    type Event = (String, Event);
    const TALLIES: Option<Tallies> = Some(Tallies {
        keys: &[("parity", Kind::Int), ("name", Kind::Text)],
        counters: &["groups", "counts"],
    });

    fn read(&self, event: &Recorded) -> Result<Option<Self::Event>, DecodeError> {
        let id = event.aggregate_id().to_owned();
        Ok(Some((id, Event::decode(&event.ce_type, &event.payload)?)))
    }

    fn keys(&self, (id, event): &Self::Event) -> Vec<String> {
        match event {
            Event::Opened(_) => vec![id.clone()],
            Event::Counted(..) | Event::Closed(_) => Vec::new(),
        }
    }

    fn guide(&self, (id, event): &Self::Event) -> Option<String> {
        match event {
            Event::Opened(_) => None,
            Event::Counted(..) | Event::Closed(_) => Some(id.clone()),
        }
    }

    fn guided(&self, _: &Self::Event, guide: &Grouped) -> Vec<String> {
        vec![guide.of.clone()]
    }

    fn fold(
        &self,
        _: &str,
        row: Option<Grouped>,
        (id, event): &Self::Event,
        _: &Recorded,
    ) -> Option<Grouped> {
        let group = id.chars().skip(13).take(1).collect();
        match (row, event) {
            (_, Event::Opened(_)) => Some(Grouped { of: group, counted: 0 }),
            (row, Event::Counted(..)) => {
                Some(Grouped { of: String::new(), counted: row.map_or(0, |row| row.counted) + 1 })
            }
            // A group that is closed is gone.
            (_, Event::Closed(_)) => None,
        }
    }

    fn tallies(
        &self,
        before: Option<&Grouped>,
        now: Option<&Grouped>,
        _: &Self::Event,
    ) -> Vec<Tally> {
        let of = |row: Option<&Grouped>| row.filter(|row| row.of.is_empty()).map(|row| row.counted);
        let tally = |counted: i64, sign: i64| Tally {
            key: vec![Value::from(counted % 2), Value::from("all")],
            adds: vec![(0, sign), (1, sign * counted)],
        };
        let gone = of(before).map(|counted| tally(counted, -1));
        gone.into_iter().chain(of(now).map(|counted| tally(counted, 1))).collect()
    }
}

/// Parity, groups and counts, of what is not zero.
async fn sums(view: &View<Grouped>) -> Vec<[i64; 3]> {
    use sqlx::Row as _;
    let table = tally::name::<Grouped>();
    let words = format!("SELECT parity, groups, counts FROM {table} ORDER BY parity");
    let rows = view.database().fetch(Statement::new(&words)).await.unwrap();
    let rows = rows.iter().map(|row| [0, 1, 2].map(|column| row.try_get(column).unwrap()));
    rows.filter(|sums: &[i64; 3]| sums[1..] != [0, 0]).collect()
}

async fn sums_beside_a_table_are_verified_and_rebuilt_with_it(db: Db) {
    let (ground, place) = (Ground::new().await, Place::new(db).await);
    let log = ground.log().await;
    let opened = |at| Event::Opened(at);
    for (number, counter) in ["a1", "a2", "b1", "c1"].into_iter().enumerate() {
        append(&log, &format!("o{number}"), counter, &[opened(1), counted("x")]).await.unwrap();
    }
    append(&log, "more", "a2", &[counted("y")]).await.unwrap();
    append(&log, "end", "c1", &[Event::Closed(9)]).await.unwrap();
    let end = head(&log).await;
    // Groups a (3) and b (1) are left; and a batch in which a guide is made leads to the same.
    let expected = vec![[1, 2, 4]];
    for size in [1, 3, 100] {
        let place = Place::new(db).await;
        let opened = Runner::open(Groups, place.database().await, log.clone()).await;
        let (mut runner, view) = opened.unwrap();
        for batch in batches(&ground, &log, size).await {
            let again: Batch = Arc::clone(&batch);
            runner.apply(&[batch]).await.unwrap();
            runner.apply(&[again]).await.unwrap();
        }
        assert_eq!(sums(&view).await, expected, "in batches of {size}");
    }

    let opened = Runner::open(Groups, place.database().await, log.clone()).await;
    let (mut runner, view) = opened.unwrap();
    let (feed, _) = ground.feed(&log);
    let (ask, mut asked) = mpsc::channel(1);
    ground.life.spawn("runner", async move {
        let batches = feed.subscribe(runner.position());
        runner.run(batches, &mut asked).await
    });
    view.wait(end, LIMIT).await.unwrap();
    let differences = async || {
        let (answer, answered) = oneshot::channel();
        ask.send(platform::projection::Request::Verify(answer)).await.unwrap_or_default();
        answered.await.unwrap().unwrap()
    };
    assert_eq!(differences().await, Vec::<String>::new());
    let table = tally::name::<Grouped>();
    let damage = format!("UPDATE {table} SET counts = 5 WHERE parity = 1");
    view.database().execute(&damage).await.unwrap();
    let found = differences().await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with(&table) && found[0].ends_with("differs from the log"));
    view.database().execute(&format!("DELETE FROM {table}")).await.unwrap();
    assert_eq!(differences().await, [format!("{table} lacks 1 keys that the log has")]);
    for _ in 0..2 {
        rebuild(&ask, &|_, _| {}).await.unwrap();
        assert_eq!(sums(&view).await, expected);
        assert_eq!(differences().await, Vec::<String>::new());
    }
    append(&log, "later", "b1", &[counted("z")]).await.unwrap();
    view.wait(head(&log).await, LIMIT).await.unwrap();
    assert_eq!(sums(&view).await, [[0, 1, 2], [1, 1, 3]]);
}
