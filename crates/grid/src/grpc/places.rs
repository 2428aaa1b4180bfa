//! What places are called. Names of places are public.

use api::grid::v1;
use kernel::{Division, GridCode};
use platform::grpc::{ServiceError, Violations};

use super::{Server, checked};
use crate::projections::divisions::{DivisionRow, word};

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
        let code = division.to_string();
        let row = self.division_row(division);
        let found = row.is_some();
        let (mut name, mut full_name) = (String::new(), String::new());
        if let Some(row) = row {
            name = self.documents.name(&row.document, row.document_row).await?;
            full_name = self.names_down_to(division).await?.join(" ");
        }
        let level = word(division.level()).to_owned();
        Ok(v1::Place { code, name, full_name, level, found })
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

    /// What a division and those around it are called, from the county down, as far as they are
    /// registered.
    async fn names_down_to(&self, division: Division) -> Result<Vec<String>, ServiceError> {
        let mut names = Vec::with_capacity(3);
        let mut next = Some(division);
        while let Some(division) = next {
            if let Some(row) = self.division_row(division) {
                let name = self.documents.name(&row.document, row.document_row).await?;
                names.push(spoken(&name));
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

/// A village as people call it: the register has the names of the committees, 永丰村民委员会 for
/// 永丰村.
fn spoken(name: &str) -> String {
    for (committee, kind) in [("村民委员会", "村"), ("居民委员会", "社区")] {
        if let Some(place) = name.strip_suffix(committee).filter(|place| !place.is_empty()) {
            let said = place.ends_with(kind);
            return if said { place.to_owned() } else { format!("{place}{kind}") };
        }
    }
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::spoken;

    #[test]
    fn a_village_is_called_what_people_call_it() {
        for (registered, called) in [
            ("永丰村民委员会", "永丰村"),
            ("官村村民委员会", "官村"),
            ("安定街居民委员会", "安定街社区"),
            ("北关社区居民委员会", "北关社区"),
            ("党原镇", "党原镇"),
            ("村民委员会", "村民委员会"),
        ] {
            assert_eq!(spoken(registered), called);
        }
    }
}
