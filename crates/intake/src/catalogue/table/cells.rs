//! What stands in the cells of a table, each by its column.

use std::{
    collections::{BTreeSet, HashMap},
    str::FromStr,
    sync::LazyLock,
};

use contracts::intake::{Tier, TierHandler, TierLimit, Urgency};
use kernel::{
    Timestamp,
    id::{CategoryCode, LegalCode, OrgKind},
    limit::Limit,
};

use super::{names::pairs, row::Checking};
use crate::catalogue::days;

/// What stands in a cell is wrong, and that is noted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noted;

/// The longest name, in characters.
const MAX_NAME: usize = 60;

/// The longest title of a law, and how many a category may have.
const MAX_TITLE: usize = 120;
const MAX_LAWS: usize = 20;

/// The kinds of bodies by their Chinese names, as shipped.
pub static DEPARTMENTS: LazyLock<HashMap<String, OrgKind>> = LazyLock::new(|| {
    let table = include_str!("../../../../../resources/departments.csv");
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    reader
        .records()
        .filter_map(|record| {
            let record = record.ok()?;
            Some((record.get(1)?.to_owned(), record.get(0)?.parse().ok()?))
        })
        .collect()
});

/// A body by its name, or by its code where a county has one of its own.
fn body(text: &str) -> Option<OrgKind> {
    DEPARTMENTS.get(text).cloned().or_else(|| text.parse().ok())
}

impl Checking {
    pub(super) fn code(
        &mut self,
        column: &str,
        text: &str,
        digits: Option<usize>,
    ) -> Option<CategoryCode> {
        let fits = |code: &CategoryCode| digits.is_none_or(|digits| code.as_str().len() == digits);
        let code = text.parse::<CategoryCode>().ok().filter(fits);
        if code.is_none() {
            let (en, zh) = match digits {
                Some(digits) => (format!("{digits} digits"), format!("{digits}位")),
                None => ("2, 4, 6 or 8 digits".to_owned(), "2、4、6或8位".to_owned()),
            };
            self.wrong(
                column,
                format!("a code of {en} is needed, found {:?}", shown(text)),
                format!("应为{zh}数字代码"),
            );
        }
        code
    }

    /// A code that may be left out.
    pub(super) fn code_or_none(
        &mut self,
        column: &str,
        text: &str,
    ) -> Result<Option<CategoryCode>, Noted> {
        if text.is_empty() {
            Ok(None)
        } else {
            self.code(column, text, None).map(Some).ok_or(Noted)
        }
    }

    pub(super) fn name(&mut self, column: &str, text: &str, needed: bool) {
        let good = (!needed || !text.is_empty()) && is_line(text, MAX_NAME);
        if !good {
            self.wrong(
                column,
                format!("a name has 1 to {MAX_NAME} characters, on one line"),
                format!("名称应为1至{MAX_NAME}个字，不换行"),
            );
        }
    }

    pub(super) fn body(&mut self, column: &str, text: &str) -> Option<OrgKind> {
        let found = body(text);
        if found.is_none() {
            self.wrong(
                column,
                format!("no body {:?}: use a name of departments.csv", shown(text)),
                format!("没有“{}”这个单位，请使用单位表中的名称", shown(text)),
            );
        }
        found
    }

    pub(super) fn limit(&mut self, column: &str, text: &str) -> Option<Limit> {
        text.parse()
            .map_err(|reason: kernel::limit::InvalidLimit| {
                self.wrong(column, reason.to_string(), "时限应为数字加 wd、wh 或 min，例如 3wd");
            })
            .ok()
    }

    pub(super) fn word<T: FromStr + std::fmt::Display>(
        &mut self,
        column: &str,
        text: &str,
        all: &[T],
    ) -> Option<T> {
        let word = text.parse().ok();
        if word.is_none() {
            let words: Vec<String> = all.iter().map(ToString::to_string).collect();
            let words = words.join(", ");
            self.wrong(column, format!("one of: {words}"), format!("应为以下之一：{words}"));
        }
        word
    }

    pub(super) fn yes_or_no(&mut self, column: &str, text: &str) -> Option<bool> {
        match text {
            "yes" => Some(true),
            "no" => Some(false),
            _ => {
                self.wrong(column, "yes or no", "应为 yes 或 no");
                None
            }
        }
    }

