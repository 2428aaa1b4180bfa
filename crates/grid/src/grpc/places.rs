//! What places are called. Names of places are public.

use api::grid::v1;
use kernel::{Division, GridCode};
use platform::grpc::{ServiceError, Violations};

use super::{Server, checked};
use crate::projections::divisions::DivisionRow;

/// The most places of one call.
const MOST: usize = 200;

/// A place that is asked for.
enum Asked {
    Division(Division),
    Grid(GridCode),
}

pub(super) async fn describe_places(
    server: &Server,
    request: tonic::Request<v1::DescribePlacesRequest>,
) -> Result<v1::DescribePlacesResponse, ServiceError> {
    let message = request.into_inner();
    let context = &server.context;
    let mut v = Violations::new();
    let asked = asked(&mut v, &message.codes);
    let asked = checked(v, asked)?;
    let wanted: Option<kernel::LogPosition> = message.min_position.map(Into::into);
    context.wait(&server.divisions, wanted.clone()).await?;
    context.wait(&server.grids, wanted).await?;

    let position = context.position(&server.divisions).min(context.position(&server.grids));
    let mut places = Vec::with_capacity(asked.len());
    for place in asked {
        places.push(match place {
            Asked::Division(division) => server.division_place(division).await?,
            Asked::Grid(grid) => server.grid_place(grid).await?,
        });
    }
    Ok(v1::DescribePlacesResponse { places, position: Some(position.into()) })
}

/// The codes, if there are not too many and all of them are codes.
fn asked(v: &mut Violations, codes: &[String]) -> Option<Vec<Asked>> {
    if codes.len() > MOST {
        v.push(
            "codes",
            format!("these are more than {MOST}: ask in several calls"),
            format!("一次最多查询{MOST}个, 请分次查询"),
        );
        return None;
    }
    let read = codes.iter().map(|code| match code.len() {
        15 => v.parse("codes", code).map(Asked::Grid),
        _ => v.parse("codes", code).map(Asked::Division),
    });
    // All are looked at, so that each wrong one is named.
    read.collect::<Vec<_>>().into_iter().collect()
}

impl Server {
    async fn division_place(&self, division: Division) -> Result<v1::Place, ServiceError> {
        let names = self.names_down_to(division).await?;
        let code = division.to_string();
        let row = self.division_row(division);
        let found = row.is_some();
        let own = names.last().cloned().unwrap_or_default();
        Ok(v1::Place {
            code,
            name: if found { own } else { String::new() },
            full_name: if found { names.join(" ") } else { String::new() },
            level: crate::projections::divisions::word(division.level()).to_owned(),
            found,
        })
    }

    async fn grid_place(&self, grid: GridCode) -> Result<v1::Place, ServiceError> {
        let code = grid.to_string();
        let row = self.grids.get(&code).await?;
        let found = row.is_some();
        let (mut name, mut full_name) = (String::new(), String::new());
        if let Some(row) = row {
            name = self.documents.name(&row.document, row.document_row).await?;
            let mut names = self.names_down_to(grid.village()).await?;
            names.push(name.clone());
            full_name = names.join(" ");
        }
        Ok(v1::Place { code, name, full_name, level: "grid".to_owned(), found })
    }

    /// The names of a division and of those around it, from the county down, as far as they are
    /// registered.
    async fn names_down_to(&self, division: Division) -> Result<Vec<String>, ServiceError> {
        let mut names = Vec::with_capacity(3);
        let mut next = Some(division);
        while let Some(division) = next {
            if let Some(row) = self.division_row(division) {
                names.push(self.documents.name(&row.document, row.document_row).await?);
            }
            next = division.parent();
        }
        names.reverse();
        Ok(names)
    }

    fn division_row(&self, division: Division) -> Option<DivisionRow> {
        self.divisions.cached(|rows| rows.get(&division.to_string()).cloned())
    }
}
