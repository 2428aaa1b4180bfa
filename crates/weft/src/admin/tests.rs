use api::admin::v1::{VerifyRequest, VerifyResponse, admin_service_client::AdminServiceClient};
use contracts::{
    points::{Account, Giver, LedgerEvent, Leg, PointsAwarded, ProgrammeCreated},
    subject,
};
use kernel::{Clock as _, Division, Role, hash::Sha256};
use platform::{
    audit::{AuditRecord, Entry, Seal},
    auth::scope::ScopeParts,
    nats_server,
};
use testkit::{Db, Suite};

async fn verified(suite: &Suite) -> VerifyResponse {
    suite.settled().await;
    let division = Some(suite.county());
    let bearer =
        suite.bearer(Role::Administrator, ScopeParts { division, ..ScopeParts::default() });
    let mut admin = AdminServiceClient::with_interceptor(suite.channel(), bearer);
    let answer = admin.verify(VerifyRequest {}).await.unwrap();
    answer.into_inner().message().await.unwrap().unwrap()
}

/// As somebody would who writes past the ledger.
async fn enter(suite: &Suite, event: impl Into<LedgerEvent>) {
    let event: LedgerEvent = event.into();
    let programme = event.programme().clone();
    suite.append(&subject::programme(&programme), &programme.to_string(), &[event]).await;
}

fn award(suite: &Suite, key: &str, issued: i64, received: i64) -> PointsAwarded {
    let village: Division = "620821101203".parse().unwrap();
    let person = suite.person(1);
    let leg = |account, amount| Leg { account, amount, balance: amount };
    PointsAwarded {
        occurred_at: suite.clock().now(),
        programme: subject::programme_id(village),
        award: format!("620821101203-{key}").parse().unwrap(),
        person: person.clone(),
        case: None,
        legs: vec![leg(Account::Issuer, issued), leg(Account::Resident(person), received)],
        day: 20_605,
        given_by: Giver::Person {
            by: suite.person(2),
            reason: "620821101203-reason".parse().unwrap(),
        },
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_finds_a_transfer_that_does_not_sum_to_zero() {
    let suite = Suite::start(vec![points::service(), super::service()], Db::Sqlite).await;
    let division: Division = "620821101203".parse().unwrap();
    let created = ProgrammeCreated {
        occurred_at: suite.clock().now(),
        programme: subject::programme_id(division),
        division,
        name: "620821101203-name".parse().unwrap(),
    };
    enter(&suite, created).await;
    enter(&suite, award(&suite, "good", -5, 5)).await;
    let right = verified(&suite).await;
    assert_eq!((right.events, right.findings), (2, vec![]));
    assert_eq!(right.invariants, [points::conservation::NAME]);

    let mut forged = award(&suite, "forged", -5, 6);
    (forged.legs[0].balance, forged.legs[1].balance) = (-10, 11);
    enter(&suite, forged).await;
    let wrong = verified(&suite).await;
    let [finding] = wrong.findings.as_slice() else { unreachable!("{:?}", wrong.findings) };
    assert!(finding.starts_with(points::conservation::NAME), "{finding}");
    assert!(finding.contains("sequence 3") && finding.contains("sum to 1"), "{finding}");
}

/// As somebody would who writes past the trail.
async fn forge(suite: &Suite, chain: &str, number: u64, prev: Sha256, entry: Entry) {
    let at = suite.clock().now();
    let record = AuditRecord { chain: chain.to_owned(), number, prev, at, entry };
    let client = suite.nats().client(nats_server::Account::Core).await;
    let line = serde_json::to_vec(&record).unwrap();
    let stored = client.request(format!("audit.620821.{chain}"), line.into()).await.unwrap();
    assert!(!stored.payload.windows(5).any(|part| part == b"error"), "{stored:?}");
}

fn sealed(from: u64, to: u64) -> Entry {
    let seal = Seal { from, to, digest: Sha256([7; 32]), heads: vec![] };
    Entry { seal: Some(seal), ..Entry::new("log_sealed") }
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_finds_a_trail_and_a_log_that_were_changed() {
    let suite = Suite::start(vec![points::service(), super::service()], Db::Sqlite).await;
    let division: Division = "620821101203".parse().unwrap();
    let created = ProgrammeCreated {
        occurred_at: suite.clock().now(),
        programme: subject::programme_id(division),
        division,
        name: "620821101203-name".parse().unwrap(),
    };
    enter(&suite, created).await;
    suite.context().audit.record(Entry::new("tried")).await.unwrap();
    let right = verified(&suite).await;
    assert_eq!((right.audit_records, right.findings), (1, vec![]));

    let forged = Entry::new("forged");
    forge(&suite, "elsewhere", 1, Sha256::default(), forged.clone()).await;
    assert_eq!(verified(&suite).await.findings, Vec::<String>::new(), "a chain of its own");
    forge(&suite, "elsewhere", 2, Sha256::default(), forged.clone()).await;
    forge(&suite, "elsewhere", 9, Sha256::default(), forged).await;
    // The log has one event: one seal is not of it, and the next is of what is not there.
    forge(&suite, "log", 1, Sha256::default(), sealed(1, 1)).await;
    forge(&suite, "log", 2, Sha256([1; 32]), sealed(2, 40)).await;
    let wrong = verified(&suite).await.findings;
    for told in [
        "elsewhere: the record before number 2 was changed",
        "elsewhere: 9 comes after 2",
        "chain log: the record before number 2 was changed",
        "the log from 1 to 1 is not what was sealed",
        "the log ends at 1, but it was sealed up to 40",
    ] {
        assert!(wrong.iter().any(|finding| finding.contains(told)), "{told}: {wrong:?}");
    }
}
