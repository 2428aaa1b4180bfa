//! `ListHotspots`: what comes up often, in the caller's scope.

use api::intake::v1::{Hotspot, HotspotStatus, ListHotspotsRequest, ListHotspotsResponse};
use kernel::id::CategoryCode;
use platform::{
    audit::Object,
    auth::{Scope, ScopePredicate},
    grpc::{ListKey, ServiceError, SortValue, Violations, call::Call},
    projection::listing::{self, Listed},
};
use tonic::Request;

use super::{Catalogue, list_admissions::text};
use crate::{catalogue::table::Names, projections::hotspots::HotspotRow};

const METHOD: &str = "/weft.intake.v1.CatalogueService/ListHotspots";

pub(super) async fn list_hotspots(
    catalogue: &Catalogue,
    request: Request<ListHotspotsRequest>,
) -> Result<ListHotspotsResponse, ServiceError> {
    let call = Call::of(&request)?;
    let message = request.into_inner();
    let Catalogue { intake, neighbours } = catalogue;
    let mut v = Violations::new();
    let _form = v.parse_optional::<CategoryCode>("category", &message.category);
    let (status, standing) = match HotspotStatus::try_from(message.status) {
        Ok(HotspotStatus::Unspecified) => (String::new(), "open".to_owned()),
        Ok(status) => {
            let word = status.as_str_name().trim_start_matches("HOTSPOT_STATUS_").to_lowercase();
            (word, String::new())
        }
        Err(_) => {
            v.push("status", "choose one of HotspotStatus", "没有该状态，请重新选择");
            (String::new(), String::new())
        }
    };
    let caller = &call.principal;
    let scope = format!("{:?} {}", caller.scope, caller.person);
    let key = ListKey::new(METHOD, &[&status, &message.category, &scope]);
    let page = intake.context.page_tokens.read(&mut v, key, message.page_size, &message.page_token);
    v.finish()?;
    intake.context.wait(&neighbours.hotspots, message.min_position.map(Into::into)).await?;
    let position = intake.context.position(&neighbours.hotspots);
    let within = match &caller.scope {
        // A hot spot is of a place, no organisation's: a department sees those of its division.
        Scope::Organisation { division, .. } => {
            Scope::Division(*division).predicate(&caller.person, intake.context.county)
        }
        Scope::Division(_) | Scope::Grid(_) => caller.predicate(intake.context.county),
        Scope::Own | Scope::Assigned => ScopePredicate::Nothing,
    };
    let filters = [("status", status), ("standing", standing), ("category", message.category)];
    let Listed { rows, next } =
        listing::list(&neighbours.hotspots, &within, &filters, &page).await?;
    let mut hotspots = Vec::with_capacity(rows.len());
    for (id, row) in rows {
        hotspots.push(hotspot(catalogue, id, row).await?);
    }
    call.reads("list_hotspots", Object::list("hotspot", hotspots.len()));
    let next = next.map(|id| intake.context.page_tokens.next(key, &[SortValue::Text(id)]));
    Ok(ListHotspotsResponse {
        hotspots,
        next_page_token: next.unwrap_or_default(),
        position: Some(position.into()),
    })
}

async fn hotspot(
    catalogue: &Catalogue,
    id: String,
    row: HotspotRow,
) -> Result<Hotspot, ServiceError> {
    let category = catalogue.intake.categories.cached(|rows| rows.get(&row.category).cloned());
    let name = match category {
        Some(category) => catalogue.intake.documents.name(&category).await?,
        None => Names::default(),
    };
    let status = api::name(&row.status, "HOTSPOT_STATUS_");
    Ok(Hotspot {
        hotspot_id: id,
        status: HotspotStatus::from_str_name(&status).unwrap_or_default().into(),
        category_zh: name.zh,
        category_en: name.en,
        count: u32::try_from(row.count).unwrap_or_default(),
        window_days: u32::try_from(row.window_days).unwrap_or_default(),
        raised_at: row.raised_at,
        last_reported_at: row.last_reported_at,
        updated_at: row.updated_at,
        version: u64::try_from(row.version).unwrap_or_default(),
        measure: text(catalogue, &row.measure).await?,
        category: row.category,
        division: row.division,
        grid: row.grid,
    })
}
