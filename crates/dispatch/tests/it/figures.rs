//! Figures: what a county's cases add up to, over gRPC.

mod defined;
mod histories;
mod random;

use std::{io::Cursor, time::Duration};

use api::dispatch::v1::{
    Assignee, CaseFigures, ExportFiguresRequest, FiguresDimension, FiguresFormat, FiguresGrain,
    FiguresPeriod, FiguresRow, GetFiguresRequest, Rate, figures_row::Figures,
};
use calamine::{Data, Reader as _, Xlsx};
use contracts::{
    intake::{CaseArchived, CaseEvent, CaseRated, CaseReopened, Satisfaction, Urgency},
    subject,
};
use kernel::{Role, id::CaseId};
use testkit::{Db, until};
use tonic::Code;

use crate::{
    county::{
        CHIEF, Client, County, FOR_MEMBERS, FOR_THE_TEAM, GRID, MEMBER, OTHER_TOWNSHIP, REPORTER,
        SECOND, TOWNSHIP, VILLAGE, refused, team,
    },
    orders::{accept, assign, close, feedback, give_back, uphold, verify},
};

crate::on_both_databases! {
    figures_of_a_township_are_what_happened_there
    figures_are_as_wide_as_the_scope
    what_cannot_be_asked_is_refused
    the_files_say_what_the_answer_says
}

/// A week around the day on which the suite's clock stands.
fn asked(county: &County) -> GetFiguresRequest {
    let day = |days: u64| {
        let at = county.suite.clock_now().0 + i64::try_from(days).unwrap() * 86_400_000;
        let at = jiff::Timestamp::from_millisecond(at).unwrap();
        jiff::tz::Offset::constant(8).to_datetime(at).date().to_string()
    };
    GetFiguresRequest {
        grain: FiguresGrain::Cases.into(),
        from: day(0),
        until: day(7),
        ..GetFiguresRequest::default()
    }
}

async fn rows(
    county: &County,
    client: &mut Client,
    mut asked: GetFiguresRequest,
) -> Vec<FiguresRow> {
    county.suite.settled().await;
    asked.min_position = Some(county.suite.head().await.into());
    client.get_figures(asked).await.unwrap().into_inner().rows
}

fn cases(row: &FiguresRow) -> &CaseFigures {
    match &row.figures {
        Some(Figures::Cases(figures)) => figures,
        other => unreachable!("{other:?}"),
    }
}

async fn only(county: &County, client: &mut Client, asked: GetFiguresRequest) -> CaseFigures {
    let rows = rows(county, client, asked).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    cases(&rows[0]).clone()
}

fn of(rate: Option<&Rate>) -> (i64, i64, Option<f64>) {
    let rate = rate.unwrap();
    (rate.numerator, rate.denominator, rate.value)
}

impl County {
    async fn says(&self, case: &str, event: CaseEvent) {
        let id: CaseId = case.parse().unwrap();
        self.suite.append(&subject::case(&id), case, &[event]).await;
    }

    async fn is_rated(&self, case: &str, solved: bool, satisfaction: Satisfaction) {
        let rated = CaseRated {
            occurred_at: self.suite.clock_now(),
            case: case.parse().unwrap(),
            contacted: true,
            solved,
            satisfaction,
            comment: None,
            by: None,
            recorded_by: None,
            joiner: None,
        };
        self.says(case, rated.into()).await;
    }

    /// A case whose order a member handles at once.
    async fn done(&self, case: &str) -> String {
        let order = self.order(case, FOR_MEMBERS).await;
        self.handled(&order.work_order_id, case).await;
        order.case_id
    }

    async fn handled(&self, id: &str, tag: &str) {
        let mut member = self.member(MEMBER);
        let request = |what: &str| format!("{what}-{tag}");
        member.accept_work_order(accept(id, &request("a"))).await.unwrap();
        self.suite.clock().advance(Duration::from_hours(1));
        member.submit_feedback(feedback(id, &request("f"))).await.unwrap();
        let mut chief = self.office(Role::Verifier, TOWNSHIP);
        chief.verify_work_order(verify(id, &request("v"), true)).await.unwrap();
        chief.close_work_order(close(id, &request("c"))).await.unwrap();
        self.suite.settled().await;
    }
}

