//! Who sees a photo: its uploader, and those who handle the case that it is attached to.

use kernel::Role;
use platform::auth::scope::ScopeParts;
use testkit::Db;

use crate::world::{CONFIDENTIAL, OPEN, WATER, World, sees, uploaded};

on_both_databases! {
    before_it_is_attached_only_its_uploader_sees_it
    those_who_handle_the_case_see_it
    of_a_confidential_case_only_those_whom_it_was_given_see_it
    what_was_done_is_seen_by_the_reporter_and_the_desk
    naming_somebody_elses_photo_shows_it_to_nobody
}

async fn before_it_is_attached_only_its_uploader_sees_it(db: Db) {
    let world = World::start(db).await;
    let photo = uploaded(&mut world.resident(1), "a").await;
    assert!(sees(&mut world.resident(1), &photo).await);
    assert!(!sees(&mut world.resident(2), &photo).await);
    assert!(!sees(&mut world.of_division(Role::Operator, "620821"), &photo).await);
}

async fn those_who_handle_the_case_see_it(db: Db) {
    let world = World::start(db).await;
    let li = world.suite.person(1);
    let photo = uploaded(&mut world.resident(1), "a").await;
    world.report("c1", &li, OPEN, &[&photo]).await;
    assert!(sees(&mut world.resident(1), &photo).await);
    assert!(!sees(&mut world.resident(2), &photo).await);
    assert!(sees(&mut world.of_division(Role::Operator, "620821101"), &photo).await);
    assert!(!sees(&mut world.of_division(Role::Operator, "620821102"), &photo).await);
    assert!(sees(&mut world.of_division(Role::Verifier, "620821101"), &photo).await);
    assert!(!sees(&mut world.of_division(Role::Integrator, "620821"), &photo).await);
    let member = world.suite.person(7);
    assert!(!sees(&mut world.member(7, "620821101203001"), &photo).await, "it is with nobody yet");
    assert!(!sees(&mut world.clerk(WATER), &photo).await, "no order is with them yet");
    world.order("c1", Some(WATER), None).await;
    assert!(sees(&mut world.clerk(WATER), &photo).await);
    world.route("c1", None, Some(&member)).await;
    assert!(sees(&mut world.member(7, "620821101203001"), &photo).await);
    assert!(!sees(&mut world.member(8, "620821101203001"), &photo).await);
    world.route("c1", Some("620821101000-roads"), None).await;
    assert!(!sees(&mut world.clerk(WATER), &photo).await, "it has gone to others");
}

async fn of_a_confidential_case_only_those_whom_it_was_given_see_it(db: Db) {
    let world = World::start(db).await;
    let (li, member) = (world.suite.person(1), world.suite.person(7));
    let photo = uploaded(&mut world.resident(1), "a").await;
    world.report("c1", &li, CONFIDENTIAL, &[&photo]).await;
    assert!(sees(&mut world.of_division(Role::Supervisor, "620821"), &photo).await);
    assert!(sees(&mut world.resident(1), &photo).await);
    assert!(!sees(&mut world.of_division(Role::Verifier, "620821101"), &photo).await);
    assert!(!sees(&mut world.member(7, "620821101203001"), &photo).await);
    world.order("c1", None, Some(&member)).await;
    assert!(sees(&mut world.member(7, "620821101203001"), &photo).await);
    assert!(!sees(&mut world.member(8, "620821101203001"), &photo).await);
    // A category that nobody has defined is treated as confidential.
    let other = uploaded(&mut world.resident(1), "b").await;
    world.report("c2", &li, "0999", &[&other]).await;
    assert!(!sees(&mut world.member(7, "620821101203001"), &other).await);
}

async fn what_was_done_is_seen_by_the_reporter_and_the_desk(db: Db) {
    let world = World::start(db).await;
    let (li, member) = (world.suite.person(1), world.suite.person(7));
    world.report("c1", &li, OPEN, &[]).await;
    world.order("c1", None, Some(&member)).await;
    let mut handler = world.member(7, "620821101203009");
    let before = uploaded(&mut handler, "before").await;
    let after = uploaded(&mut handler, "after").await;
    assert!(!sees(&mut world.resident(1), &after).await);
    world.feed_back("c1", &member, &before, &after).await;
    for photo in [&before, &after] {
        assert!(sees(&mut world.resident(1), photo).await);
        assert!(sees(&mut world.of_division(Role::Operator, "620821101203"), photo).await);
        assert!(!sees(&mut world.resident(2), photo).await);
        assert!(!sees(&mut world.of_division(Role::Operator, "620821102"), photo).await);
    }
}

async fn naming_somebody_elses_photo_shows_it_to_nobody(db: Db) {
    let world = World::start(db).await;
    let (li, thief) = (world.suite.person(1), world.suite.person(2));
    let photo = uploaded(&mut world.resident(1), "a").await;
    world.report("c2", &thief, OPEN, &[&photo]).await;
    assert!(!sees(&mut world.resident(2), &photo).await);
    assert!(!sees(&mut world.of_division(Role::Operator, "620821"), &photo).await);
    // Its owner names it, first or last: it belongs to that case alone.
    world.report("c1", &li, OPEN, &[]).await;
    world.add("c1", &li, &[&photo, &photo]).await;
    world.add("c2", &thief, &[&photo]).await;
    assert!(sees(&mut world.of_division(Role::Operator, "620821"), &photo).await);
    assert!(!sees(&mut world.resident(2), &photo).await);
    let scope = ScopeParts::default();
    assert!(sees(&mut world.person(1, Role::Resident, scope), &photo).await);
}
