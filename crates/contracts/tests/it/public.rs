//! What integrators are told: every private event is decided on, nothing of a person is in it, and
//! what was published once can be read for ever.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use contracts::public::{Event, event_types, translate};
use serde_json::Value;

use crate::{files, schemas::update};

/// A public body is at `golden/public/<ce-type>.json`, as it was on the day that the type was new.
const FOLDER: &str = "golden/public";

/// What may never leave: who, where exactly, and what leads to either.
const KEPT: &[&str] = &[
    "PersonId",
    "RecordId",
    "MediaId",
    "AssignmentId",
    "SignInLinkId",
    "Sha256",
    "Position",
    "DeltaPolygon",
];

fn body(event: &Event) -> Value {
    serde_json::from_slice(&event.encode()).unwrap()
}

/// What the golden file of each private type is told as, by the public type.
pub(crate) fn examples() -> BTreeMap<&'static str, Value> {
    let golden = files::golden();
    let types = contracts::event_types();
    let public = types.iter().filter_map(|event| {
        translate(event.ce_type, golden[event.ce_type].to_string().as_bytes()).ok().flatten()
    });
    public.map(|event| (event.ce_type(), body(&event))).collect()
}

#[test]
fn every_private_event_is_decided_on() {
    let current: BTreeSet<&str> =
        contracts::event_types().iter().map(|event| event.ce_type).collect();
    let mut told = BTreeSet::new();
    for (ce_type, stored) in files::golden() {
        let public = translate(&ce_type, stored.to_string().as_bytes()).unwrap_or_else(|error| {
            panic!("{error}: decide in contracts/src/public.rs whether {ce_type} is public")
        });
        let Some(public) = public else { continue };
        let (_, kept_name) = ce_type.split_once('.').unwrap();
        let stem = kept_name.rsplit_once(".v").unwrap().0;
        assert!(
            public.ce_type().starts_with(&format!("weft.public.{stem}.v")),
            "{ce_type} is told as {}",
            public.ce_type()
        );
        told.insert(public.ce_type());
        let path = files::folder(FOLDER).join(format!("{}.json", public.ce_type()));
        if current.contains(ce_type.as_str()) {
            if update() && !path.exists() {
                fs::write(&path, format!("{:#}\n", body(&public))).unwrap();
            }
            let golden = fs::read_to_string(&path).unwrap_or_else(|_| {
                panic!("{} is missing: run with UPDATE_SCHEMAS=1", path.display())
            });
            assert_eq!(serde_json::from_str::<Value>(&golden).unwrap(), body(&public), "{ce_type}");
        }
    }
    let types: BTreeSet<&str> = event_types().iter().map(|event| event.ce_type).collect();
    assert_eq!(told, types, "a public type comes from no private event");
}

#[test]
fn a_type_that_nobody_decided_on_is_an_error() {
    for ce_type in ["weft.points.points_awarded.v99", "weft.intake.case_reported.v9", ""] {
        assert!(translate(ce_type, b"{}").is_err(), "{ce_type}");
    }
}

#[test]
fn what_was_published_once_can_be_read_for_ever() {
    for (ce_type, stored) in files::read(FOLDER, ".json") {
        let read = Event::decode(&ce_type, stored.to_string().as_bytes());
        let read = read.unwrap_or_else(|error| panic!("{ce_type}: {error}"));
        assert_eq!(body(&read), stored, "{ce_type}");
        assert_eq!(ce_type.split('.').nth(3), Some(read.name()));
    }
}

#[test]
fn no_public_event_has_room_for_a_person_or_a_position() {
    for event in event_types() {
        let schema = serde_json::to_value((event.schema)()).unwrap();
        for (name, _) in schema["$defs"].as_object().into_iter().flatten() {
            assert!(!KEPT.contains(&name.as_str()), "{} carries a {name}", event.ce_type);
        }
        for (field, _) in schema["properties"].as_object().unwrap() {
            assert!(!["by", "reporter", "person", "position"].contains(&field.as_str()), "{field}");
        }
    }
    // The private ones do, or the names above are wrong.
    let private: Vec<Value> = contracts::event_types()
        .iter()
        .map(|event| serde_json::to_value((event.schema)()).unwrap())
        .collect();
    for name in ["PersonId", "RecordId", "Sha256", "Position", "DeltaPolygon", "AssignmentId"] {
        assert!(private.iter().any(|schema| !schema["$defs"][name].is_null()), "no {name}");
    }
}
