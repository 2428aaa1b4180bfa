use super::*;

fn id(text: &str) -> GbId {
    text.parse().unwrap()
}

#[test]
fn the_parts_of_an_id_are_read() {
    let id = id("62082101041327000123");
    assert_eq!((id.centre(), id.industry(), id.network(), id.serial()), ("62082101", "04", 7, 123));
    assert_eq!(id.county(), Some("620821".parse().unwrap()));
    assert_eq!((id.device_type(), id.sector()), (GbType::IpCamera, GbSector::Government));
    assert_eq!(id.to_string(), "62082101041327000123");
}

#[test]
fn each_type_and_each_sector_has_its_digits() {
    for known in GbType::ALL {
        let id = id(&format!("6208210100{}0000001", known.code()));
        assert_eq!(id.device_type(), known);
        assert_eq!(id.is_camera(), matches!(known.code(), "131" | "132"), "{}", known.word());
    }
    for (industry, sector) in [
        ("00", Some(GbSector::Government)),
        ("14", Some(GbSector::Government)),
        ("15", None),
        ("39", None),
        ("40", Some(GbSector::Enterprise)),
        ("59", Some(GbSector::Enterprise)),
        ("60", None),
        ("79", None),
        ("80", Some(GbSector::Residents)),
        ("99", Some(GbSector::Other)),
    ] {
        let read = format!("62082101{industry}1320000001").parse::<GbId>();
        assert_eq!(read.map(|id| id.sector()).ok(), sector, "{industry}");
    }
}

#[test]
fn a_centre_above_the_counties_is_valid_and_names_none() {
    for centre in ["62082100", "34020000", "62000000", "11010100"] {
        let id = id(&format!("{centre}001320000001"));
        let county = !centre[..6].ends_with("00");
        assert_eq!(id.county().is_some(), county, "{centre}");
    }
}

#[test]
fn what_is_wrong_is_said_with_its_digits() {
    use InvalidGbId::{Division, Industry, Length, NotADigit, Type};
    let long = "6".repeat(200);
    for (text, expected) in [
        ("", Length(0)),
        ("6208210100132000012", Length(19)),
        ("620821010013200001234", Length(21)),
        (&long, Length(200)),
        ("620821010013200001a3", NotADigit { place: 19, found: 'a' }),
        ("6208210100132000012 ", NotADigit { place: 20, found: ' ' }),
        ("-2082101001320000123", NotADigit { place: 1, found: '-' }),
        ("６２０８２１０１００１３２００００１２３", NotADigit { place: 1, found: '６' }),
        ("99082101001320000123", Division("990821".into())),
        ("62002101001320000123", Division("620021".into())),
        ("00000000001320000123", Division("000000".into())),
        ("62082101201320000123", Industry("20".into())),
        ("62082101001300000123", Type("130".into())),
        ("62082101009990000123", Type("999".into())),
    ] {
        let error = text.parse::<GbId>().unwrap_err();
        assert_eq!(error, expected, "{text}");
        assert!(!error.message_zh().is_empty() && error.to_string().contains("digit"));
    }
}

#[test]
fn the_json_is_the_digits_and_is_checked() {
    let json = "\"62082101001320000123\"";
    let id: GbId = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&id).unwrap(), json);
    assert!(serde_json::from_str::<GbId>("\"62082101001330000123\"").is_err());
}
