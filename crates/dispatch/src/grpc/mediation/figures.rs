//! `GetMediationFigures`: how many were entered and settled, by kind and level.

use api::dispatch::v1::{
    DisputeLevel, GetMediationFiguresRequest, GetMediationFiguresResponse, MediationFigure,
    MediationKind,
};
use platform::grpc::{ServiceError, Violations, call::Call};
use tonic::Request;

use super::Desk;
use crate::{
    domain::mediation::figures::{self, Figure},
    grpc::list_work_orders::require,
    projections::mediations::{self, Filter, Sight},
};

impl Desk {
    pub(super) async fn get_mediation_figures(
        &self,
        request: Request<GetMediationFiguresRequest>,
    ) -> Result<GetMediationFiguresResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let filter = Filter {
            status: None,
            division: v.parse_optional("division", &message.division),
            from: Some(message.from).filter(|from| *from != 0),
            until: Some(message.until).filter(|until| *until != 0),
        };
        v.finish()?;
        if let Some(division) = filter.division {
            require(&call.principal, division)?;
        }
        self.context.wait(&self.rows, message.min_position.map(Into::into)).await?;
        let position = self.context.position(&self.rows);
        let sight = Sight::of(&call.principal, self.context.county);
        let parts = mediations::figures(&self.rows, &sight, &filter).await?;
        Ok(GetMediationFiguresResponse {
            figures: parts.iter().map(shown).collect(),
            total: Some(shown(&figures::total(&parts))),
            position: Some(position.into()),
        })
    }
}

fn shown(figure: &Figure) -> MediationFigure {
    let kind = figure.kind.map(|kind| api::name(&kind, "MEDIATION_KIND_"));
    let level = figure.level.map(|level| api::name(&level, "DISPUTE_LEVEL_"));
    let kind = kind.and_then(|name| MediationKind::from_str_name(&name)).unwrap_or_default();
    let level = level.and_then(|name| DisputeLevel::from_str_name(&name)).unwrap_or_default();
    MediationFigure {
        kind: kind.into(),
        level: level.into(),
        entered: figure.entered,
        settled: figure.settled,
        settled_rate: figure.settled_rate(),
    }
}
