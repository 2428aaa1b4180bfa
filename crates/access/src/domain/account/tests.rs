use testkit::rules::table;

use super::*;

const NOON: Timestamp = Timestamp(1_000_000);

fn person() -> PersonId {
    "620821000000-p".parse().unwrap()
}

fn record(key: &str) -> RecordId {
    format!("620821000000-{key}").parse().unwrap()
}

fn enrol(link_made: i64, at: i64) -> Command {
    let credentials = Credentials {
        login: record("login"),
        password: record("password"),
        factor: record("factor"),
    };
    Command::CompleteEnrolment {
        person: person(),
        credentials,
        step: 30,
        link_made: Timestamp(link_made),
        at: Timestamp(at),
    }
}

fn sign_in(proof: Proof, at: i64) -> Command {
    Command::SignIn { person: person(), proof, at: Timestamp(at) }
}

fn good(step: i64) -> Proof {
    Proof::Good { step }
}

fn offer(proof: Proof) -> Command {
    let (person, record) = (person(), record("new"));
    Command::EnrolSecondFactor { person, record, proof, at: Timestamp(2_500_000) }
}

fn confirm(step: Option<i64>) -> Command {
    let (person, record) = (person(), record("new"));
    Command::ConfirmSecondFactor { person, record, step, at: Timestamp(2_600_000) }
}

fn commands() -> Vec<(&'static str, Command)> {
    let by: PersonId = "620821000000-s".parse().unwrap();
    let (at, identity) = (Timestamp(3_000_000), record("identity"));
    let set = |proof| Command::SetPassword { person: person(), record: record("other"), proof, at };
    vec![
        ("开户 CompleteEnrolment", enrol(900_000, 1_000_000)),
        ("以较早的链接开户 CompleteEnrolment by a link from before", enrol(800_000, 2_000_000)),
        ("登录 SignIn", sign_in(good(70), 2_000_000)),
        ("以旧验证码登录 SignIn with a code of before", sign_in(good(30), 2_000_000)),
        ("以错误密码登录 SignIn with a wrong password", sign_in(Proof::Wrong, 2_000_000)),
        ("修改密码 SetPassword", set(good(71))),
        ("以错误密码修改密码 SetPassword with a wrong one", set(Proof::Wrong)),
        ("更换身份验证器 EnrolSecondFactor", offer(good(72))),
        ("确认身份验证器 ConfirmSecondFactor", confirm(Some(73))),
        ("以错误验证码确认 ConfirmSecondFactor with a wrong code", confirm(None)),
        ("解锁 UnlockAccount", Command::UnlockAccount { person: person(), by: by.clone(), at }),
        (
            "关联外部身份 LinkIdentity",
            Command::LinkIdentity {
                person: person(),
                identity: identity.clone(),
                by: by.clone(),
                at,
            },
        ),
        (
            "解除关联 UnlinkIdentity",
            Command::UnlinkIdentity { person: person(), identity, by: by.clone(), at },
        ),
        ("销户 CloseAccount", Command::CloseAccount { person: person(), by, at }),
    ]
}

fn after(commands: impl IntoIterator<Item = Command>) -> State {
    commands.into_iter().fold(State::default(), |state, command| {
        let events = Account::decide(&state, command).unwrap();
        kernel::fold::<Account>(state, &events)
    })
}

fn said(event: &AccountEvent) -> &'static str {
    match event {
        AccountEvent::AccountOpened(_) => "开户 is opened",
        AccountEvent::PasswordSet(_) => "设置密码 gets a password",
        AccountEvent::SecondFactorOffered(_) => "出示身份验证器 is shown a second factor",
        AccountEvent::SecondFactorSet(_) => "启用身份验证器 gets the second factor",
        AccountEvent::SignedIn(_) => "身份已核实 is proven",
        AccountEvent::SignInFailed(_) => "记一次错误 counts a wrong try",
        AccountEvent::AccountUnlocked(_) => "解锁 is unlocked",
        AccountEvent::AccountClosed(_) => "销户 is closed",
        AccountEvent::IdentityLinked(_) => "关联 is linked",
        AccountEvent::IdentityUnlinked(_) => "解除关联 is no longer linked",
    }
}

