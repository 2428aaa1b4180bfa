//! The table `accounts`: one row an account that ever held anything, keyed by programme and account.

use contracts::points::{Account, LedgerEvent};
use kernel::{
    DecodeError, StoredEvent as _,
    id::{PersonId, ProgrammeId},
};
use platform::{
    auth::{Placement, ScopeColumn},
    database::{
        SqlError,
        statement::{Cell as _, Statement},
        table,
    },
    log::Recorded,
    projection::{Projection, View},
    row,
};

row! {
    /// An account.
    pub struct AccountRow in "accounts" version 1 {
        /// The county of its programme.
        pub county: String,
        /// The township of its programme.
        pub township: String,
        /// The village of its programme.
        pub village: String,
        /// Always empty, as are the next two.
        pub grid: String,
        /// No organisation's.
        pub org: String,
        /// Nobody's.
        pub assignee: String,
        /// The resident whose own it is; empty where nobody's.
        pub reporter: String,
        /// The programme.
        pub programme: String,
        /// `issuer` or `resident`.
        pub kind: String,
        /// What it holds.
        pub balance: i64,
        /// How many entries it has.
        pub entries: i64,
    }
    indexes ["programme, kind", "reporter, id"]
}

/// What kind of account it is.
pub const fn kind(account: &Account) -> &'static str {
    match account {
        Account::Issuer => "issuer",
        Account::Resident(_) => "resident",
    }
}

/// The resident whose account it is; empty where it is nobody's.
pub fn holder(account: &Account) -> String {
    match account {
        Account::Issuer => String::new(),
        Account::Resident(person) => person.to_string(),
    }
}

/// The key of an account's row.
pub fn key(programme: &ProgrammeId, account: &Account) -> String {
    match account {
        Account::Issuer => format!("{programme}/issuer"),
        Account::Resident(person) => format!("{programme}/{person}"),
    }
}

/// Fills the table.
pub struct Accounts;

impl Projection for Accounts {
    type Row = AccountRow;
    type Event = LedgerEvent;

    fn read(&self, event: &Recorded) -> Result<Option<LedgerEvent>, DecodeError> {
        (event.category() == LedgerEvent::CATEGORY)
            .then(|| LedgerEvent::decode(&event.ce_type, &event.payload))
            .transpose()
    }

    fn keys(&self, event: &LedgerEvent) -> Vec<String> {
        let mut keys: Vec<String> =
            event.legs().iter().map(|leg| key(event.programme(), &leg.account)).collect();
        keys.dedup();
        keys
    }

    fn fold(
        &self,
        of: &str,
        row: Option<AccountRow>,
        event: &LedgerEvent,
        _recorded: &Recorded,
    ) -> Option<AccountRow> {
        let programme = event.programme();
        let legs = event.legs().iter().filter(|leg| key(programme, &leg.account) == of);
        legs.fold(row, |row, leg| {
            let row = row.unwrap_or_else(|| empty(programme, &leg.account));
            let balance = row.balance.saturating_add(leg.amount);
            let entries = row.entries.saturating_add(1);
            Some(AccountRow { balance, entries, ..row })
        })
    }
}

fn empty(programme: &ProgrammeId, account: &Account) -> AccountRow {
    let place = Placement::of_division(programme.division());
    AccountRow {
        county: place.column(ScopeColumn::County),
        township: place.column(ScopeColumn::Township),
        village: place.column(ScopeColumn::Village),
        grid: String::new(),
        org: String::new(),
        assignee: String::new(),
        reporter: holder(account),
        programme: programme.to_string(),
        kind: kind(account).to_owned(),
        balance: 0,
        entries: 0,
    }
}

/// The account of a resident; none while nothing was entered.
pub async fn of(
    accounts: &View<AccountRow>,
    programme: &ProgrammeId,
    person: &PersonId,
) -> Result<Option<AccountRow>, SqlError> {
    accounts.get(&key(programme, &Account::Resident(person.clone()))).await
}

/// The accounts of one kind together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The kind.
    pub kind: String,
    /// How many there are.
    pub accounts: i64,
    /// What they hold.
    pub balance: i64,
}

/// A programme's accounts by kind, in the order of the kinds' names.
pub async fn by_kind(
    accounts: &View<AccountRow>,
    programme: &ProgrammeId,
) -> Result<Vec<Line>, SqlError> {
    let table = table::name::<AccountRow>();
    let statement = Statement::new(&format!(
        "SELECT kind, COUNT(*), CAST(SUM(balance) AS BIGINT) FROM {table}"
    ))
    .with(" WHERE programme = ?", programme.to_string())
    .and(" GROUP BY kind ORDER BY kind");
    let rows = accounts.database().fetch(statement).await?;
    let line = |row: &_| {
        Ok(Line {
            kind: String::from_row(row, 0)?,
            accounts: i64::from_row(row, 1)?,
            balance: i64::from_row(row, 2)?,
        })
    };
    rows.iter().map(line).collect()
}