async fn figures_of_a_township_are_what_happened_there(db: Db) {
    let county = County::start(db).await;
    let mut operator = county.operator(TOWNSHIP);
    let whole = asked(&county);
    let nothing = only(&county, &mut operator, whole.clone()).await;
    assert_eq!(of(nothing.satisfaction.as_ref()), (0, 0, None));
    assert_eq!((nothing.reported, nothing.mean_handling_ms), (0, None));

    let first = county.done("c1").await;
    county.is_rated(&first, true, Satisfaction::FairlySatisfied).await;
    let second = county.done("c2").await;
    county.is_rated(&second, false, Satisfaction::Dissatisfied).await;
    // Given back, and done by the second member.
    let third = county.order("c3", FOR_MEMBERS).await;
    county.member(MEMBER).return_work_order(give_back(&third.work_order_id, "r")).await.unwrap();
    operator.uphold_return(uphold(&third.work_order_id, "u", None)).await.unwrap();
    county.suite.settled().await;
    let figures = only(&county, &mut operator, whole.clone()).await;
    assert_eq!((figures.reported, figures.accepted, figures.closed), (3, 3, 2));
    assert_eq!((figures.open, figures.overdue, figures.rated, figures.unrated), (1, 0, 2, 0));
    assert_eq!(of(figures.response.as_ref()), (2, 2, Some(1.0)));
    assert_eq!(of(figures.resolution.as_ref()), (1, 2, Some(0.5)));
    assert_eq!(of(figures.satisfaction.as_ref()), (1, 2, Some(0.5)));
    assert_eq!(of(figures.solved_in_grid.as_ref()), (2, 2, Some(1.0)));
    assert_eq!(of(figures.first_assignment.as_ref()), (2, 2, Some(1.0)));
    assert_eq!(of(figures.on_time.as_ref()), (2, 2, Some(1.0)));
    assert_eq!(of(figures.returning.as_ref()).0, 1);
    assert_eq!(figures.mean_handling_ms, Some(3_600_000));
    assert_eq!(figures.median_handling_hours, Some(4));

    let by = |by: FiguresDimension| GetFiguresRequest { by: by.into(), ..whole.clone() };
    let members = rows(&county, &mut operator, by(FiguresDimension::Member)).await;
    let of_member = |number: u128| {
        let id = county.person(number).to_string();
        members.iter().find(|row| row.value == id).map(|row| cases(row).reported)
    };
    assert_eq!((of_member(MEMBER), of_member(SECOND), of_member(CHIEF)), (Some(2), Some(1), None));

    // The second is taken up again: it is open, and its rating was of the round before.
    let case: CaseId = second.parse().unwrap();
    let reopened = CaseReopened {
        occurred_at: county.suite.clock_now(),
        case: case.clone(),
        reporter: county.person(REPORTER),
        by: county.person(REPORTER),
        round: 2,
        category: FOR_MEMBERS.parse().unwrap(),
        catalogue_version: 1,
        urgency: Urgency::Normal,
        division: case.division(),
        grid: Some(GRID.parse().unwrap()),
        first_reported_at: county.suite.clock_now(),
        reason: None,
    };
    county.says(&second, reopened.into()).await;
    let archived = CaseArchived {
        occurred_at: county.suite.clock_now(),
        case: first.parse().unwrap(),
        reason: contracts::intake::ArchiveReason::Rated,
    };
    county.says(&first, archived.into()).await;
    county.suite.settled().await;
    county.suite.clock().advance(Duration::from_hours(48));
    until("both clocks to ring", || async {
        only(&county, &mut county.operator(TOWNSHIP), whole.clone()).await.overdue == 2
    })
    .await;
    let figures = only(&county, &mut operator, whole.clone()).await;
    assert_eq!((figures.closed, figures.open), (1, 2));
    assert_eq!(of(figures.reopening.as_ref()), (1, 2, Some(0.5)));
    assert_eq!((figures.rated, figures.unrated), (1, 0));

    let villages = rows(&county, &mut operator, by(FiguresDimension::Division)).await;
    assert_eq!(villages.len(), 1);
    assert_eq!((villages[0].value.as_str(), cases(&villages[0]).reported), (VILLAGE, 3));
    let steps = GetFiguresRequest { grain: FiguresGrain::Transitions.into(), ..whole.clone() };
    let steps = rows(&county, &mut operator, steps).await;
    let moves = |from: &str, to: &str| {
        steps.iter().find_map(|row| match &row.figures {
            Some(Figures::Transitions(step)) if step.from_stage == from && step.to_stage == to => {
                Some((step.moves, step.mean_dwell_ms))
            }
            _ => None,
        })
    };
    assert_eq!(moves("handling", "handled"), Some((2, 3_600_000)));
    assert_eq!(moves("returned", "routed").map(|(moves, _)| moves), Some(1));
    assert_eq!(moves("closed", "reopened").map(|(moves, _)| moves), Some(1));

    let open = GetFiguresRequest {
        grain: FiguresGrain::OpenPerDay.into(),
        per: FiguresPeriod::Day.into(),
        ..whole.clone()
    };
    let open = rows(&county, &mut operator, open).await;
    let open: Vec<_> = open
        .iter()
        .map(|row| match &row.figures {
            Some(Figures::Open(open)) => (open.came, open.went, open.open),
            other => unreachable!("{other:?}"),
        })
        .collect();
    assert_eq!(open, [(4, 2, 2), (0, 0, 2), (0, 0, 2), (0, 0, 2), (0, 0, 2), (0, 0, 2), (0, 0, 2)]);
}

