//! What the screen shows, ready for its template.

use std::collections::HashSet;

use crate::{
    gateway::Gateway,
    problem::Problem,
    projections::figures::{self, Figures, Share},
    session::StaffSession,
    time,
};
use kernel::Timestamp;

/// How many changes the feed shows.
const FEED: usize = 12;

/// How many changes are looked at for it.
const LOOKED_AT: usize = 60;

/// How many places the league shows.
const LEAGUE: usize = 10;

/// How many categories are named.
const CATEGORIES: usize = 6;

/// The size of the chart of the last day, in its own units.
const WIDTH: i64 = 230;
const HEIGHT: i64 = 60;

/// What the screen shows.
pub(super) struct Board {
    /// The figures.
    pub(super) figures: Figures,
    /// Their rates, such as `97.4`; a dash of nothing.
    pub(super) on_time: String,
    pub(super) satisfied: String,
    /// The league's places, and their rates.
    pub(super) places: Vec<Place>,
    /// Category, open cases, and in percent of the first; none that is confidential.
    pub(super) categories: Vec<(String, i64, i64)>,
    /// What changed last; none where it is not known which categories are confidential.
    pub(super) feed: Option<Vec<Change>>,
    /// The chart: the area of what was reported, the line of what was resolved, and their highest.
    pub(super) area: String,
    pub(super) line: String,
    pub(super) highest: i64,
    /// The hours at its beginning, middle and end.
    pub(super) hours: [String; 3],
    /// `grid:count` of each grid with open cases.
    pub(super) grids: String,
    /// Categories of which nothing is shown.
    pub(super) hidden: String,
    /// Until when: `hh:mm:ss`.
    pub(super) as_of: String,
}

/// A place of the league.
pub(super) struct Place {
    /// Its code.
    pub(super) code: String,
    pub(super) open: i64,
    pub(super) overdue: i64,
    /// The rate.
    pub(super) on_time: String,
}

/// A case that changed.
pub(super) struct Change {
    pub(super) id: String,
    /// `hh:mm`.
    pub(super) time: String,
    /// The grid, or the narrowest place that is known.
    pub(super) place: String,
    pub(super) category: String,
    /// Where it stands.
    pub(super) status: String,
    /// How that is coloured.
    pub(super) kind: &'static str,
}

impl Board {
    /// What is in this person's scope now.
    pub(super) async fn of(gateway: &Gateway, session: &StaffSession) -> Result<Self, Problem> {
        let scope = session.who.principal.predicate(gateway.context.county);
        let (cases, orders) = (gateway.live.cases(), gateway.live.orders());
        let now = session.visit.now;
        let figures = figures::figures(cases, orders, &scope, now);
        let latest = figures::latest(cases, &scope, LOOKED_AT);
        let (figures, latest) = tokio::try_join!(figures, latest).map_err(Problem::defect)?;
        let hidden = hidden(gateway);
        let feed = hidden.as_ref().map(|hidden| {
            let shown = latest.into_iter().filter(|(_, row)| !hidden.contains(&row.category));
            shown.take(FEED).map(|(id, row)| Change::of(id, &row)).collect::<Vec<_>>()
        });
        let places = feed.iter().flatten().map(|change| change.place.as_str());
        gateway.names.learn_places(gateway, places).await;
        let named = |(code, _): &&(String, i64)| {
            hidden.as_ref().is_some_and(|hidden| !hidden.contains(code))
        };
        let categories: Vec<_> =
            figures.categories.iter().filter(named).take(CATEGORIES).cloned().collect();
        let most = categories.first().map_or(1, |(_, count)| *count).max(1);
        let all = figures.reported_by_hour.iter().chain(&figures.resolved_by_hour);
        let highest = all.copied().max().unwrap_or_default();
        let reported = points(&figures.reported_by_hour, highest);
        let hour = |back: i64| {
            let clock = time::clock(Timestamp(now.0 - back * 3_600_000));
            clock.chars().take(2).chain(":00".chars()).collect::<String>()
        };
        Ok(Self {
            on_time: percent(figures.on_time),
            satisfied: percent(figures.satisfied),
            places: figures
                .places
                .iter()
                .take(LEAGUE)
                .map(|place| Place {
                    code: place.code.clone(),
                    open: place.open,
                    overdue: place.overdue,
                    on_time: percent(place.on_time),
                })
                .collect(),
            categories: categories
                .into_iter()
                .map(|(code, count)| (code, count, count * 100 / most))
                .collect(),
            feed,
            area: format!("0,{HEIGHT} {reported} {WIDTH},{HEIGHT}"),
            line: points(&figures.resolved_by_hour, highest),
            highest,
            hours: [hour(23), hour(12), hour(0)],
            grids: joined(figures.grids.iter().map(|(grid, count)| format!("{grid}:{count}"))),
            hidden: joined(hidden.into_iter().flatten()),
            as_of: time::clock(now),
            figures,
        })
    }
}

/// The categories that only those see who handle them; none where the catalogue is not known.
pub(super) fn hidden(gateway: &Gateway) -> Option<HashSet<String>> {
    let categories = gateway.names.categories();
    let known = !categories.is_empty();
    let hidden = categories.into_iter().filter(|category| category.confidential);
    known.then(|| hidden.map(|category| category.code).collect())
}

impl Change {
    fn of(id: String, row: &crate::projections::live_cases::LiveCaseRow) -> Self {
        let narrow = [&row.grid, &row.village, &row.township, &row.county];
        let place = narrow.into_iter().find(|code| !code.is_empty());
        let kind = match row.status.as_str() {
            "reported" => "warn",
            "accepted" => "info",
            "refused" => "plain",
            _over => "ok",
        };
        let time = time::clock(Timestamp(row.updated_at)).chars().take(5).collect();
        Self {
            id,
            time,
            place: place.cloned().unwrap_or_default(),
            category: row.category.clone(),
            status: row.status.clone(),
            kind,
        }
    }
}

fn joined(words: impl IntoIterator<Item = String>) -> String {
    words.into_iter().collect::<Vec<_>>().join(" ")
}

/// `97.4`; a dash of nothing.
fn percent(share: Share) -> String {
    share.permille().map_or("–".to_owned(), |permille| match permille {
        1000 => "100".to_owned(),
        _ => format!("{}.{}", permille / 10, permille % 10),
    })
}

/// The points of a line over the hours.
fn points(hours: &[i64], highest: i64) -> String {
    let step = WIDTH / i64::try_from(hours.len().max(2) - 1).unwrap_or(1);
    let y = |count: i64| HEIGHT - count * (HEIGHT - 4) / highest.max(1);
    joined((0..).zip(hours).map(|(n, count)| format!("{},{}", n * step, y(*count))))
}
