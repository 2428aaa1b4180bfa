//! What is erased: with its owner, or because no command ever named it.

use std::time::Duration;

use api::media::v1::Variant;
use kernel::Role;
use platform::nats_server::Account;
use testkit::{Db, until};
use tonic::Code;

use crate::{
    photos::jpeg,
    world::{OPEN, World, download, refusal, sees, upload, uploaded},
};

on_both_databases! {
    the_photos_of_an_erased_person_are_gone
    what_no_command_names_within_a_day_is_erased
}

async fn the_photos_of_an_erased_person_are_gone(db: Db) {
    let world = World::start(db).await;
    let li = world.suite.person(1);
    let photo = uploaded(&mut world.resident(1), "a").await;
    let of_wang = uploaded(&mut world.resident(2), "a").await;
    world.report("c1", &li, OPEN, &[&photo]).await;
    let mut operator = world.of_division(Role::Operator, "620821");
    assert!(sees(&mut operator, &photo).await);
    world.suite.context().vault.erase(&li.to_string()).await.unwrap();
    assert!(!sees(&mut operator, &photo).await);
    assert!(!sees(&mut world.resident(1), &photo).await);
    assert!(sees(&mut world.resident(2), &of_wang).await);
    let refused = refusal(upload(&mut world.resident(1), "b", &jpeg(8, 8, 1)).await);
    assert_eq!(refused, (Code::FailedPrecondition, "PERSON_ERASED".to_owned()));
    // What staff brought in goes by itself, and nothing else of theirs.
    let mut member = world.member(7, "620821101203001");
    let (one, other) = (uploaded(&mut member, "1").await, uploaded(&mut member, "2").await);
    world.suite.context().vault.erase(&format!("media:{one}")).await.unwrap();
    assert!(!sees(&mut member, &one).await && sees(&mut member, &other).await);
}

/// The sealed header of a photo, as it lies in the stream.
async fn sealed(world: &World, photo: &str) -> Option<Vec<u8>> {
    let client = world.suite.nats().client(Account::Vault).await;
    let key = photo.split_once('-').unwrap().1;
    let request = serde_json::json!({ "last_by_subj": format!("media.620821.{key}.1") });
    let subject = "$JS.API.STREAM.MSG.GET.MEDIA_620821";
    let answer = client.request(subject, request.to_string().into()).await.unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&answer.payload).unwrap();
    let data = answer["message"]["data"].as_str()?;
    Some(data_encoding::BASE64.decode(data.as_bytes()).unwrap())
}

async fn what_no_command_names_within_a_day_is_erased(db: Db) {
    let world = World::start(db).await;
    let (mut li, person) = (world.resident(1), world.suite.person(1));
    let attached = uploaded(&mut li, "attached").await;
    let stolen = uploaded(&mut li, "stolen").await;
    let forgotten = uploaded(&mut li, "forgotten").await;
    world.report("c1", &person, OPEN, &[&attached]).await;
    world.report("c2", &world.suite.person(2), OPEN, &[&stolen]).await;
    let bytes = sealed(&world, &forgotten).await.unwrap();
    assert!(world.is_on_disk(&bytes));
    world.suite.clock().advance(Duration::from_hours(23));
    let young = uploaded(&mut li, "young").await;
    assert!(download(&mut li, &forgotten, Variant::Full).await.is_ok());
    world.suite.clock().advance(Duration::from_hours(1));
    for photo in [&forgotten, &stolen] {
        until("an unattached photo is erased", || {
            let (mut li, photo) = (li.clone(), photo.clone());
            async move { !sees(&mut li, &photo).await }
        })
        .await;
    }
    // Its pieces go one by one.
    until("no piece is left", || async { sealed(&world, &forgotten).await.is_none() }).await;
    assert!(!world.is_on_disk(&bytes), "the photo is still in a file of the store");
    assert!(sees(&mut li, &attached).await && sees(&mut li, &young).await);
    // Its request makes it anew.
    assert_eq!(uploaded(&mut li, "forgotten").await, forgotten);
}