async fn figures_are_as_wide_as_the_scope(db: Db) {
    let county = County::start(db).await;
    let whole = asked(&county);
    county.order("c1", FOR_MEMBERS).await;
    county.order("c2", FOR_THE_TEAM).await;
    county.order_at("c3", FOR_THE_TEAM, OTHER_TOWNSHIP, None).await;
    let reported = async |client: &mut Client, asked: &GetFiguresRequest| {
        only(&county, client, asked.clone()).await.reported
    };
    assert_eq!(reported(&mut county.operator("620821"), &whole).await, 3);
    assert_eq!(reported(&mut county.operator(TOWNSHIP), &whole).await, 2);
    assert_eq!(reported(&mut county.operator(VILLAGE), &whole).await, 2);
    // A clerk has the figures of the own department, whatever is asked.
    let mut clerk = county.clerk(&team());
    assert_eq!(reported(&mut clerk, &whole).await, 1);
    let by = GetFiguresRequest { by: FiguresDimension::Department.into(), ..whole.clone() };
    let departments = rows(&county, &mut clerk, by.clone()).await;
    assert_eq!(departments.len(), 1);
    assert_eq!(departments[0].value, team().to_string());
    let other =
        GetFiguresRequest { department: crate::county::desk().to_string(), ..whole.clone() };
    refused(clerk.get_figures(other).await, Code::PermissionDenied, "OUT_OF_SCOPE");
    let elsewhere = GetFiguresRequest { division: OTHER_TOWNSHIP.to_owned(), ..whole.clone() };
    let answer = county.operator(TOWNSHIP).get_figures(elsewhere.clone()).await;
    refused(answer, Code::PermissionDenied, "OUT_OF_SCOPE");
    assert_eq!(reported(&mut county.operator("620821"), &elsewhere).await, 1);
    let answer = county.resident().get_figures(whole.clone()).await;
    refused(answer, Code::PermissionDenied, "ROLE_NOT_ALLOWED");

    // Two dimensions are read from the rows, and say the same.
    let narrow = GetFiguresRequest {
        department: team().to_string(),
        category: FOR_THE_TEAM.to_owned(),
        ..whole.clone()
    };
    assert_eq!(reported(&mut county.operator(TOWNSHIP), &narrow).await, 1);
    let none = GetFiguresRequest { category: FOR_MEMBERS.to_owned(), ..narrow.clone() };
    assert_eq!(reported(&mut county.operator(TOWNSHIP), &none).await, 0);

    // A week later and a year later the same is what was before.
    let shifted = |days: i64| {
        let shift = |text: &str| {
            let date: jiff::civil::Date = text.parse().unwrap();
            date.checked_add(jiff::Span::new().days(days)).unwrap().to_string()
        };
        GetFiguresRequest {
            from: shift(&whole.from),
            until: shift(&whole.until),
            compare: true,
            ..whole.clone()
        }
    };
    let mut operator = county.operator("620821");
    let later = rows(&county, &mut operator, shifted(7)).await;
    assert_eq!(cases(&later[0]).reported, 0);
    assert_eq!(later[0].period_before.as_ref().unwrap().reported, 3);
    assert_eq!(later[0].year_before.as_ref().unwrap().reported, 0);
    let later = rows(&county, &mut operator, shifted(365)).await;
    assert_eq!(later[0].year_before.as_ref().unwrap().reported, 3);

    // Another department takes the order: the figures go with it.
    let found = county.order("c4", FOR_THE_TEAM).await;
    let desk = crate::county::desk().to_string();
    let to = Assignee { organisation_id: desk.clone(), person_id: String::new() };
    let request = assign(&found.work_order_id, "to-desk", to);
    county.operator(TOWNSHIP).assign_work_order(request).await.unwrap();
    let departments = rows(&county, &mut county.operator(TOWNSHIP), by).await;
    let of = |id: &str| departments.iter().find(|row| row.value == id).map(|row| cases(row).routed);
    assert_eq!((of(&team().to_string()), of(&desk)), (Some(1), Some(1)));
}

