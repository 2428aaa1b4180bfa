//! Lists: a page of what the caller's scope covers, the newest first.

use api::common::v1::Position;
use platform::{
    auth::ScopePredicate,
    database::table::Row,
    grpc::{ListKey, ServiceError, SortValue, Violations, call::Call},
    projection::View,
};

use super::Coordination;
use crate::{
    grpc::list_work_orders,
    projections::scoped::{self, Condition},
};

/// What every list is asked with.
pub(super) struct Asked<'a> {
    /// The method, which makes its tokens its own.
    pub(super) method: &'static str,
    /// As requests have it.
    pub(super) page_size: i32,
    /// As requests have it.
    pub(super) page_token: &'a str,
    /// As requests have it.
    pub(super) min_position: Option<Position>,
    /// As requests have it.
    pub(super) division: &'a str,
}

/// A page.
pub(super) struct Listed<R> {
    /// The rows with their keys.
    pub(super) rows: Vec<(String, R)>,
    /// The token of the next page; empty where there is none.
    pub(super) next: String,
    /// How far the table is.
    pub(super) position: Option<Position>,
}

impl Coordination {
    /// A page of a table by when its rows were created.
    pub(super) async fn listed<R: Row>(
        &self,
        call: &Call,
        view: &View<R>,
        asked: Asked<'_>,
        (mut v, mut conditions): (Violations, Vec<Condition>),
        created_at: fn(&R) -> i64,
    ) -> Result<Listed<R>, ServiceError> {
        let division = v.parse_optional("division", asked.division);
        if let Some(division) = division {
            conditions.extend(scoped::inside(division));
        }
        let predicate: ScopePredicate = call.principal.predicate(self.context.county);
        let list = ListKey::new(asked.method, &[&format!("{conditions:?} {predicate:?}")]);
        let tokens = &self.context.page_tokens;
        let page = tokens.read(&mut v, list, asked.page_size, asked.page_token);
        v.finish()?;
        if let Some(division) = division {
            list_work_orders::require(&call.principal, division)?;
        }
        self.context.wait(view, asked.min_position.map(Into::into)).await?;
        let position = self.context.position(view);
        let after = page.after.as_deref().and_then(list_work_orders::sort_values);
        let size = page.size + 1;
        let mut rows =
            scoped::page(view, &predicate, conditions, "created_at", after, size).await?;
        let more = rows.len() > page.size as usize;
        rows.truncate(page.size as usize);
        let next = match rows.last().filter(|_| more) {
            Some((id, row)) => tokens
                .next(list, &[SortValue::Integer(created_at(row)), SortValue::Text(id.clone())]),
            None => String::new(),
        };
        Ok(Listed { rows, next, position: Some(position.into()) })
    }
}
