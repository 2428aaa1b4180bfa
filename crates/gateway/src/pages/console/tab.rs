//! The tabs of the queue. Each is one list of one service: a case before it is accepted and after all
//! is over, an order in between.

use api::{
    dispatch::v1::{ListWorkOrdersRequest, WorkOrderStatus},
    intake::v1::{CaseStatus, ListCasesRequest},
};

use super::{plain, word};
use crate::live::board::Counts;

/// A tab.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tab {
    /// Cases to accept.
    #[default]
    New,
    /// Orders that nobody has.
    Assign,
    /// Orders that their assignee has not accepted.
    Routed,
    /// Orders in work.
    Handling,
    /// Orders to verify.
    Verify,
    /// Orders to close.
    Close,
    /// Orders that are late.
    Overdue,
    /// Orders that are closed.
    Done,
    /// All cases.
    All,
}

impl Tab {
    /// In the order in which they stand.
    pub(super) const EACH: [Self; 9] = [
        Self::New,
        Self::Assign,
        Self::Routed,
        Self::Handling,
        Self::Verify,
        Self::Close,
        Self::Overdue,
        Self::Done,
        Self::All,
    ];

    /// As addresses name it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Assign => "assign",
            Self::Routed => "routed",
            Self::Handling => "handling",
            Self::Verify => "verify",
            Self::Close => "close",
            Self::Overdue => "overdue",
            Self::Done => "done",
            Self::All => "all",
        }
    }

    /// The tab of a name; the first one of a name that is none.
    pub(super) fn named(name: &str) -> Self {
        Self::EACH.into_iter().find(|tab| tab.name() == name).unwrap_or_default()
    }

    /// Whether it lists cases; else orders.
    pub(super) const fn lists_cases(self) -> bool {
        matches!(self, Self::New | Self::All)
    }

    /// Whether what is in it can be late.
    pub(super) const fn has_deadlines(self) -> bool {
        !self.lists_cases() && !matches!(self, Self::Overdue)
    }

    /// The status of an order in it.
    const fn order(self) -> WorkOrderStatus {
        match self {
            Self::Routed => WorkOrderStatus::Routed,
            Self::Handling => WorkOrderStatus::Accepted,
            Self::Verify => WorkOrderStatus::Handled,
            Self::Close => WorkOrderStatus::Verified,
            Self::Done => WorkOrderStatus::Closed,
            Self::Assign | Self::Overdue | Self::New | Self::All => WorkOrderStatus::Unspecified,
        }
    }

    /// The kind and the status, as the live parts name them, of what is new in it; the status is empty
    /// where any is.
    pub(super) const fn news(self) -> (&'static str, &'static str) {
        match self {
            Self::New | Self::All => ("case", "reported"),
            Self::Assign => ("order", "returned"),
            Self::Routed => ("order", "routed"),
            Self::Handling => ("order", "accepted"),
            Self::Verify => ("order", "handled"),
            Self::Close => ("order", "verified"),
            Self::Overdue => ("order", "overdue"),
            Self::Done => ("order", "closed"),
        }
    }

    /// How many are in it; none where that is not counted.
    pub(super) fn count(self, counts: &Counts) -> Option<i64> {
        match self {
            Self::New => Some(counts.reported),
            Self::Assign => Some(counts.unassigned),
            Self::Overdue => Some(counts.overdue),
            Self::Routed => Some(counts.routed),
            Self::Handling => Some(counts.accepted),
            Self::Verify => Some(counts.handled),
            Self::Close => Some(counts.verified),
            Self::Done | Self::All => None,
        }
    }
}

/// What a visitor asks the queue for.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    tab: String,
    pub(super) division: String,
    pub(super) category: String,
    pub(super) status: String,
    overdue: String,
    pub(super) page: String,
}

/// How many lines a page has.
pub(super) const LINES: i32 = 50;

/// The statuses by which all cases can be filtered.
const STATUSES: [CaseStatus; 12] = [
    CaseStatus::Reported,
    CaseStatus::Accepted,
    CaseStatus::Refused,
    CaseStatus::Resolved,
    CaseStatus::Rated,
    CaseStatus::Archived,
    CaseStatus::AwaitingInformation,
    CaseStatus::Answered,
    CaseStatus::Merged,
    CaseStatus::Transferred,
    CaseStatus::Withdrawn,
    CaseStatus::Lapsed,
];

