//! The PostgreSQL of a process of tests.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use platform::database::{Database, DatabaseSettings};
use testkit::{postgres::TestPostgres, until};

const ASKED: &str = "TEST_OF_WEFT_POSTGRES";

#[tokio::test]
async fn each_test_has_a_database_of_its_own() {
    let open = |database: &TestPostgres| {
        let settings = DatabaseSettings::Postgres(database.url().to_owned());
        async move { Database::open(&settings, "test").await.unwrap() }
    };
    let (one, other) = (TestPostgres::create().await, TestPostgres::create().await);
    open(&one).await.execute("CREATE TABLE mine (id BIGINT)").await.unwrap();
    open(&one).await.execute("DROP TABLE mine").await.unwrap();
    open(&other).await.execute("DROP TABLE mine").await.unwrap_err();
}

/// The owner is a process of its own: this test binary again.
#[tokio::test]
async fn it_ends_with_a_process_that_is_killed_and_leaves_no_files() {
    let mut owner = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "postgres::owner", "--ignored", "--nocapture"])
        .env(ASKED, "1")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(owner.stdout.take().unwrap()).lines();
    let line = lines.map_while(Result::ok).find(|line| line.contains("PostgreSQL is at "));
    let dir = line.unwrap().rsplit_once("host=").unwrap().1.to_owned();
    let pid = std::fs::read_to_string(Path::new(&dir).join("data/postmaster.pid")).unwrap();
    let process = format!("/proc/{}", pid.lines().next().unwrap());
    assert!(Path::new(&process).exists());
    owner.kill().unwrap();
    owner.wait().unwrap();
    until("the end of the server and of its files", || async {
        !Path::new(&process).exists() && !Path::new(&dir).exists()
    })
    .await;
}

#[tokio::test]
#[ignore = "run by it_ends_with_a_process_that_is_killed_and_leaves_no_files, to be killed"]
async fn owner() {
    #[expect(clippy::disallowed_methods, reason = "how a test's process is told what it is")]
    if std::env::var_os(ASKED).is_none() {
        return;
    }
    println!("PostgreSQL is at {}", TestPostgres::create().await.url());
    std::future::pending::<()>().await;
}