async fn what_cannot_be_asked_is_refused(db: Db) {
    let county = County::without_anybody(db).await;
    let mut operator = county.operator("620821");
    let good = asked(&county);
    let wrong = [
        ("grain", GetFiguresRequest { grain: 0, ..good.clone() }),
        ("grain", GetFiguresRequest { grain: 77, ..good.clone() }),
        ("per", GetFiguresRequest { per: -1, ..good.clone() }),
        ("by", GetFiguresRequest { by: 9, ..good.clone() }),
        ("from", GetFiguresRequest { from: "2026-02-30".to_owned(), ..good.clone() }),
        ("until", GetFiguresRequest { until: good.from.clone(), ..good.clone() }),
        ("until", GetFiguresRequest { until: "9999-12-31".to_owned(), ..good.clone() }),
        ("division", GetFiguresRequest { division: "62".to_owned(), ..good.clone() }),
        ("category", GetFiguresRequest { category: "' OR 1=1".to_owned(), ..good.clone() }),
        ("member", GetFiguresRequest { member: "%".to_owned(), ..good.clone() }),
        ("channel", GetFiguresRequest { channel: "pigeon".to_owned(), ..good.clone() }),
        ("compare", GetFiguresRequest { compare: true, per: 1, ..good.clone() }),
    ];
    for (field, request) in wrong {
        refused(operator.get_figures(request).await, Code::InvalidArgument, field);
    }
    let two = GetFiguresRequest {
        grain: FiguresGrain::Transitions.into(),
        by: FiguresDimension::Category.into(),
        channel: "hotline".to_owned(),
        ..good.clone()
    };
    refused(operator.get_figures(two.clone()).await, Code::InvalidArgument, "FIGURES_TOO_FINE");
    let open = GetFiguresRequest { grain: FiguresGrain::OpenPerDay.into(), ..two };
    refused(operator.get_figures(open).await, Code::InvalidArgument, "FIGURES_TOO_FINE");
    let export = ExportFiguresRequest { figures: Some(good), format: 0 };
    refused(operator.export_figures(export).await, Code::InvalidArgument, "format");
    let export = ExportFiguresRequest { figures: None, format: 1 };
    refused(operator.export_figures(export).await, Code::InvalidArgument, "figures.from");
}

async fn the_files_say_what_the_answer_says(db: Db) {
    let county = County::start(db).await;
    county.done("c1").await;
    county.order("c2", FOR_THE_TEAM).await;
    county.suite.settled().await;
    let mut operator = county.operator(TOWNSHIP);
    let figures = GetFiguresRequest {
        by: FiguresDimension::Category.into(),
        compare: true,
        min_position: Some(county.suite.head().await.into()),
        ..asked(&county)
    };
    let mut export = async |format: FiguresFormat| {
        let figures = Some(figures.clone());
        let request = ExportFiguresRequest { figures, format: format.into() };
        operator.export_figures(request).await.unwrap().into_inner()
    };
    let csv = export(FiguresFormat::Csv).await;
    assert!(csv.file_name.starts_with("figures-cases-620821101-"), "{}", csv.file_name);
    let text = String::from_utf8(csv.file).unwrap();
    let lines: Vec<Vec<&str>> = text
        .strip_prefix('\u{feff}')
        .unwrap()
        .lines()
        .map(|line| line.split(',').collect())
        .collect();
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|line| line.len() == lines[0].len()));
    assert_eq!((lines[1][0], lines[1][3], lines[2][0]), (FOR_MEMBERS, "1", FOR_THE_TEAM));

    let xlsx = export(FiguresFormat::Xlsx).await;
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(xlsx.file)).unwrap();
    let sheet = workbook.worksheet_range("figures").unwrap();
    assert_eq!(sheet.width(), lines[0].len());
    let cells: Vec<Vec<Data>> = sheet.rows().map(<[Data]>::to_vec).collect();
    for (line, cells) in lines.iter().zip(&cells) {
        for (text, cell) in line.iter().zip(cells) {
            if let Data::Float(number) = cell {
                let said: f64 = text.parse().unwrap();
                assert!((said - number).abs() < f64::EPSILON, "{text} is {number}");
            } else {
                assert_eq!(*text, cell.to_string());
            }
        }
    }
}
