//! `GetFigures` and `ExportFigures`: what the cases and orders of a place add up to.
//!
//! | file | what |
//! |---|---|
//! | `figures/asked.rs` | what a request asks, and where it may |
//! | `figures/days.rs` | the days of a window, and its pieces |
//! | `figures/answer.rs` | sums to figures |
//! | `figures/table.rs` | figures as a table, and as CSV |
//! | `figures/workbook.rs` | a table as XLSX |

mod answer;
mod asked;
mod days;
mod table;
mod workbook;

use std::collections::{BTreeMap, BTreeSet};

use api::dispatch::v1::{
    ExportFiguresRequest, ExportFiguresResponse, FiguresFormat, FiguresRow, GetFiguresRequest,
    GetFiguresResponse,
};
use kernel::ErrorCode;
use platform::{
    audit::Object,
    grpc::{ServiceError, Violations, call::Call},
};
use tonic::Request;

use super::Dispatch;
use crate::projections::figures::{self, Ask, Dimension, Grain, Line, Unanswerable};
use answer::{Key, Merged};
use asked::Asked;
use days::{Piece, Window};

/// The most rows of an answer.
const MAX_ROWS: usize = 5_000;

impl Dispatch {
    pub(super) async fn get_figures(
        &self,
        request: Request<GetFiguresRequest>,
    ) -> Result<GetFiguresResponse, ServiceError> {
        let call = Call::of(&request)?;
        let mut v = Violations::new();
        let message = request.into_inner();
        let asked = Asked::read(&mut v, "", &call.principal, self.context.county, &message);
        v.finish()?;
        let Some(asked) = asked else { unreachable!("what is missing is a violation") };
        let (rows, position) = self.figures(&call, &asked, message).await?;
        Ok(GetFiguresResponse { rows, position: Some(position) })
    }

    pub(super) async fn export_figures(
        &self,
        request: Request<ExportFiguresRequest>,
    ) -> Result<ExportFiguresResponse, ServiceError> {
        let call = Call::of(&request)?;
        let message = request.into_inner();
        let mut v = Violations::new();
        let format = format(&mut v, message.format);
        let figures = message.figures.unwrap_or_default();
        let county = self.context.county;
        let asked = Asked::read(&mut v, "figures.", &call.principal, county, &figures);
        v.finish()?;
        let (Some(asked), Some(format)) = (asked, format) else {
            unreachable!("what is missing is a violation")
        };
        let (rows, position) = self.figures(&call, &asked, figures).await?;
        let table = table::of(asked.ask.grain, &rows);
        let (file, content_type, ending) = match format {
            Format::Csv => (table::csv(&table), "text/csv; charset=utf-8", "csv"),
            Format::Xlsx => {
                let file = workbook::write(&table).map_err(ServiceError::internal)?;
                (file, workbook::CONTENT_TYPE, "xlsx")
            }
        };
        Ok(ExportFiguresResponse {
            file,
            content_type: content_type.to_owned(),
            file_name: format!("{}.{ending}", asked.name()),
            position: Some(position),
        })
    }

    /// The rows of the answer, and how far the tables were.
    async fn figures(
        &self,
        call: &Call,
        asked: &Asked,
        message: GetFiguresRequest,
    ) -> Result<(Vec<FiguresRow>, api::common::v1::Position), ServiceError> {
        call.principal.require(&asked.placement)?;
        self.context.wait(&self.facts.figures, message.min_position.map(Into::into)).await?;
        let position = self.context.position(&self.facts.figures).into();
        let rows = match asked.ask.grain {
            Grain::Cases => self.cases(asked).await?,
            Grain::Steps => {
                let merged = self.merged(asked, asked.window).await?;
                merged.into_iter().map(|(key, line)| answer::transition(&key, &line)).collect()
            }
            Grain::Flow => self.open_per_piece(asked).await?,
        };
        if rows.len() > MAX_ROWS {
            return Err(too_many());
        }
        // What a person has done is theirs, even as a number.
        if asked.is_of_persons() {
            call.reads("get_figures", Object::list("member", rows.len()));
        }
        Ok((rows, position))
    }

