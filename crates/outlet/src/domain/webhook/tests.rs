use super::*;
use testkit::rules::table;

const NOON: Timestamp = Timestamp(1_000);

fn webhook() -> WebhookId {
    "620821101000-w1".parse().unwrap()
}

fn secret(key: &str) -> RecordId {
    format!("620821101000-{key}").parse().unwrap()
}

fn register() -> Command {
    Command::RegisterWebhook {
        webhook: webhook(),
        events: vec![PublicName::IntakeCaseReported],
        mode: BodyMode::Binary,
        target: secret("t1"),
        secret: secret("s1"),
        at: NOON,
    }
}

fn rotate(key: &str) -> Command {
    let (webhook, secret) = (webhook(), secret(key));
    Command::RotateWebhookSecret { webhook, secret, overlap_ms: 500, at: NOON }
}

fn pause() -> Command {
    Command::PauseWebhook { webhook: webhook(), reason: PauseReason::Asked, at: NOON }
}

fn remove() -> Command {
    Command::RemoveWebhook { webhook: webhook(), at: NOON }
}

fn commands() -> Vec<(&'static str, Command)> {
    vec![
        ("登记 RegisterWebhook", register()),
        ("换密钥 RotateWebhookSecret", rotate("s2")),
        ("密钥相同 RotateWebhookSecret to the same", rotate("s1")),
        ("暂停 PauseWebhook", pause()),
        ("恢复 ResumeWebhook", Command::ResumeWebhook { webhook: webhook(), at: NOON }),
        ("重发 ReplayWebhook", Command::ReplayWebhook { webhook: webhook(), from: 7, at: NOON }),
        ("删除 RemoveWebhook", remove()),
    ]
}

fn after(commands: impl IntoIterator<Item = Command>) -> State {
    commands.into_iter().fold(State::default(), |state, command| {
        let events = Webhook::decide(&state, command).unwrap();
        kernel::fold::<Webhook>(state, &events)
    })
}

#[test]
fn the_rules_are_those_that_are_written_down() {
    let states = [
        ("未登记 unknown", State::default()),
        ("推送中 active", after([register()])),
        ("已暂停 paused", after([register(), pause()])),
        ("已删除 removed", after([register(), remove()])),
    ];
    let said: fn(&WebhookEvent) -> _ = |event| match event {
        WebhookEvent::WebhookRegistered(_) => "登记 is registered",
        WebhookEvent::WebhookSecretRotated(_) => "换密钥 is signed with another secret",
        WebhookEvent::WebhookPaused(_) => "暂停 is paused",
        WebhookEvent::WebhookResumed(_) => "恢复 goes on",
        WebhookEvent::WebhookRemoved(_) => "删除 is removed",
        WebhookEvent::WebhookReplayed(_) => "重发 begins again",
    };
    let rules = table::<Webhook>("推送 Webhook", &states, &commands(), said);
    testkit::rules::check("src/domain/webhook.rules.md", &rules);
}

#[test]
fn a_decider_has_its_three_properties() {
    // A replay is one each time that it is asked for; the executor knows a request sent again.
    let once = |command: &Command| !matches!(command, Command::ReplayWebhook { .. });
    let commands: Vec<Command> = commands().into_iter().map(|(_, command)| command).collect();
    let idempotent: Vec<Command> =
        commands.iter().filter(|command| once(command)).cloned().collect();
    testkit::properties::deciding_twice_changes_nothing::<Webhook>(&idempotent);
    testkit::properties::folding_equals_one_by_one::<Webhook>(&commands);
    testkit::properties::accepted_histories_never_panic::<Webhook>(&commands);
}
