use testkit::rules::table;

use super::*;

const NOON: Timestamp = Timestamp(1_000);

fn token() -> ServiceTokenId {
    "620821101000-portal".parse().unwrap()
}

fn create(person: &str) -> Command {
    Command::CreateServiceToken {
        token: token(),
        person: format!("620821101000-{person}").parse().unwrap(),
        role: Role::Integrator,
        division: "620821101".parse().unwrap(),
        methods: vec!["/weft.intake.v1.IntakeService/ReportCase".parse().unwrap()],
        ttl_seconds: 3_600,
        by: "620821000000-s".parse().unwrap(),
        at: NOON,
    }
}

fn rotate(overlap_seconds: u32, at: i64) -> Command {
    let by = "620821000000-s".parse().unwrap();
    Command::RotateServiceToken { token: token(), overlap_seconds, by, at: Timestamp(at) }
}

fn revoke() -> Command {
    let by = "620821000000-s".parse().unwrap();
    Command::RevokeServiceToken { token: token(), by, at: NOON }
}

fn after(commands: impl IntoIterator<Item = Command>) -> State {
    commands.into_iter().fold(State::default(), |state, command| {
        let events = ServiceToken::decide(&state, command).unwrap();
        kernel::fold::<ServiceToken>(state, &events)
    })
}

fn commands() -> Vec<(&'static str, Command)> {
    vec![
        ("新建令牌 CreateServiceToken", create("p")),
        ("以同名新建 CreateServiceToken, another of the same name", create("q")),
        ("轮换令牌 RotateServiceToken", rotate(60, 2_000)),
        ("收回令牌 RevokeServiceToken", revoke()),
    ]
}

#[test]
fn the_rules_are_those_that_are_written_down() {
    let states = [
        ("未建 unknown", State::default()),
        ("有效 active", after([create("p")])),
        ("已轮换 rotated", after([create("p"), rotate(60, 2_000)])),
        ("已收回 revoked", after([create("p"), revoke()])),
    ];
    let said: fn(&ServiceTokenEvent) -> _ = |event| match event {
        ServiceTokenEvent::ServiceTokenCreated(_) => "新建 is made",
        ServiceTokenEvent::ServiceTokenRotated(_) => "轮换 is replaced",
        ServiceTokenEvent::ServiceTokenRevoked(_) => "收回 is taken back",
    };
    let rules = table::<ServiceToken>("服务令牌 Service token", &states, &commands(), said);
    testkit::rules::check(
        concat!(env!("CARGO_MANIFEST_DIR"), "/src/domain/service_token.rules.md"),
        &rules,
    );
}

#[test]
fn the_old_token_is_taken_for_the_overlap_and_never_longer_than_it_was_good_for() {
    let state = after([create("p")]);
    let ends = |command| {
        let events = ServiceToken::decide(&state, command).unwrap();
        let [ServiceTokenEvent::ServiceTokenRotated(rotated)] = &events[..] else {
            panic!("{events:?}")
        };
        (rotated.generation, rotated.old_ends_at.0, rotated.expires_at.0)
    };
    assert_eq!(ends(rotate(60, 2_000)), (2, 62_000, 3_602_000));
    assert_eq!(ends(rotate(0, 2_000)), (2, 2_000, 3_602_000));
    assert_eq!(ends(rotate(86_400, 2_000)), (2, 3_601_000, 3_602_000));
    assert_eq!(ends(rotate(60, 9_999_999)), (2, 9_999_999, 13_599_999), "it had ended");
}

#[test]
fn a_decider_has_its_three_properties() {
    let commands: Vec<Command> = commands().into_iter().map(|(_, command)| command).collect();
    testkit::properties::folding_equals_one_by_one::<ServiceToken>(&commands);
    testkit::properties::accepted_histories_never_panic::<ServiceToken>(&commands);
}
