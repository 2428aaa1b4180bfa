//! Every version of every event ever, as it was written on the day it was new.

use std::collections::BTreeSet;

use crate::{files, lift};

fn current() -> BTreeSet<&'static str> {
    contracts::event_types().into_iter().map(|event| event.ce_type).collect()
}

#[test]
fn every_event_is_written_as_it_was_read() {
    for (ce_type, stored) in files::golden().into_iter().chain(files::grown()) {
        if current().contains(ce_type.as_str()) {
            let (read_as, written) = lift(&ce_type, stored.to_string().as_bytes()).unwrap();
            assert_eq!(read_as, ce_type);
            assert_eq!(written, stored, "golden/{ce_type}.json is written differently today");
        }
    }
}

#[test]
fn every_older_version_is_lifted_to_what_it_always_meant() {
    let meant = files::read("golden", ".decodes-to.json");
    for (ce_type, stored) in files::golden() {
        if current().contains(ce_type.as_str()) {
            assert!(
                !meant.contains_key(&ce_type),
                "{ce_type} is current: take its decodes-to away"
            );
            continue;
        }
        let meant = meant.get(&ce_type).unwrap_or_else(|| {
            panic!("say in golden/{ce_type}.decodes-to.json what this older version means today")
        });
        let (read_as, written) = lift(&ce_type, stored.to_string().as_bytes()).unwrap();
        assert!(current().contains(read_as) && read_as != ce_type, "{ce_type} read as {read_as}");
        assert_eq!(&written, meant, "golden/{ce_type}.json means something else today");
    }
    assert!(!meant.is_empty(), "the worked example of an upcast is gone");
}

#[test]
fn every_version_that_a_type_has_had_has_its_file() {
    let golden = files::golden();
    for ce_type in current() {
        let (stem, version) = ce_type.rsplit_once(".v").unwrap();
        for version in 1..=version.parse::<u32>().unwrap() {
            let name = format!("{stem}.v{version}");
            assert!(
                golden.contains_key(&name),
                "add golden/{name}.json with realistic values; see docs/CONTRIBUTING.md"
            );
        }
    }
}

#[test]
fn types_are_named_once_and_after_their_service_and_event() {
    let types = contracts::event_types();
    assert_eq!(types.len(), current().len(), "two events have the same ce-type");
    for event in types {
        let parts: Vec<&str> = event.ce_type.split('.').collect();
        let word = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        assert!(
            matches!(parts[..], ["weft", service, name, version]
                if word(service) && word(name) && version.starts_with('v')),
            "{} is not weft.<service>.<event>.v<n>",
            event.ce_type
        );
        assert!(word(event.category), "{}", event.category);
    }
}