#[test]
fn the_rules_are_those_that_are_written_down() {
    let close = || commands().pop().unwrap().1;
    let wrong = || (0..10).map(|n| sign_in(Proof::Wrong, 1_000_000 + n * 60_000));
    let locked = after([enrol(900_000, 1_000_000)].into_iter().chain(wrong().take(6)));
    let states = [
        ("无账号 none", State::default()),
        ("已开户 open", after([enrol(900_000, 1_000_000)])),
        ("待确认 a factor is shown", after([enrol(900_000, 1_000_000), offer(good(71))])),
        ("已锁定 locked", State { locked_until: Some(Timestamp(9_000_000)), ..locked }),
        ("已销户 closed", after([enrol(900_000, 1_000_000), close()])),
    ];
    let rules = table::<Account>("账号 Account", &states, &commands(), said);
    testkit::rules::check(
        concat!(env!("CARGO_MANIFEST_DIR"), "/src/domain/account.rules.md"),
        &rules,
    );
}

#[test]
fn a_decider_has_its_three_properties() {
    // What is proven or failed is an event each time; the rest is done once.
    let again = |name: &str| {
        ["SignIn", "SetPassword", "EnrolSecondFactor", "CompleteEnrolment", "ConfirmSecond"]
            .iter()
            .any(|part| name.contains(part))
    };
    let once: Vec<Command> = commands()
        .into_iter()
        .filter(|(name, _)| !again(name))
        .map(|(_, command)| command)
        .collect();
    testkit::properties::deciding_twice_changes_nothing::<Account>(&once);
    let commands: Vec<Command> = commands().into_iter().map(|(_, command)| command).collect();
    testkit::properties::folding_equals_one_by_one::<Account>(&commands);
    testkit::properties::accepted_histories_never_panic::<Account>(&commands);
}

#[test]
fn wrong_tries_lock_for_growing_times_and_a_right_one_forgives() {
    let mut state = after([enrol(900_000, 1_000_000)]);
    let mut now = NOON.0;
    let mut locks = Vec::new();
    for _ in 0..12 {
        let events = Account::decide(&state, sign_in(Proof::Wrong, now)).unwrap();
        state = kernel::fold::<Account>(state, &events);
        let until = state.locked(Timestamp(now)).map_or(now, |until| until.0);
        locks.push((until - now) / 60_000);
        if until > now {
            let refused = Account::decide(&state, sign_in(good(99), until - 1));
            assert_eq!(refused, Err(Rejection::SignInRefused), "a right try is not looked at");
        }
        now = until;
    }
    assert_eq!(locks, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]);
    let events = Account::decide(&state, sign_in(good(99), now)).unwrap();
    let state = kernel::fold::<Account>(state, &events);
    assert_eq!((state.failures, state.locked_until), (0, None));
}

#[test]
fn a_code_is_taken_once() {
    let state = after([enrol(900_000, 1_000_000), sign_in(good(70), 2_000_000)]);
    let again = Account::decide(&state, sign_in(good(70), 2_000_001)).unwrap();
    assert!(matches!(again[..], [AccountEvent::SignInFailed(_)]), "{again:?}");
    let next = Account::decide(&state, sign_in(good(71), 2_000_001)).unwrap();
    assert!(matches!(next[..], [AccountEvent::SignedIn(_)]), "{next:?}");
}

#[test]
fn a_link_sets_an_account_up_once_and_a_newer_one_again() {
    let state = after([enrol(900_000, 1_000_000)]);
    assert_eq!(Account::decide(&state, enrol(900_000, 1_100_000)), Err(Rejection::EnrolmentOver));
    assert_eq!(Account::decide(&state, enrol(1_000_000, 1_100_000)), Err(Rejection::EnrolmentOver));
    assert!(state.takes_enrolment(Timestamp(1_000_001)));
    assert!(Account::decide(&state, enrol(1_000_001, 1_100_000)).is_ok());
}
