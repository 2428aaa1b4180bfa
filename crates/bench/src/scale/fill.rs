//! A log that holds many cases: each has a history of four events, nine in ten are over, one in ten
//! has an open order. Written by the log's own writer, so in batches of up to 500.

use std::{ops::Range, path::Path, time::Instant};

use contracts::{
    dispatch::{
        Assignee, Candidate, CandidateReason, RoutingRule, WorkOrderCreated, WorkOrderEvent,
        WorkOrderRouted,
    },
    intake::{
        AcceptedBy, ArchiveReason, CaseAccepted, CaseArchived, CaseEvent, CaseReported,
        CaseResolved, Channel, Place, PlaceSource, Urgency,
    },
    subject,
};
use futures::{StreamExt as _, stream};
use kernel::{
    Division, GridCode, StoredEvent, Timestamp,
    geo::{Crs, Position},
    hash::Sha256,
    id::{CaseId, CategoryCode, Key, PersonId, WorkOrderId},
    limit::{Limit, LimitUnit},
};
use platform::{
    log::{
        CommandStamp, EventLog, LogSettings, Tail, hash_parts, messages,
        writer::{Run, WriterSettings},
    },
    nats_server::{Account, ManagedNats, Options, connect},
};

use crate::suite::now;

/// How many histories wait for the writer at once.
const AT_ONCE: usize = 1_000;

/// How many residents report them.
pub(super) const RESIDENTS: u64 = 50_000;

/// One case in so many is open.
pub(super) const OPEN_OF: u64 = 10;

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// The division that all is in.
pub(super) fn county() -> Division {
    "620821".parse().expect("a county")
}

/// The case with this number.
pub(super) fn case(number: u64) -> CaseId {
    let grid = grid(number);
    CaseId::new(grid.village(), Key::from_bits(u128::from(number) | 1 << 100))
}

/// Who reported the case with this number.
pub(super) fn reporter(number: u64) -> PersonId {
    PersonId::new(county(), Key::from_bits(u128::from(number % RESIDENTS) | 1 << 100))
}

/// Where it lies: the places take their turn.
pub(super) fn grid(number: u64) -> GridCode {
    const VILLAGES: [&str; 8] = [
        "620821101203",
        "620821101204",
        "620821102201",
        "620821102202",
        "620821103201",
        "620821108206",
        "620821108219",
        "620821109204",
    ];
    let turn = usize::try_from(number / 4).unwrap_or_default() % VILLAGES.len();
    format!("{}00{}", VILLAGES[turn], number % 4 + 1).parse().expect("a grid")
}

/// What it is about, likewise.
pub(super) fn category(number: u64) -> CategoryCode {
    const CATEGORIES: [&str; 6] = ["0101", "0201", "0301", "0401", "0501", "0601"];
    let turn = usize::try_from(number / 32).unwrap_or_default() % CATEGORIES.len();
    CATEGORIES[turn].parse().expect("a category")
}

/// Appends the histories of these cases to the log in this folder while no suite runs on it, and moves
/// the processes past them: what they would do has been done. Answers with events a second.
pub(super) async fn histories(data: &Path, numbers: Range<u64>) -> anyhow::Result<f64> {
    let nats = ManagedNats::start(Options {
        county: county(),
        data_dir: data.to_owned(),
        server_binary: None,
        credentials: data.join("keys/nats"),
        listen_port: 0,
        max_file_store: 48 << 30,
        gomemlimit_mib: 1_024,
        supervisor: None,
    })
    .await?;
    let client = connect(&nats.client_url(), nats.credentials(Account::Core), "bench").await?;
    let settings = LogSettings { county: county(), max_bytes: 20 << 30, replicas: 1 };
    let (log, writing) =
        EventLog::open(client.clone(), &settings, WriterSettings::default(), |_| {}).await?;
    #[expect(clippy::disallowed_methods, reason = "ends with the log's last handle")]
    let writer = tokio::spawn(writing);
    let events = 4 * (numbers.end - numbers.start);
    let now = now()?;
    let begun = Instant::now();
    let mut appended = stream::iter(numbers)
        .map(|number| append(log.clone(), number, now))
        .buffer_unordered(AT_ONCE);
    while let Some(result) = appended.next().await {
        result?;
    }
    drop(appended);
    let took = begun.elapsed().as_secs_f64();
    let head = log.stream().state().await?.last;
    drop(log);
    writer.await?;
    move_processes(client, head).await?;
    nats.stop().await;
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = events as f64 / took;
    Ok(rate)
}

async fn append(log: EventLog, number: u64, now: Timestamp) -> anyhow::Result<()> {
    let commit = hash_parts(&[b"scale", &number.to_be_bytes()]);
    let stamp = CommandStamp {
        commit,
        request: commit,
        actor: "process:bench".to_owned(),
        cause: None,
        traceparent: None,
    };
    let case = case(number);
    let mut runs = vec![run(&subject::case(&case), &case.to_string(), &stamp, &life(number, now))?];
    if number.is_multiple_of(OPEN_OF) {
        let order = WorkOrderId::new(case.division(), case.key().clone());
        let events = work(order.clone(), number, now);
        runs.push(run(&subject::work_order(&order), &order.to_string(), &stamp, &events)?);
    }
    log.append(commit, runs).await?;
    Ok(())
}

