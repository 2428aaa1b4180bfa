//! A suite of one small service, on both databases.

use futures::{FutureExt as _, future::BoxFuture};
use kernel::{DecodeError, LogPosition, StoredEvent, Timestamp};
use platform::{
    database::table::Row as _,
    log::Recorded,
    projection::Projection,
    row,
    service::{Context, Service, StartError},
};
use testkit::{Db, Suite};
use tonic::service::RoutesBuilder;

row! {
    /// How many notes an aggregate has.
    pub struct NoteRow in "notes" version 1 {
        /// How many.
        pub notes: i64,
    }
    indexes []
}

struct Noted;

impl StoredEvent for Noted {
    fn ce_type(&self) -> &'static str {
        "weft.test.noted.v1"
    }

    fn occurred_at(&self) -> Timestamp {
        testkit::clock::START
    }

    fn encode(&self) -> Vec<u8> {
        b"{}".to_vec()
    }

    fn decode(_: &str, _: &[u8]) -> Result<Self, DecodeError> {
        Ok(Self)
    }
}

struct Notes;

impl Projection for Notes {
    type Row = NoteRow;
    type Event = String;

    fn read(&self, event: &Recorded) -> Result<Option<String>, DecodeError> {
        Ok(Some(event.aggregate_id().to_owned()))
    }

    fn keys(&self, id: &String) -> Vec<String> {
        vec![id.clone()]
    }

    fn fold(&self, _: &str, row: Option<NoteRow>, _: &String, _: &Recorded) -> Option<NoteRow> {
        Some(NoteRow { notes: row.map_or(0, |row| row.notes) + 1 })
    }
}

fn start<'a>(
    context: &'a Context,
    _: &'a mut RoutesBuilder,
) -> BoxFuture<'a, Result<(), StartError>> {
    async move {
        let database = context.database("notes").await?;
        context.projection("notes", &database, Notes).await?;
        Ok(())
    }
    .boxed()
}

fn notes() -> Service {
    Service { name: "notes", defaults: "", methods: &[], start }
}

const SUBJECT: &str = "weft.620821.000.000.note.a";
const ID: &str = "620821000000-a";

async fn stored(suite: &Suite) -> i64 {
    let database = suite.context().database("notes").await.unwrap();
    let rows = database.fetch(platform::database::table::select::<NoteRow>()).await.unwrap();
    rows.first().map_or(0, |row| NoteRow::read(row, 1).unwrap().notes)
}

async fn what_was_appended_is_in_the_table_and_stays(db: Db) {
    let suite = Suite::start(vec![notes()], db).await;
    suite.append(SUBJECT, ID, &[Noted, Noted]).await;
    suite.append(SUBJECT, ID, &[Noted]).await;
    suite.settled().await;
    assert_eq!(suite.head().await, LogPosition { log: "WEFT_620821".to_owned(), sequence: 3 });
    assert_eq!(stored(&suite).await, 3);
    let suite = suite.restart().await;
    suite.append(SUBJECT, ID, &[Noted]).await;
    suite.settled().await;
    assert_eq!(stored(&suite).await, 4);
    let suite = suite.restart_without_databases().await;
    suite.settled().await;
    assert_eq!(stored(&suite).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_appended_is_in_the_table_and_stays_on_sqlite() {
    what_was_appended_is_in_the_table_and_stays(Db::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_appended_is_in_the_table_and_stays_on_postgres() {
    what_was_appended_is_in_the_table_and_stays(Db::Postgres).await;
}
