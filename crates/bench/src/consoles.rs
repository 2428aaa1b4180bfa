//! Open pages: how long after an event is stored a page has its frame, with 500 pages of mixed scopes
//! and with one alone; and how long pages take to be made, with many cases in place and with few.

use std::{
    collections::HashMap,
    net::SocketAddr,
    time::{Duration, Instant},
};

use contracts::{
    intake::{CaseEvent, CaseReported, Channel, Place, PlaceSource, Urgency},
    subject,
};
use futures::future::{join_all, try_join_all};
use kernel::{
    Clock as _, GridCode, Role,
    geo::{Crs, Position},
    hash::Sha256,
    id::{CaseId, Key},
};
use platform::auth::{Basis, Claims, Scope, scope::ScopeParts};
use testkit::{Db, Suite};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    time::{MissedTickBehavior, interval, timeout},
};

use crate::table::{Table, percentile, say};

const CONSOLES: usize = 500;
const A_SECOND: u64 = 50;
const WINDOW: Duration = Duration::from_secs(30);

/// After the last event, so long for what is on its way.
const REST: Duration = Duration::from_secs(2);

/// What scopes the pages have, in turn.
const SCOPES: [&str; 5] = ["620821", "620821101", "620821102", "620821101203", "620821102201"];
const GRIDS: [&str; 4] =
    ["620821101203001", "620821102201001", "620821101204001", "620821103201001"];

const FEW: usize = 1_000;
const MANY: usize = 100_000;

/// How many cases are appended at the same time.
const AT_ONCE: usize = 1_000;

/// How often a page is asked for.
const ASKED: usize = 200;

pub(crate) async fn measure() -> anyhow::Result<Vec<Table>> {
    Ok(vec![frames().await?, pages().await?])
}

async fn frames() -> anyhow::Result<Table> {
    say("consoles");
    let mut table = Table::new(
        "From an event that is stored to its frame on an open page",
        &["pages", "events/s", "frames", "p50 ms", "p99 ms"],
    );
    let suite = Suite::start(vec![gateway::service()], Db::Sqlite).await;
    let mut number = 0;
    for consoles in [1, CONSOLES] {
        let mut took = listened(&suite, consoles, &mut number).await?;
        let (p50, p99) = (percentile(&mut took, 50), percentile(&mut took, 99));
        table.row(&[
            consoles.to_string(),
            A_SECOND.to_string(),
            took.len().to_string(),
            format!("{p50:.1}"),
            format!("{p99:.1}"),
        ]);
        let what = if p99 < 100.0 { "under" } else { "over" };
        say(&format!("  p99 {what} 100 ms with {consoles} pages"));
    }
    Ok(table)
}

/// How long each frame took, in milliseconds.
async fn listened(suite: &Suite, consoles: usize, number: &mut u128) -> anyhow::Result<Vec<f64>> {
    let open = (0..consoles).map(|n| open(suite, n, SCOPES[n % SCOPES.len()]));
    let streams = try_join_all(open).await?;
    let listening = streams.into_iter().map(|stream| {
        #[expect(clippy::disallowed_methods, reason = "ends with the measurement")]
        tokio::spawn(timeout_of(stream))
    });
    let listening: Vec<_> = listening.collect();
    let mut stored = HashMap::new();
    let mut tick = interval(Duration::from_millis(1_000 / A_SECOND));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let begun = Instant::now();
    while begun.elapsed() < WINDOW {
        tick.tick().await;
        let id = report(suite, *number).await;
        stored.insert(id, Instant::now());
        *number += 1;
    }
    let mut took = Vec::new();
    for heard in listening {
        for (id, at) in heard.await? {
            if let Some(stored) = stored.get(&id) {
                // A frame may be quicker than the acknowledgement.
                took.push(at.saturating_duration_since(*stored).as_secs_f64() * 1e3);
            }
        }
    }
    Ok(took)
}

/// The ids of the frames that a page gets within the time, and when.
async fn timeout_of(mut stream: BufReader<TcpStream>) -> Vec<(String, Instant)> {
    let mut heard = Vec::new();
    let listen = async {
        let mut line = String::new();
        while stream.read_line(&mut line).await.is_ok_and(|read| read > 0) {
            let at = Instant::now();
            let id = line.split_once("\"id\":\"").and_then(|(_, rest)| rest.split('"').next());
            heard.extend(id.map(|id| (id.to_owned(), at)));
            line.clear();
        }
    };
    let _over = timeout(WINDOW + REST, listen).await;
    heard
}

