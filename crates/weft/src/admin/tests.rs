use api::admin::v1::{VerifyRequest, VerifyResponse, admin_service_client::AdminServiceClient};
use contracts::{
    points::{Account, Giver, LedgerEvent, Leg, PointsAwarded, ProgrammeCreated},
    subject,
};
use kernel::{Clock as _, Division, Role};
use platform::auth::scope::ScopeParts;
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