    /// A whole number up to a bound, which may be left out.
    pub(super) fn count(
        &mut self,
        column: &str,
        text: &str,
        most: u32,
    ) -> Result<Option<u32>, Noted> {
        if text.is_empty() {
            return Ok(None);
        }
        let count = text.parse::<u32>().ok().filter(|count| (1..=most).contains(count));
        if count.is_none() {
            self.wrong(
                column,
                format!("a whole number from 1 to {most}"),
                format!("应为1至{most}的整数"),
            );
        }
        count.map(Some).ok_or(Noted)
    }

    /// A day, as the moment at which it begins or is over; it may be left out.
    pub(super) fn day(
        &mut self,
        column: &str,
        text: &str,
        over: bool,
    ) -> Result<Option<Timestamp>, Noted> {
        if text.is_empty() {
            return Ok(None);
        }
        let moment = if over { days::ends(text) } else { days::begins(text) };
        if moment.is_none() {
            self.wrong(column, "a day such as 2026-07-01 is needed", "应为日期，例如 2026-07-01");
        }
        moment.map(Some).ok_or(Noted)
    }

    /// `village=…;county=…`: who handles it at these tiers.
    pub(super) fn handlers(&mut self, column: &str, text: &str) -> Option<Vec<TierHandler>> {
        let before = self.found.len();
        let mut handlers = Vec::new();
        for (tier, name) in pairs(text) {
            let tier = self.word(column, &tier, Tier::ALL);
            let handler = self.body(column, &name);
            handlers.extend(tier.zip(handler).map(|(tier, handler)| TierHandler { tier, handler }));
        }
        handlers.sort_by_key(|own| own.tier);
        let tiers: BTreeSet<Tier> = handlers.iter().map(|own| own.tier).collect();
        if tiers.len() < handlers.len() {
            self.wrong(column, "a tier comes twice: leave one out", "层级重复，请删除");
        }
        (self.found.len() == before).then_some(handlers)
    }

    /// `county=5wd;urgent=8wh;township/urgent=4wh`: limits by tier, by urgency, or by both.
    pub(super) fn limits(&mut self, column: &str, text: &str) -> Option<Vec<TierLimit>> {
        let before = self.found.len();
        let mut limits = Vec::new();
        for (key, limit) in pairs(text) {
            let (tier, urgency) = match key.split_once('/') {
                Some((tier, urgency)) => (tier.parse().ok(), urgency.parse::<Urgency>().ok()),
                None => (key.parse::<Tier>().ok(), key.parse::<Urgency>().ok()),
            };
            let half = key.contains('/') && (tier.is_none() || urgency.is_none());
            if half || (tier.is_none() && urgency.is_none()) {
                self.wrong(
                    column,
                    "write a tier (village, township, county), an urgency (low, normal, urgent, emergency), or tier/urgency before =",
                    "等号前应为层级（village、township、county）、紧急程度（low、normal、urgent、emergency）或 层级/紧急程度",
                );
                continue;
            }
            let limit = self.limit(column, &limit);
            limits.extend(limit.map(|limit| TierLimit { tier, urgency, limit }));
        }
        limits.sort_by_key(|row| (row.tier, row.urgency));
        if limits
            .windows(2)
            .any(|two| (two[0].tier, two[0].urgency) == (two[1].tier, two[1].urgency))
        {
            self.wrong(column, "a limit comes twice: leave one out", "时限重复，请删除");
        }
        (self.found.len() == before).then_some(limits)
    }

    /// `l001=《…》;l002=《…》`: the laws and rules on which handling rests.
    pub(super) fn laws(&mut self, column: &str, text: &str) -> Option<Vec<LegalCode>> {
        let pairs = pairs(text);
        let titled = pairs.iter().all(|(_, title)| !title.is_empty() && is_line(title, MAX_TITLE));
        let codes: Option<BTreeSet<String>> = pairs
            .iter()
            .map(|(code, _)| code.parse::<LegalCode>().ok().map(|code| code.to_string()))
            .collect();
        let good =
            codes.filter(|codes| titled && codes.len() == pairs.len() && pairs.len() <= MAX_LAWS);
        if good.is_none() {
            self.wrong(
                column,
                "write l and three digits, =, and the title of the law, separated by ;, each once",
                "应为 l 加三位数字、等号和法规名称，以分号分隔，不得重复",
            );
        }
        good.map(|codes| codes.iter().filter_map(|code| code.parse().ok()).collect())
    }
}

/// Whether a text is one line without anything that hides.
fn is_line(text: &str, most: usize) -> bool {
    text.chars().count() <= most
        && !text.chars().any(|c| {
            c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        })
}

pub(super) fn shown(text: &str) -> String {
    text.chars().take(32).filter(|c| !c.is_control()).collect()
}
