//! The register of a county's working calendar: versions, each put upon the one before.

use contracts::dispatch::calendar::{CalendarEvent, CalendarPut, WorkingHours};
use kernel::{
    Aggregate, Timestamp,
    id::{CalendarId, PersonId},
};

use super::calendar::{Put, number_of};

/// The aggregate.
#[derive(Debug)]
pub struct CalendarRegister;

/// The last version that was put; none before the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    last: Option<CalendarPut>,
}

impl State {
    /// The number of the last version; none before the first.
    pub fn version(&self) -> Option<u32> {
        self.last.as_ref().map(|last| last.version)
    }
}

/// What may be asked of the register.
#[derive(Clone, Debug)]
pub enum Command {
    /// Puts the next version.
    PutCalendar {
        /// Now.
        at: Timestamp,
        /// The register.
        calendar: CalendarId,
        /// The version of the calendar that holds before any is put.
        base_version: u32,
        /// The version that this one was made from.
        based_on: u32,
        /// What holds from a day on, checked.
        put: Box<Put>,
        /// Who puts it.
        by: PersonId,
    },
}

/// Why a version is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Another version was put since.
    #[error("version {0} of the calendar was put meanwhile: look at it and put yours again")]
    Changed(u32),
}

impl kernel::Rejection for Rejection {
    fn reason(&self) -> &'static str {
        match self {
            Self::Changed(_) => "CALENDAR_CHANGED",
        }
    }

    fn message_zh(&self) -> String {
        match self {
            Self::Changed(version) => format!("日历已更新为第{version}版，请查看后重新提交"),
        }
    }
}

impl Aggregate for CalendarRegister {
    const CATEGORY: &'static str = CalendarEvent::CATEGORY;
    type State = State;
    type Command = Command;
    type Event = CalendarEvent;
    type Rejection = Rejection;

    fn decide(state: &State, command: Command) -> Result<Vec<CalendarEvent>, Rejection> {
        let Command::PutCalendar { at, calendar, base_version, based_on, put, by } = command;
        let version = state.last.as_ref().map_or(base_version, |last| last.version);
        let next = CalendarPut {
            occurred_at: at,
            calendar,
            version: version + 1,
            effective_from: number_of(put.effective_from),
            holidays: put.holidays.iter().copied().map(number_of).collect(),
            make_up_days: put.make_up_days.iter().copied().map(number_of).collect(),
            hours: put
                .hours
                .iter()
                .map(|&(from_minute, to_minute)| WorkingHours { from_minute, to_minute })
                .collect(),
            by,
        };
        match &state.last {
            Some(last) if says_the_same(last, &next) => Ok(Vec::new()),
            Some(_) | None if based_on != version => Err(Rejection::Changed(version)),
            Some(_) | None => Ok(vec![next.into()]),
        }
    }

    fn evolve(_state: State, event: &CalendarEvent) -> State {
        let CalendarEvent::CalendarPut(put) = event;
        State { last: Some(put.clone()) }
    }
}

fn says_the_same(last: &CalendarPut, next: &CalendarPut) -> bool {
    let CalendarPut { effective_from, holidays, make_up_days, hours, .. } = last;
    (effective_from, holidays, make_up_days, hours)
        == (&next.effective_from, &next.holidays, &next.make_up_days, &next.hours)
}

#[cfg(test)]
mod tests {
    use kernel::Rejection as _;

    use super::*;

    fn put(based_on: u32, day: i8) -> Command {
        Command::PutCalendar {
            at: Timestamp(1),
            calendar: "620821000000-working_days".parse().unwrap(),
            base_version: 1,
            based_on,
            put: Box::new(Put::plain(jiff::civil::date(2026, 6, day))),
            by: "620821000000-p".parse().unwrap(),
        }
    }

    #[test]
    fn the_rules_are_as_written() {
        let first = CalendarRegister::decide(&State::default(), put(1, 1)).unwrap();
        let after = first.iter().fold(State::default(), CalendarRegister::evolve);
        let states = [("未设置 none put", State::default()), ("第2版 version 2", after)];
        let commands = [
            ("据第1版提交 put upon version 1", put(1, 2)),
            ("据第2版提交 put upon version 2", put(2, 2)),
            ("再次提交相同内容 put the same again", put(1, 1)),
        ];
        let said = |event: &CalendarEvent| match event {
            CalendarEvent::CalendarPut(_) => "新版日历 `calendar_put`",
        };
        let title = "工作日历规则 · The rules of the working calendar";
        let text = testkit::rules::table::<CalendarRegister>(title, &states, &commands, said);
        testkit::rules::check("src/domain/calendar_register.rules.md", &text);
        assert_eq!(Rejection::Changed(2).reason(), "CALENDAR_CHANGED");
    }
}
