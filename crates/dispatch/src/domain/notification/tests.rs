use contracts::dispatch::notification::{Audience, Recipient};
use testkit::rules::table;

use super::*;

const NOW: Timestamp = Timestamp(1_000);

fn outbox() -> NotificationId {
    "620821101203-order".parse().unwrap()
}

fn queue(channels: &[NotificationChannel]) -> Command {
    let person = Some("620821000000-member".parse().unwrap());
    let recipient = Recipient { person, organisation: None, desk: None };
    let letter = |channel: &NotificationChannel| Letter {
        recipient: recipient.clone(),
        audience: Audience::Assignee,
        channel: *channel,
    };
    Command::QueueNotification(Box::new(Queue {
        at: NOW,
        notification: outbox(),
        transition: Transition::WorkOrderRouted,
        cause: 7,
        case: None,
        work_order: Some("620821101203-order".parse().unwrap()),
        category: None,
        due: None,
        rule_version: 0,
        letters: channels.iter().map(letter).collect(),
    }))
}

fn which(letter: u32) -> Which {
    Which { notification: outbox(), number: 1, letter }
}

fn commands() -> Vec<(&'static str, Command)> {
    use NotificationChannel::{Inbox, Mail};
    let (at, by) = (NOW, "620821000000-operator".parse().unwrap());
    let reason = SendFailure::Unreachable;
    vec![
        ("告知 QueueNotification", queue(&[Inbox, Mail])),
        ("无人可告知 QueueNotification, to nobody", queue(&[])),
        ("已发出 RecordSent", Command::RecordSent { at, which: which(2), attempts: 1 }),
        ("未发出 RecordFailed", Command::RecordFailed { at, which: which(2), attempts: 8, reason }),
        ("重发 RetryNotification", Command::RetryNotification { at, which: which(2), by }),
        (
            "站内通知不发出 RecordSent, of the inbox",
            Command::RecordSent { at, which: which(1), attempts: 1 },
        ),
    ]
}

fn after(places: &[usize]) -> State {
    places.iter().fold(State::default(), |state, place| {
        let events = Outbox::decide(&state, commands()[*place].1.clone()).unwrap();
        events.iter().fold(state, Outbox::evolve)
    })
}

#[test]
fn the_rules_are_those_that_are_written_down() {
    let states = [
        ("空 empty", State::default()),
        ("待发 waiting", after(&[0])),
        ("已发 sent", after(&[0, 2])),
        ("未送达 given up", after(&[0, 3])),
    ];
    let said: fn(&NotificationEvent) -> _ = |event| match event {
        NotificationEvent::NotificationQueued(_) => "告知 is queued",
        NotificationEvent::NotificationSent(_) => "已发出 is sent",
        NotificationEvent::NotificationFailed(_) => "未送达 is given up",
        NotificationEvent::NotificationRetried(_) => "重发 is retried",
    };
    let rules = table::<Outbox>("通知规则 The rules of notifications", &states, &commands(), said);
    testkit::rules::check("src/domain/notification.rules.md", &rules);
}

#[test]
fn a_decider_has_its_three_properties() {
    let commands: Vec<Command> = commands().into_iter().map(|(_, command)| command).collect();
    testkit::properties::deciding_twice_changes_nothing::<Outbox>(&commands);
    testkit::properties::folding_equals_one_by_one::<Outbox>(&commands);
    testkit::properties::accepted_histories_never_panic::<Outbox>(&commands);
}