    /// The figures of cases, with those of the windows before where they were asked for.
    async fn cases(&self, asked: &Asked) -> Result<Vec<FiguresRow>, ServiceError> {
        let now = self.merged(asked, asked.window).await?;
        let (mut period, mut year) = (BTreeMap::new(), BTreeMap::new());
        if asked.compare {
            period = by_value(self.merged(asked, asked.window.before()).await?);
            year = by_value(self.merged(asked, asked.window.year_before()).await?);
        }
        let mut keys: BTreeSet<Key> = now.keys().cloned().collect();
        let whole = asked.window.whole();
        keys.extend(period.keys().chain(year.keys()).map(|value| Key::of(value, whole)));
        // The whole of a place has figures even where nothing was reported.
        if asked.ask.by == Dimension::Total && keys.is_empty() {
            keys.insert(Key::of("", whole));
        }
        let nothing = Line::default();
        Ok(keys
            .into_iter()
            .map(|key| {
                let before = |lines: &BTreeMap<String, Line>| {
                    let line = lines.get(&key.value).unwrap_or(&nothing);
                    asked.compare.then(|| answer::of_cases(line))
                };
                let line = now.get(&key).unwrap_or(&nothing);
                answer::case_row(&key, line, before(&period), before(&year))
            })
            .collect())
    }

    async fn open_per_piece(&self, asked: &Asked) -> Result<Vec<FiguresRow>, ServiceError> {
        let before = figures::open_before(&self.facts.figures, &asked.ask).await?;
        let before: BTreeMap<String, i64> =
            before.map_err(|Unanswerable| too_fine())?.into_iter().collect();
        let merged = self.merged(asked, asked.window).await?;
        let pieces = asked.window.pieces(asked.per);
        let mut values: BTreeSet<&str> = merged.keys().map(|key| key.value.as_str()).collect();
        values.extend(before.iter().filter(|(_, open)| **open != 0).map(|(value, _)| &**value));
        if asked.ask.by == Dimension::Total {
            values.insert("");
        }
        if values.len() * pieces.len() > MAX_ROWS {
            return Err(too_many());
        }
        let mut rows = Vec::new();
        for value in values {
            let mut open = before.get(value).copied().unwrap_or_default();
            for piece in &pieces {
                let key = Key::of(value, *piece);
                let flow = merged.get(&key).map(|line| (line.counts.came, line.counts.went));
                let (came, went) = flow.unwrap_or_default();
                open += came - went;
                rows.push(answer::open_row(&key, came, went, open));
            }
        }
        Ok(rows)
    }

    /// The sums of a window, by value, piece and step.
    async fn merged(&self, asked: &Asked, window: Window) -> Result<Merged, ServiceError> {
        let ask = Ask { from: window.from, until: window.until, ..asked.ask.clone() };
        let found = figures::ask(&self.facts.figures, &ask).await?;
        let lines = found.map_err(|Unanswerable| too_fine())?;
        Ok(answer::merge(ask.grain, lines, |day| window.piece(asked.per, day)))
    }
}

fn by_value(merged: Merged) -> BTreeMap<String, Line> {
    merged.into_iter().map(|(key, line)| (key.value, line)).collect()
}

/// As what figures are exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Csv,
    Xlsx,
}

fn format(v: &mut Violations, format: i32) -> Option<Format> {
    let format = match FiguresFormat::try_from(format) {
        Ok(FiguresFormat::Csv) => Some(Format::Csv),
        Ok(FiguresFormat::Xlsx) => Some(Format::Xlsx),
        Ok(FiguresFormat::Unspecified) | Err(_) => None,
    };
    v.required("format", format)
}

fn too_fine() -> ServiceError {
    ServiceError::new(
        ErrorCode::InvalidArgument,
        "FIGURES_TOO_FINE",
        "transitions and open cases are counted by one dimension of a county or township at a time: \
         leave out the others",
        "流转和在办数量只能按县或乡镇的一个维度统计，请减少筛选条件",
    )
}

fn too_many() -> ServiceError {
    ServiceError::new(
        ErrorCode::InvalidArgument,
        "FIGURES_TOO_MANY",
        "this would be more than 5,000 rows: ask for fewer days or for longer pieces of them",
        "结果超过5000行，请缩短日期范围或按更长的周期统计",
    )
}
