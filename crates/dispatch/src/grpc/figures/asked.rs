//! What a request asks, and where it may.

use api::dispatch::v1::{FiguresDimension, FiguresGrain, FiguresPeriod, GetFiguresRequest};
use contracts::intake::Channel;
use jiff::civil::Date;
use kernel::{
    Division,
    id::{CategoryCode, OrganisationId, PersonId},
};
use platform::{
    auth::{Placement, Principal, Scope},
    grpc::Violations,
};

use super::days::{self, Window};
use crate::projections::figures::{Ask, Dimension, Grain};

/// The most days of a window: three years, one of them a leap year.
const MAX_DAYS: i64 = 1_096;

/// A question that can be asked.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) ask: Ask,
    pub(super) window: Window,
    pub(super) per: FiguresPeriod,
    pub(super) compare: bool,
    /// What the caller's scope must cover.
    pub(super) placement: Placement,
}

impl Asked {
    /// Reads a request whose fields are called with this in front.
    pub(super) fn read(
        v: &mut Violations,
        front: &str,
        principal: &Principal,
        county: Division,
        message: &GetFiguresRequest,
    ) -> Option<Self> {
        let field = |name: &str| format!("{front}{name}");
        let grain = v.required(&field("grain"), grain(message.grain()));
        let division = v
            .parse_optional::<Division>(&field("division"), &message.division)
            .unwrap_or_else(|| home(principal, county));
        if division.county().is_none() {
            v.push(
                &field("division"),
                "figures are those of a county, a township or a village: name one",
                "请填写县、乡镇或村的区划代码",
            );
        }
        let window = window(v, front, message);
        let per = one_of(v, &field("per"), FiguresPeriod::try_from(message.per).ok());
        let by = one_of(v, &field("by"), FiguresDimension::try_from(message.by).ok());
        if message.compare
            && (grain != Some(Grain::Cases) || per != Some(FiguresPeriod::Unspecified))
        {
            v.push(
                &field("compare"),
                "only the figures of cases in one piece are compared: leave out `per`",
                "只有按整段时间统计事项时才能同比、环比，请去掉周期",
            );
        }
        let category = v.parse_optional::<CategoryCode>(&field("category"), &message.category);
        let asked = v.parse_optional::<OrganisationId>(&field("department"), &message.department);
        let department = asked.or_else(|| own_organisation(principal));
        let member = v.parse_optional::<PersonId>(&field("member"), &message.member);
        let channel = v.parse_optional::<Channel>(&field("channel"), &message.channel);
        let placement = Placement { org: department.clone(), ..Placement::of_division(division) };
        let only = [
            (Dimension::Category, category.map(|value| value.to_string())),
            (Dimension::Department, department.map(|value| value.to_string())),
            (Dimension::Member, member.map(|value| value.to_string())),
            (Dimension::Channel, channel.map(|value| value.to_string())),
        ];
        let only = only.into_iter().filter_map(|(dimension, value)| Some((dimension, value?)));
        let (window, per) = (window?, per?);
        let ask = Ask {
            grain: grain?,
            division,
            from: window.from,
            until: window.until,
            by: dimension(by?),
            only: only.collect(),
            daily: per != FiguresPeriod::Unspecified,
        };
        Some(Self { ask, window, per, compare: message.compare, placement })
    }

    /// Whether a row is about one person.
    pub(super) fn is_of_persons(&self) -> bool {
        let member = Dimension::Member;
        self.ask.by == member || self.ask.only.iter().any(|(dimension, _)| *dimension == member)
    }

    /// A name for a file of the answer.
    pub(super) fn name(&self) -> String {
        let grain = match self.ask.grain {
            Grain::Cases => "cases",
            Grain::Steps => "transitions",
            Grain::Flow => "open",
        };
        let (from, until) = (days::shown(self.window.from), days::shown(self.window.until));
        format!("figures-{grain}-{}-{from}-{until}", self.ask.division)
    }
}

fn one_of<T>(v: &mut Violations, field: &str, value: Option<T>) -> Option<T> {
    if value.is_none() {
        v.push(field, "there is no such choice: leave it out", "没有这个选项，请去掉");
    }
    value
}

const fn grain(grain: FiguresGrain) -> Option<Grain> {
    match grain {
        FiguresGrain::Unspecified => None,
        FiguresGrain::Cases => Some(Grain::Cases),
        FiguresGrain::Transitions => Some(Grain::Steps),
        FiguresGrain::OpenPerDay => Some(Grain::Flow),
    }
}

const fn dimension(dimension: FiguresDimension) -> Dimension {
    match dimension {
        FiguresDimension::Unspecified => Dimension::Total,
        FiguresDimension::Division => Dimension::Division,
        FiguresDimension::Category => Dimension::Category,
        FiguresDimension::Department => Dimension::Department,
        FiguresDimension::Member => Dimension::Member,
        FiguresDimension::Channel => Dimension::Channel,
    }
}

/// The division of the caller's scope, as far as this county's tables tell of it.
fn home(principal: &Principal, county: Division) -> Division {
    match &principal.scope {
        Scope::Division(division) | Scope::Organisation { division, .. } => {
            if division.county().is_some() { *division } else { county }
        }
        Scope::Grid(grid) => grid.village(),
        Scope::Own | Scope::Assigned => county,
    }
}

/// Who acts for an organisation sees its figures and no others.
fn own_organisation(principal: &Principal) -> Option<OrganisationId> {
    match &principal.scope {
        Scope::Organisation { org, .. } => Some(org.clone()),
        Scope::Division(_) | Scope::Grid(_) | Scope::Own | Scope::Assigned => None,
    }
}

fn window(v: &mut Violations, front: &str, message: &GetFiguresRequest) -> Option<Window> {
    let (from_field, until_field) = (format!("{front}from"), format!("{front}until"));
    let from = v.parse::<Date>(&from_field, &message.from);
    let until = v.parse::<Date>(&until_field, &message.until);
    let window = Window { from: days::number(from?), until: days::number(until?) };
    let days = window.until - window.from;
    if !(1..=MAX_DAYS).contains(&days) {
        v.push(
            &until_field,
            format!("a window has from 1 to {MAX_DAYS} days: choose another last day"),
            format!("日期范围须为1至{MAX_DAYS}天，请重选"),
        );
        return None;
    }
    Some(window)
}
