//! The lists of divisions and of grids.

use std::collections::BTreeMap;

use api::grid::v1;
use kernel::{Division, LogPosition, geo::Polygon};
use platform::{
    auth::Placement,
    grpc::{ListKey, ServiceError, SortValue, Violations, call::Call},
};

use super::{Server, grids::rings, reader_of_divisions, reader_of_grids};
use crate::projections::{
    divisions::{self, DivisionRow},
    grid_boundaries,
    grids::{self, GridRow},
    members::{self, MemberRow},
};

pub(super) const GRIDS: &str = "/weft.grid.v1.GridService/ListGrids";
pub(super) const DIVISIONS: &str = "/weft.grid.v1.GridService/ListDivisions";

pub(super) async fn list_divisions(
    server: &Server,
    request: tonic::Request<v1::ListDivisionsRequest>,
) -> Result<v1::ListDivisionsResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let context = &server.context;
    let reader = reader_of_divisions(&call.principal, context.county);
    let scope = reader.predicate(context.county);
    let list = ListKey::new(DIVISIONS, &[&message.parent, &format!("{scope:?}")]);
    let mut v = Violations::new();
    let parent: Option<Division> = v.parse_optional("parent", &message.parent);
    let page = context.page_tokens.read(&mut v, list, message.page_size, &message.page_token);
    v.finish()?;
    if let Some(parent) = parent {
        reader.require(&Placement::of_division(parent))?;
    }
    context.wait(&server.divisions, message.min_position.map(Into::into)).await?;

    let position = context.position(&server.divisions);
    let listed = divisions::list(&server.divisions, &scope, message.parent, &page).await?;
    let mut shown = Vec::with_capacity(listed.rows.len());
    for (code, row) in listed.rows {
        let DivisionRow { level, parent, document, document_row, .. } = row;
        let name = server.documents.name(&document, document_row).await?;
        shown.push(v1::Division { code, name, level, parent });
    }
    let next = |key| context.page_tokens.next(list, &[SortValue::Text(key)]);
    Ok(v1::ListDivisionsResponse {
        divisions: shown,
        next_page_token: listed.next.map(next).unwrap_or_default(),
        position: Some(position.into()),
    })
}

pub(super) async fn list_grids(
    server: &Server,
    request: tonic::Request<v1::ListGridsRequest>,
) -> Result<v1::ListGridsResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let context = &server.context;
    let reader = reader_of_grids(&call.principal);
    let scope = reader.predicate(context.county);
    let list = ListKey::new(GRIDS, &[&message.division, &format!("{scope:?}")]);
    let mut v = Violations::new();
    let division: Option<Division> = v.parse_optional("division", &message.division);
    let page = context.page_tokens.read(&mut v, list, message.page_size, &message.page_token);
    v.finish()?;
    if let Some(division) = division {
        reader.require(&Placement::of_division(division))?;
    }
    let wanted: Option<LogPosition> = message.min_position.map(Into::into);
    context.wait(&server.grids, wanted.clone()).await?;
    context.wait(&server.boundaries, wanted.clone()).await?;
    context.wait(&server.members, wanted).await?;

    let position = context.position(&server.grids).min(context.position(&server.members));
    let listed = grids::list(&server.grids, &scope, division, &page).await?;
    let next = |key| context.page_tokens.next(list, &[SortValue::Text(key)]);
    let mut grids = server.shown(listed.rows).await?;
    if message.boundaries {
        server.draw(&mut grids)?;
    }
    Ok(v1::ListGridsResponse {
        grids,
        next_page_token: listed.next.map(next).unwrap_or_default(),
        position: Some(position.into()),
    })
}

impl Server {
    /// Grids with their names and members.
    pub(super) async fn shown(
        &self,
        rows: Vec<(String, GridRow)>,
    ) -> Result<Vec<v1::Grid>, ServiceError> {
        let codes: Vec<&str> = rows.iter().map(|(code, _)| code.as_str()).collect();
        let mut members: BTreeMap<String, Vec<MemberRow>> =
            members::of_grids(&self.members, &codes).await?;
        let mut shown = Vec::with_capacity(rows.len());
        for (grid, row) in rows {
            let name = self.documents.name(&row.document, row.document_row).await?;
            let kind = v1::GridKind::from_str_name(&api::name(&row.kind, "GRID_KIND_"));
            let members = members.remove(&grid).unwrap_or_default();
            shown.push(v1::Grid {
                name,
                kind: kind.unwrap_or_default().into(),
                division: row.village,
                members: members.into_iter().map(member).collect(),
                version: u64::try_from(row.version).unwrap_or_default(),
                boundary: Vec::new(),
                grid,
            });
        }
        Ok(shown)
    }

    /// Adds the boundaries of grids: some hundred points each, so that a county's few hundred grids
    /// stay well below what one message may have.
    fn draw(&self, grids: &mut [v1::Grid]) -> Result<(), ServiceError> {
        for shown in grids {
            let Ok(grid) = shown.grid.parse() else { continue };
            if let Some((_, delta)) = grid_boundaries::existing(&self.boundaries, grid) {
                let polygon = Polygon::try_from(delta).map_err(ServiceError::corrupt)?;
                shown.boundary = rings(&polygon);
            }
        }
        Ok(())
    }
}

fn member(row: MemberRow) -> v1::Member {
    let duty = v1::MemberDuty::from_str_name(&api::name(&row.duty, "MEMBER_DUTY_"));
    v1::Member { person_id: row.person, duty: duty.unwrap_or_default().into() }
}