/// A status as addresses name it.
pub(super) fn status_word(status: CaseStatus) -> String {
    word(status.as_str_name(), "CASE_STATUS_")
}

impl Asked {
    /// What was asked, without what cannot stand in an address.
    pub(super) fn cleaned(self) -> Self {
        Self {
            tab: plain(&self.tab),
            division: plain(&self.division),
            category: plain(&self.category),
            status: plain(&self.status),
            overdue: plain(&self.overdue),
            page: plain(&self.page),
        }
    }

    /// Which tab.
    pub(super) fn tab(&self) -> Tab {
        Tab::named(&self.tab)
    }

    /// Whether only what is late.
    pub(super) fn late(&self) -> bool {
        self.overdue == "1" && self.tab().has_deadlines()
    }

    /// Whether anything is left out by a filter.
    pub(super) fn filters(&self) -> bool {
        self.late()
            || [&self.division, &self.category, &self.status].iter().any(|one| !one.is_empty())
    }

    /// The statuses that can be chosen.
    pub(super) fn statuses() -> Vec<String> {
        STATUSES.map(status_word).to_vec()
    }

    /// The address of a tab with the same filters.
    pub(super) fn to_tab(&self, tab: Tab) -> String {
        let mut path = format!("/console?tab={}", tab.name());
        for (name, value) in [("division", &self.division), ("category", &self.category)] {
            if !value.is_empty() {
                path.extend(["&", name, "=", value.as_str()]);
            }
        }
        path
    }

    /// The query of the same.
    pub(super) fn query(&self) -> String {
        self.here().split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default()
    }

    /// The address of the first page of what was asked.
    pub(super) fn here(&self) -> String {
        let mut path = self.to_tab(self.tab());
        if self.tab() == Tab::All && !self.status.is_empty() {
            path.extend(["&status=", self.status.as_str()]);
        }
        if self.late() {
            path.push_str("&overdue=1");
        }
        path
    }

    /// The address of the page after a token.
    pub(super) fn next(&self, token: &str) -> String {
        if token.is_empty() { String::new() } else { format!("{}&page={token}", self.here()) }
    }

    /// What intake is asked for.
    pub(super) fn of_cases(&self) -> ListCasesRequest {
        let chosen = STATUSES.into_iter().find(|status| status_word(*status) == self.status);
        let status = if self.tab() == Tab::New {
            CaseStatus::Reported
        } else {
            chosen.unwrap_or(CaseStatus::Unspecified)
        };
        // Who has waited longest comes first; of all, the newest.
        let order_by = if self.tab() == Tab::New { "reported_at" } else { "reported_at desc" };
        ListCasesRequest {
            page_size: LINES,
            page_token: self.page.clone(),
            status: status.into(),
            category: self.category.clone(),
            division: self.division.clone(),
            order_by: order_by.to_owned(),
            ..ListCasesRequest::default()
        }
    }

    /// What dispatch is asked for.
    pub(super) fn of_orders(&self) -> ListWorkOrdersRequest {
        let tab = self.tab();
        let order_by = if tab == Tab::Done { "created_at desc" } else { "due" };
        ListWorkOrdersRequest {
            page_size: LINES,
            page_token: self.page.clone(),
            status: tab.order().into(),
            category: self.category.clone(),
            division: self.division.clone(),
            overdue: tab == Tab::Overdue || self.late(),
            open: tab != Tab::Done,
            unassigned: tab == Tab::Assign,
            order_by: order_by.to_owned(),
            ..ListWorkOrdersRequest::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_asks_for_what_it_says_and_nothing_else() {
        let asked = Asked {
            tab: "handling".into(),
            division: "620821101&x=1".into(),
            overdue: "1".into(),
            ..Asked::default()
        };
        let asked = asked.cleaned();
        assert_eq!(asked.here(), "/console?tab=handling&division=620821101x1&overdue=1");
        assert_eq!(asked.next("t"), format!("{}&page=t", asked.here()));
        assert_eq!(asked.next(""), "");
        let request = asked.of_orders();
        assert_eq!(request.status(), WorkOrderStatus::Accepted);
        assert!(request.overdue && request.open && !request.unassigned);
    }

    #[test]
    fn every_tab_has_its_own_name() {
        for tab in Tab::EACH {
            assert_eq!(Tab::named(tab.name()), tab);
        }
        assert_eq!(Tab::named("nonsense"), Tab::New);
    }
}
