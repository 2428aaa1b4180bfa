//! What is stated of a camera, checked: the same for a call and for a row of a file.

use api::camera::v1::{self, CameraDetails, PlaceKind as Given};
use contracts::camera::PlaceKind;
use jiff::{civil::Date, tz::Offset};
use kernel::{
    Division, GbId, GridCode, Timestamp,
    geo::Position,
    id::{OrganisationId, RecordId},
};
use platform::grpc::{FieldViolation, Violations};

use crate::{
    documents::Texts,
    domain::camera::{Details, ForbiddenPlace, Place},
    places::{Places, Standing, Stated},
};

const NAME_CHARS: usize = 60;
const ADDRESS_CHARS: usize = 120;
const DESCRIPTION_CHARS: usize = 200;
const CONSENT_CHARS: usize = 120;

/// Ten years: more is a slip.
const MAX_RETENTION_DAYS: u32 = 3_650;

/// China's time, all year.
const CHINA: Offset = Offset::constant(8);

/// The kinds of places that have a word in a call, so that their refusal can say which it is.
const FORBIDDEN: [(Given, ForbiddenPlace); 8] = [
    (Given::GuestRoom, ForbiddenPlace::GuestRoom),
    (Given::DormitoryRoom, ForbiddenPlace::DormitoryRoom),
    (Given::Bathroom, ForbiddenPlace::Bathroom),
    (Given::Toilet, ForbiddenPlace::Toilet),
    (Given::ChangingRoom, ForbiddenPlace::ChangingRoom),
    (Given::NursingRoom, ForbiddenPlace::NursingRoom),
    (Given::FittingRoom, ForbiddenPlace::FittingRoom),
    (Given::OtherPrivate, ForbiddenPlace::OtherPrivate),
];

/// What is stated of a camera, in the words of the domain.
#[derive(Clone, Debug)]
pub(super) struct Checked {
    pub(super) details: Details,
    pub(super) texts: Texts,
    pub(super) warnings: Vec<Warning>,
}

/// What is accepted, and should be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Warning {
    pub(super) field: &'static str,
    pub(super) code: &'static str,
    pub(super) en: String,
    pub(super) zh: String,
}

/// Checks every field. `document` and `row` say where the texts will stand.
pub(super) fn check(
    given: &CameraDetails,
    gb_id: Option<GbId>,
    places: &Places,
    (document, row): (&RecordId, u32),
) -> Result<Checked, Vec<FieldViolation>> {
    let mut v = Violations::new();
    let texts = texts(&mut v, given);
    let position = v.required("position", given.position).and_then(|position| {
        let position = position.to_kernel();
        position
            .map_err(|error| {
                v.push("position", error.to_string(), "经纬度不正确, 请核对是否写反");
            })
            .ok()
    });
    let division: Option<Division> = v.parse_optional("division", &given.division);
    let grid: Option<GridCode> = v.parse_optional("grid", &given.grid);
    let operator: Option<OrganisationId> = v.parse_optional("operator_id", &given.operator_id);
    let place = place(&mut v, given);
    let retention_days = retention(&mut v, given.retention_days);
    let started_on = started_on(&mut v, &given.started_on);
    let standing = position.filter(|_| all_read(given, division, grid)).and_then(|position| {
        let stated = Stated { position: position.to_cgcs2000(), division, grid };
        places.find(stated).map_err(|no| v.push(no.field(), no.to_string(), no.message_zh())).ok()
    });
    let all = texts.zip(position).zip(place.zip(standing)).zip(retention_days);
    match (v.finish(), all) {
        (Ok(()), Some((((texts, position), (place, standing)), retention_days))) => {
            let consent = (!texts.consent_document.is_empty()).then(|| document.clone());
            let details = Details {
                division: standing.division,
                grid: standing.grid,
                position: position.to_cgcs2000(),
                source_crs: position.crs,
                place,
                operator,
                secrecy_adjacent: given.secrecy_adjacent,
                consent,
                signage: given.signage,
                retention_days,
                started_on,
                document: document.clone(),
                row,
            };
            let warnings = warnings(gb_id, standing, given.signage);
            Ok(Checked { details, texts, warnings })
        }
        (refused, _) => Err(refused.err().map(|error| error.violations).unwrap_or_default()),
    }
}

/// Whether the codes that are stated could be read: else the place would be looked for without them.
fn all_read(given: &CameraDetails, division: Option<Division>, grid: Option<GridCode>) -> bool {
    given.division.is_empty() == division.is_none() && given.grid.is_empty() == grid.is_none()
}

fn texts(v: &mut Violations, given: &CameraDetails) -> Option<Texts> {
    let name = v.required_text("name", &given.name, NAME_CHARS);
    let address = v.text("address", &given.address, ADDRESS_CHARS);
    let description = v.text("description", &given.description, DESCRIPTION_CHARS);
    let consent = v.text("consent_document", &given.consent_document, CONSENT_CHARS);
    for (field, text) in [
        ("name", &given.name),
        ("address", &given.address),
        ("description", &given.description),
        ("consent_document", &given.consent_document),
    ] {
        if names_credentials(text) {
            v.push(
                field,
                "this holds an address with a user and a password: take it out; credentials are never kept here",
                "含有带用户名和密码的地址, 请删除, 此处不保存任何凭据",
            );
        }
    }
    let (name, address) = name.zip(address)?;
    let (description, consent_document) = description.zip(consent)?;
    Some(Texts { name, address, description, consent_document })
}