fn run<E: StoredEvent>(
    subject: &str,
    id: &str,
    stamp: &CommandStamp,
    events: &[E],
) -> anyhow::Result<Run> {
    let messages = messages(&mut Tail::default(), id, stamp, events)?;
    Ok(Run { subject: subject.to_owned(), expected: 0, messages })
}

/// The case: over for long, or accepted just now.
fn life(number: u64, now: Timestamp) -> Vec<CaseEvent> {
    let id = case(number);
    let grid = grid(number);
    let open = number.is_multiple_of(OPEN_OF);
    // What is over is spread over the two years before; what is open, over the last hour.
    let ago = i64::try_from(number % 1_000).unwrap_or_default();
    let at = now.plus_millis(if open { -ago * 3_600 } else { -DAY * (30 + ago % 700) });
    let place = Place {
        source: PlaceSource::Grid,
        division: grid.village(),
        grid: Some(grid),
        position: Position::from_degrees(107.36, 35.33, Crs::Cgcs2000).ok(),
    };
    let reported = CaseReported {
        occurred_at: at,
        case: id.clone(),
        channel: Channel::QrPage,
        category: category(number),
        catalogue_version: 1,
        urgency: Urgency::Normal,
        place,
        reporter: reporter(number),
        by_staff: false,
        text: None,
        contact: None,
        tracking: Sha256::default(),
        first_reported_at: at,
        photos: Vec::new(),
        form: None,
        confidential: false,
        predecessor: None,
        texts_of: None,
        entered_by: None,
        reference: None,
    };
    let accepted = CaseAccepted {
        occurred_at: at,
        case: id.clone(),
        accepted_by: AcceptedBy::Rule,
        rule_version: Some(1),
        category: category(number),
        catalogue_version: 1,
        urgency: Urgency::Normal,
        division: grid.village(),
        grid: Some(grid),
        reporter: reporter(number),
        first_reported_at: at,
    };
    let mut life = vec![reported.into(), accepted.into()];
    if !open {
        let work_order = WorkOrderId::new(id.division(), id.key().clone());
        let resolved = at.plus_millis(DAY);
        life.push(
            CaseResolved { occurred_at: resolved, case: id.clone(), work_order, found_true: true }
                .into(),
        );
        let occurred_at = resolved.plus_millis(7 * DAY);
        let reason = ArchiveReason::Unrated;
        life.push(CaseArchived { occurred_at, case: id, reason }.into());
    }
    life
}

/// Its order: with somebody, and not late for days.
fn work(order: WorkOrderId, number: u64, now: Timestamp) -> Vec<WorkOrderEvent> {
    let grid = grid(number);
    let somebody = Assignee { organisation: None, person: Some(reporter(number + 1)) };
    let created = WorkOrderCreated {
        occurred_at: now,
        work_order: order.clone(),
        case: case(number),
        category: category(number),
        catalogue_version: 1,
        urgency: Urgency::Normal,
        division: grid.village(),
        grid: Some(grid),
        reporter: reporter(number),
        limit: Limit::new(10, LimitUnit::WorkingDays).expect("a limit"),
        accept_due: now.plus_millis(DAY),
        due: now.plus_millis(10 * DAY + MINUTE * i64::try_from(number % 10_000).unwrap_or(0)),
        calendar_version: 1,
        round: 1,
        at_risk: None,
        threefold_due: None,
        origin: None,
        parent: None,
        instruction: None,
    };
    let chosen = Candidate {
        assignee: somebody.clone(),
        reason: CandidateReason::Chosen,
        open_orders: 0,
        distance_m: None,
        rested: None,
        on_duty: None,
        stands_in_for: None,
    };
    let routed = WorkOrderRouted {
        occurred_at: now,
        work_order: order,
        assignee: somebody,
        rule: RoutingRule::GridMember,
        rule_version: 1,
        candidates: vec![chosen],
        shortfall: None,
        rule_number: None,
        shortfalls: Vec::new(),
    };
    vec![created.into(), routed.into()]
}

/// Every process has seen the log up to here.
async fn move_processes(client: async_nats::Client, head: u64) -> anyhow::Result<()> {
    let bucket = async_nats::jetstream::new(client).get_key_value("weft_processes").await?;
    let mut keys = bucket.keys().await?;
    while let Some(key) = keys.next().await {
        let key = key?;
        let Some(value) = bucket.get(&key).await? else { continue };
        let mut saved: serde_json::Value = serde_json::from_slice(&value)?;
        saved["sequence"] = head.into();
        bucket.put(&key, serde_json::to_vec(&saved)?.into()).await?;
    }
    Ok(())
}
