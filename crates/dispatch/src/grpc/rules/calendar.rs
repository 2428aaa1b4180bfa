//! `PutCalendar` and `GetCalendar`.

use std::collections::BTreeSet;

use api::dispatch::v1::{
    CalendarGap, CalendarVersion, GetCalendarRequest, GetCalendarResponse, PutCalendarRequest,
    PutCalendarResponse, WorkingHours,
};
use contracts::subject;
use jiff::civil::Date;
use platform::{
    executor::Target,
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::Rules;
use crate::domain::{
    calendar::{HOURS, InvalidCalendar, Put, check},
    calendar_register::Command,
};

/// The most days of one list, and the most spans of a day.
const MAX_DAYS: usize = 400;
const MAX_SPANS: usize = 6;

impl Rules {
    pub(super) async fn put_calendar(
        &self,
        request: Request<PutCalendarRequest>,
    ) -> Result<PutCalendarResponse, ServiceError> {
        let call = Call::of(&request)?;
        self.require_county(&call)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let request_id = v.request_id(&message.request_id);
        let put = put_of(&mut v, &message);
        v.finish()?;
        let (Some(request_id), Some(put)) = (request_id, put) else {
            unreachable!("checked above")
        };
        let gaps = put.gaps().into_iter();
        let gaps = gaps
            .map(|(from, to)| CalendarGap { from: from.to_string(), to: to.to_string() })
            .collect();

        let calendar = subject::calendar_id(self.context.county);
        let target = Target {
            subject: subject::calendar(&calendar),
            id: calendar.to_string(),
            creates: false,
        };
        let request = call.request(request_id, "PutCalendar", &message);
        let by = call.principal.person.clone();
        let base_version = self.facts.calendars.base().version();
        let based_on = message.based_on_version;
        let outcome = self
            .calendars
            .execute(target.clone(), request, move |at| Command::PutCalendar {
                at,
                calendar: calendar.clone(),
                base_version,
                based_on,
                put: Box::new(put.clone()),
                by: by.clone(),
            })
            .await?;
        let (state, _version) = self.calendars.load(&target.subject).await?;
        Ok(PutCalendarResponse {
            version: outcome.version,
            position: Some(outcome.position.into()),
            calendar_version: state.version().unwrap_or(base_version),
            gaps,
        })
    }

    pub(super) async fn get_calendar(
        &self,
        request: Request<GetCalendarRequest>,
    ) -> Result<GetCalendarResponse, ServiceError> {
        let view = self.facts.calendars.view();
        let min_position = request.into_inner().min_position;
        self.context.wait(view, min_position.map(Into::into)).await?;
        let mut versions = self.facts.calendars.versions();
        versions.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
        Ok(GetCalendarResponse {
            calendar_version: self.facts.calendar().version(),
            versions: versions.into_iter().map(shown).collect(),
            position: Some(self.context.position(view).into()),
        })
    }
}

fn shown((number, put): (u32, Put)) -> CalendarVersion {
    let days = |days: &BTreeSet<Date>| days.iter().map(ToString::to_string).collect();
    let span = |&(from_minute, to_minute): &(u32, u32)| WorkingHours { from_minute, to_minute };
    CalendarVersion {
        calendar_version: number,
        effective_from: put.effective_from.to_string(),
        holidays: days(&put.holidays),
        make_up_days: days(&put.make_up_days),
        hours: put.hours.iter().map(span).collect(),
    }
}

/// What is put, with everything that is wrong with it noted.
fn put_of(v: &mut Violations, message: &PutCalendarRequest) -> Option<Put> {
    let effective_from = v.parse::<Date>("effective_from", &message.effective_from);
    let holidays = v.parse_each::<Date>("holidays", &message.holidays, MAX_DAYS);
    let make_up_days = v.parse_each::<Date>("make_up_days", &message.make_up_days, MAX_DAYS);
    if message.hours.len() > MAX_SPANS {
        v.push("hours", "a day has at most 6 spans: join some", "每天最多6段，请合并");
        return None;
    }
    let hours: Vec<(u32, u32)> =
        message.hours.iter().map(|span| (span.from_minute, span.to_minute)).collect();
    let put = Put {
        effective_from: effective_from?,
        holidays: holidays?.into_iter().collect(),
        make_up_days: make_up_days?.into_iter().collect(),
        hours: if hours.is_empty() { HOURS.to_vec() } else { hours },
    };
    let wrong = check(&put);
    for invalid in &wrong {
        let field = match invalid {
            InvalidCalendar::Both(_) | InvalidCalendar::Before(_) => "make_up_days",
            InvalidCalendar::NoWork(_) | InvalidCalendar::Gap(..) => "holidays",
            InvalidCalendar::Hours => "hours",
        };
        v.push(field, invalid.to_string(), invalid.message_zh());
    }
    wrong.is_empty().then_some(put)
}