async fn open(
    suite: &Suite,
    person: usize,
    division: &str,
) -> anyhow::Result<BufReader<TcpStream>> {
    let mut connection = ask(suite, person, division, "/events").await?;
    let mut head = String::new();
    while connection.read_line(&mut head).await? > 2 {}
    anyhow::ensure!(head.contains(" 200 "), "no stream: {head}");
    Ok(connection)
}

async fn ask(
    suite: &Suite,
    person: usize,
    division: &str,
    path: &str,
) -> anyhow::Result<BufReader<TcpStream>> {
    let parts = ScopeParts { division: Some(division.parse()?), ..ScopeParts::default() };
    let claims = Claims {
        person: suite.person(u128::try_from(person)?),
        role: Role::Operator,
        scope: Scope::for_role(Role::Operator, parts)?,
        ttl: Duration::from_hours(12),
        basis: Basis::default(),
    };
    let token = suite.context().issuer.issue(&claims, suite.clock().now())?;
    let address: SocketAddr = suite.http();
    let mut connection = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\nCookie: weft={token}\r\n\r\n");
    connection.write_all(request.as_bytes()).await?;
    Ok(BufReader::new(connection))
}

/// A case with this number is reported; its id.
async fn report(suite: &Suite, number: u128) -> String {
    let id = CaseId::new(suite.county(), Key::from_bits(number));
    let place = usize::try_from(number).unwrap_or_default() % GRIDS.len();
    let grid: GridCode = GRIDS[place].parse().expect("a grid");
    let now = suite.clock().now();
    let reported = CaseEvent::from(CaseReported {
        occurred_at: now,
        case: id.clone(),
        channel: Channel::QrPage,
        category: "0101".parse().expect("a category"),
        catalogue_version: 1,
        urgency: Urgency::Normal,
        place: Place {
            source: PlaceSource::Grid,
            division: grid.village(),
            grid: Some(grid),
            position: Position::from_degrees(107.36, 35.33, Crs::Cgcs2000).ok(),
        },
        reporter: suite.person(number),
        by_staff: false,
        text: None,
        contact: None,
        tracking: Sha256::default(),
        first_reported_at: now,
        photos: Vec::new(),
        form: None,
        confidential: false,
        predecessor: None,
        texts_of: None,
        entered_by: None,
        reference: None,
    });
    suite.append(&subject::case(&id), &id.to_string(), &[reported]).await;
    id.to_string()
}

async fn pages() -> anyhow::Result<Table> {
    say("pages");
    let mut table = Table::new(
        "How long a page takes to be made",
        &["page", "cases in place", "p50 ms", "p99 ms"],
    );
    let services = vec![
        access::service(),
        grid::service(),
        intake::service(),
        dispatch::service(),
        gateway::service(),
    ];
    let suite = Suite::start(services, Db::Sqlite).await;
    let mut there = 0;
    for wanted in [FEW, MANY] {
        while there < wanted {
            let numbers = there..(there + AT_ONCE).min(wanted);
            join_all(numbers.map(|number| report(&suite, number as u128))).await;
            there += AT_ONCE;
        }
        suite.settled().await;
        for path in ["/console", "/screen"] {
            let mut took = Vec::new();
            for _ in 0..ASKED {
                let begun = Instant::now();
                let mut page = Vec::new();
                ask(&suite, 1, "620821", path).await?.read_to_end(&mut page).await?;
                anyhow::ensure!(page.starts_with(b"HTTP/1.0 200"), "{path} is not answered");
                took.push(begun.elapsed().as_secs_f64() * 1e3);
            }
            let (p50, p99) = (percentile(&mut took, 50), percentile(&mut took, 99));
            let row = [path.to_owned(), wanted.to_string()];
            table.row(&[&row[..], &[format!("{p50:.1}"), format!("{p99:.1}")]].concat());
            let what = if p99 < 20.0 { "under" } else { "over" };
            say(&format!("  p99 {what} 20 ms"));
        }
    }
    Ok(table)
}
