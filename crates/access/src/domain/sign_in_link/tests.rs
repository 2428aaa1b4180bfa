use contracts::access::ScopeKind;
use kernel::Role;
use testkit::rules::table;

use super::*;

const NOON: Timestamp = Timestamp(1_000);

fn link() -> SignInLinkId {
    "620821000000-link".parse().unwrap()
}

fn create(organisation: Option<NamedOrganisation>) -> Command {
    let duty = Duty {
        role: Role::Operator,
        scope: ScopeKind::Division,
        division: Some("620821101".parse().unwrap()),
        grid: None,
        organisation: None,
    };
    Command::CreateSignInLink {
        link: link(),
        person: "620821000000-p".parse().unwrap(),
        duty,
        organisation,
        code_hash: Sha256([1; 32]),
        ttl_seconds: 60,
        session_seconds: 3_600,
        by: "620821000000-a".parse().unwrap(),
        purpose: LinkPurpose::SignIn,
        held: true,
        at: NOON,
    }
}

/// The same for somebody who does not hold the role.
fn not_held(command: Command) -> Command {
    match command {
        Command::UseSignInLink { link, code_hash, held: _, at } => {
            Command::UseSignInLink { link, code_hash, held: false, at }
        }
        Command::CreateSignInLink {
            link,
            person,
            duty,
            organisation,
            code_hash,
            ttl_seconds,
            session_seconds,
            by,
            purpose,
            held: _,
            at,
        } => Command::CreateSignInLink {
            link,
            person,
            duty,
            organisation,
            code_hash,
            ttl_seconds,
            session_seconds,
            by,
            purpose,
            held: false,
            at,
        },
    }
}

fn water(standing: organisation::State) -> NamedOrganisation {
    NamedOrganisation { id: "620821101000-water".parse().unwrap(), standing }
}

fn with_code(code: u8, at: i64) -> Command {
    Command::UseSignInLink {
        link: link(),
        code_hash: Sha256([code; 32]),
        held: true,
        at: Timestamp(at),
    }
}

fn commands() -> Vec<(&'static str, Command)> {
    use organisation::State::{Closed, Unknown};
    vec![
        ("生成登录链接 CreateSignInLink", create(None)),
        (
            "生成登录链接, 机构未登记 CreateSignInLink for an unknown organisation",
            create(Some(water(Unknown))),
        ),
        (
            "生成登录链接, 机构已停用 CreateSignInLink for a closed organisation",
            create(Some(water(Closed))),
        ),
        ("生成登录链接, 未任职 CreateSignInLink for a role not held", not_held(create(None))),
        ("登录 UseSignInLink", with_code(1, 60_999)),
        ("登录, 已不任职 UseSignInLink for a role no longer held", not_held(with_code(1, 60_999))),
        ("过期后登录 UseSignInLink when it has expired", with_code(1, 61_000)),
        ("以错误的代码登录 UseSignInLink with another code", with_code(2, 1_500)),
    ]
}

#[test]
fn the_rules_are_those_that_are_written_down() {
    let after = |commands: &[Command]| {
        commands.iter().cloned().fold(State::default(), |state, command| {
            let events = SignInLink::decide(&state, command).unwrap();
            kernel::fold::<SignInLink>(state, &events)
        })
    };
    let states = [
        ("未生成 unknown", State::default()),
        ("可用 open", after(&[create(None)])),
        ("已用 used", after(&[create(None), with_code(1, 2_000)])),
    ];
    let said: fn(&SignInLinkEvent) -> _ = |event| match event {
        SignInLinkEvent::SignInLinkCreated(_) => "生成 is created",
        SignInLinkEvent::SignInLinkUsed(_) => "使用 is used up",
    };
    let rules = table::<SignInLink>("登录链接 Sign-in link", &states, &commands(), said);
    testkit::rules::check(
        concat!(env!("CARGO_MANIFEST_DIR"), "/src/domain/sign_in_link.rules.md"),
        &rules,
    );
}

#[test]
fn a_decider_has_its_three_properties() {
    let commands: Vec<Command> = commands().into_iter().map(|(_, command)| command).collect();
    testkit::properties::deciding_twice_changes_nothing::<SignInLink>(&commands);
    testkit::properties::folding_equals_one_by_one::<SignInLink>(&commands);
    testkit::properties::accepted_histories_never_panic::<SignInLink>(&commands);
}