/// Whether a text has an address with user info, such as `rtsp://user:password@host`.
fn names_credentials(text: &str) -> bool {
    text.split("://").skip(1).any(|rest| {
        let authority = rest.split(|c: char| c == '/' || c.is_whitespace()).next();
        authority.is_some_and(|authority| authority.contains('@'))
    })
}

fn place(v: &mut Violations, given: &CameraDetails) -> Option<Place> {
    let kind = Given::try_from(given.place_kind).unwrap_or(Given::Unspecified);
    let forbidden = FORBIDDEN.into_iter().find(|(word, _)| *word == kind);
    let place = forbidden.map(|(_, place)| Place::Forbidden(place)).or_else(|| {
        let kind: Option<PlaceKind> = api::word(kind.as_str_name(), "PLACE_KIND_");
        kind.map(Place::Permitted)
    });
    if place.is_none() {
        v.push("place_kind", "name one of the kinds", "请选择一种场所类型");
    }
    place
}

fn retention(v: &mut Violations, days: u32) -> Option<u32> {
    if days > MAX_RETENTION_DAYS {
        v.push(
            "retention_days",
            format!("pictures are kept for at most {MAX_RETENTION_DAYS} days: mend the number"),
            format!("保存天数不超过{MAX_RETENTION_DAYS}, 请核对"),
        );
        return None;
    }
    Some(days)
}

/// The beginning of a day in China; none where no day is named.
fn started_on(v: &mut Violations, text: &str) -> Option<Timestamp> {
    if text.is_empty() {
        return None;
    }
    let day = text.parse::<Date>().ok().filter(|day| (1990..=2100).contains(&day.year()));
    let midnight = day.and_then(|day| CHINA.to_timestamp(day.at(0, 0, 0, 0)).ok());
    if midnight.is_none() {
        v.push("started_on", "write a day such as 2026-06-01", "日期格式如 2026-06-01");
    }
    midnight.map(|midnight| Timestamp(midnight.as_millisecond()))
}

/// The day of a moment in China, as `2026-06-01`; empty for -1.
pub(super) fn day_of(millisecond: i64) -> String {
    let moment = jiff::Timestamp::from_millisecond(millisecond).ok().filter(|_| millisecond >= 0);
    moment.map(|moment| CHINA.to_datetime(moment).date().to_string()).unwrap_or_default()
}

fn warnings(gb_id: Option<GbId>, standing: Standing, signage: bool) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let county = standing.division.county();
    if let Some(gb_id) = gb_id.filter(|gb_id| gb_id.county() != county) {
        let found = &gb_id.centre()[..6];
        let county = county.map(|county| county.to_string()).unwrap_or_default();
        warnings.push(Warning {
            field: "gb_id",
            code: "GB_DIVISION_DIFFERS",
            en: format!("the id begins with {found}, the camera stands in {county}: check both"),
            zh: format!("国标编码前6位为 {found}, 登记地为 {county}, 请核对"),
        });
    }
    if standing.outside {
        warnings.push(Warning {
            field: "position",
            code: "OUTSIDE_GRIDS",
            en: "the camera stands in no grid of its division: check the position".to_owned(),
            zh: "位置不在该区划的网格内, 请核对经纬度".to_owned(),
        });
    }
    if !signage {
        warnings.push(Warning {
            field: "signage",
            code: "SIGNAGE_MISSING",
            en: "no notice sign is up: order 799, article 13, asks for one".to_owned(),
            zh: "未设置提示标识, 请按国务院令第799号第十三条设置".to_owned(),
        });
    }
    warnings
}

/// Warnings as a call answers them.
pub(super) fn shown(warnings: Vec<Warning>) -> Vec<v1::Warning> {
    warnings
        .into_iter()
        .map(|warning| v1::Warning {
            code: warning.code.to_owned(),
            message_en: warning.en,
            message_zh: warning.zh,
        })
        .collect()
}

/// A position as a call answers it.
pub(super) fn shown_position(position: Position) -> api::common::v1::GeoPosition {
    let (longitude, latitude) = position.to_degrees();
    api::common::v1::GeoPosition { longitude, latitude, crs: api::common::v1::Crs::Cgcs2000.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_in_texts_are_noticed() {
        for bad in ["rtsp://admin:12345@10.0.0.1/1", "见 http://u@h 处", "a://b://c:d@e"] {
            assert!(names_credentials(bad), "{bad}");
        }
        for good in ["", "a@b.cn", "http://host/path@2", "东街 10 号"] {
            assert!(!names_credentials(good), "{good}");
        }
    }

    #[test]
    fn a_day_is_read_and_shown_in_chinas_time() {
        let mut v = Violations::new();
        let day = started_on(&mut v, "2026-06-01").unwrap();
        assert_eq!(day, Timestamp(1_780_243_200_000));
        assert_eq!(day_of(day.0), "2026-06-01");
        assert_eq!((day_of(-1), started_on(&mut v, "")), (String::new(), None));
        assert!(v.finish().is_ok());
        let mut v = Violations::new();
        for bad in ["June", "2026-13-01", "1026-01-01", "01/06/2026"] {
            assert_eq!(started_on(&mut v, bad), None, "{bad}");
        }
    }
}
