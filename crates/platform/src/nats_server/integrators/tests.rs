use super::*;

const NOW: Timestamp = Timestamp(1_780_000_000_000);

fn integrators(dir: &Path) -> Integrators {
    fs::create_dir_all(dir.join("nats")).unwrap();
    fs::create_dir_all(dir.join("keys")).unwrap();
    let county = "620821".parse().unwrap();
    Integrators::new(county, dir.join("keys"), Layout::new(dir.join("nats")))
}

fn accounts(integrators: &Integrators) -> String {
    fs::read_to_string(integrators.layout.integrators_file()).unwrap()
}

fn only(integrators: &Integrators) -> Integrator {
    integrators.list().unwrap().pop().unwrap()
}

#[test]
fn a_user_is_made_once_and_stays_through_a_start() {
    let dir = tempfile::tempdir().unwrap();
    let integrators = integrators(dir.path());
    let township = "620821101".parse().unwrap();
    let seed = integrators.add("portal", township, NOW).unwrap();
    let text = seed_of(&seed).unwrap();
    assert!(text.starts_with("SU"));
    let again = integrators.add("portal", township, NOW).unwrap_err();
    assert!(matches!(again, UserError::Taken(_)), "{again}");
    let written = accounts(&integrators);
    fs::remove_file(integrators.layout.integrators_file()).unwrap();
    integrators.write().unwrap();
    assert_eq!(accounts(&integrators), written);
    assert!(written.contains("INTEGRATOR_portal {"), "{written}");
    assert!(!written.contains(&text), "a seed is in the server's file");
}

#[test]
fn a_name_or_a_place_that_would_open_more_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let integrators = integrators(dir.path());
    let county: Division = "620821".parse().unwrap();
    let long = "x".repeat(31);
    let names = [
        "",
        "*",
        ">",
        "a.b",
        "a b",
        "a-b",
        "INTEGRATORS",
        "Portal",
        "x\"",
        "a\n",
        "门户",
        "$js",
        "12",
        "1a",
        "_x",
        "weft",
        "weft_mirror",
        &long,
    ];
    for name in names {
        let error = integrators.add(name, county, NOW).unwrap_err();
        assert!(matches!(error, UserError::Name(_)), "{name}: {error}");
        let error = integrators.revoke(name, NOW).unwrap_err();
        assert!(matches!(error, UserError::Unknown(_)), "{name}: {error}");
    }
    for division in ["62", "6208", "620822", "620822101"] {
        let error = integrators.add("portal", division.parse().unwrap(), NOW).unwrap_err();
        assert!(matches!(error, UserError::Elsewhere { .. }), "{division}: {error}");
    }
    assert_eq!(integrators.list().unwrap(), []);
}

#[test]
fn a_changed_key_lets_in_beside_the_one_before_it_until_the_overlap_ends() {
    let dir = tempfile::tempdir().unwrap();
    let integrators = integrators(dir.path());
    let first = integrators.add("portal", "620821".parse().unwrap(), NOW).unwrap();
    let one = only(&integrators).key;
    let second = integrators.rotate("portal", Duration::from_hours(1), NOW).unwrap();
    let two = only(&integrators).key;
    assert!(one != two && first != second && !first.exists() && second.exists());
    let both = accounts(&integrators);
    assert!(both.contains(&one) && both.contains(&two), "{both}");
    let end = NOW.plus_millis(3_600_000);
    assert!(!integrators.lapse(end.plus_millis(-1)).unwrap());
    assert!(integrators.lapse(end).unwrap() && !integrators.lapse(end).unwrap());
    let after = accounts(&integrators);
    assert!(!after.contains(&one) && after.contains(&two), "{after}");
    integrators.rotate("portal", Duration::ZERO, end).unwrap();
    let last = accounts(&integrators);
    assert!(!last.contains(&two) && last.contains(&only(&integrators).key), "{last}");
    assert_eq!(only(&integrators).rotated, Some(end));
    let long = LONGEST_OVERLAP + Duration::from_secs(1);
    assert!(matches!(integrators.rotate("portal", long, end), Err(UserError::Overlap)));
}

#[test]
fn who_is_revoked_stays_in_the_register_and_nowhere_else() {
    let dir = tempfile::tempdir().unwrap();
    let integrators = integrators(dir.path());
    let township = "620821101".parse().unwrap();
    let seed = integrators.add("portal", township, NOW).unwrap();
    integrators.add("portal2", township, NOW).unwrap();
    integrators.revoke("portal", NOW).unwrap();
    let user = &integrators.list().unwrap()[0];
    assert_eq!((user.name.as_str(), user.revoked), ("portal", Some(NOW)));
    assert!(!accounts(&integrators).contains(&user.key) && !seed.exists());
    assert!(accounts(&integrators).contains("INTEGRATOR_portal2 {"));
    for error in [
        integrators.revoke("portal", NOW).unwrap_err(),
        integrators.rotate("portal", Duration::ZERO, NOW).unwrap_err(),
        integrators.add("portal", township, NOW).unwrap_err(),
    ] {
        assert!(matches!(error, UserError::Revoked(_)), "{error}");
    }
}

#[test]
fn a_register_from_before_times_were_kept_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let integrators = integrators(dir.path());
    let old = r#"[{"name": "portal", "division": "620821101", "key": "UABC"}]"#;
    fs::write(dir.path().join("keys").join(REGISTER), old).unwrap();
    let user = only(&integrators);
    assert!(user.is_active() && user.created == Timestamp(0) && user.rotations == 0);
}
