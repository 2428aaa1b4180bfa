//! What is no photo, too much, or out of order.

use api::media::v1::{DownloadRequest, UploadRequest, Variant};
use futures::stream;
use kernel::Role;
use platform::auth::scope::ScopeParts;
use testkit::Db;
use tonic::Code;

use crate::{
    photos::jpeg,
    world::{Client, World, chunk, download, header, refusal, upload},
};

on_both_databases! {
    what_is_no_photo_is_refused_with_what_to_do
    parts_out_of_order_are_refused
    one_person_uploads_so_many_within_a_while
    an_administrator_has_nothing_to_do_with_photos
}

async fn sent(client: &mut Client, parts: Vec<UploadRequest>) -> (Code, String) {
    refusal(client.upload(stream::iter(parts)).await)
}

async fn what_is_no_photo_is_refused_with_what_to_do(db: Db) {
    let world = World::start(db).await;
    let mut li = world.resident(1);
    let whole = jpeg(300, 200, 1);
    let mut bomb = Vec::new();
    image::ImageEncoder::write_image(
        image::codecs::png::PngEncoder::new(&mut bomb),
        &vec![0; 20_000 * 200],
        20_000,
        200,
        image::ExtendedColorType::L8,
    )
    .unwrap();
    let long = [whole.as_slice(), &vec![0; 12 * 1024 * 1024]].concat();
    for (file, reason) in [
        (&b"<svg onload=alert(1)>"[..], "NOT_A_PHOTO"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "PHOTO_FORM_UNKNOWN"),
        (&whole[..whole.len() / 2], "PHOTO_DAMAGED"),
        (&bomb, "PHOTO_TOO_MANY_PIXELS"),
        (&long, "PHOTO_TOO_LARGE"),
    ] {
        let refused = refusal(upload(&mut li, "a", file).await);
        assert_eq!(refused, (Code::InvalidArgument, reason.to_owned()));
    }
    // The name of the request is still free.
    upload(&mut li, "a", &whole).await.unwrap();
}

async fn parts_out_of_order_are_refused(db: Db) {
    let world = World::start(db).await;
    let mut li = world.resident(1);
    let file = jpeg(64, 48, 1);
    let wrong = (Code::InvalidArgument, "INVALID_ARGUMENT".to_owned());
    let nothing = UploadRequest { part: None };
    for parts in [
        vec![],
        vec![chunk(&file)],
        vec![chunk(&file), header("a")],
        vec![header("a")],
        vec![header("a"), chunk(&[])],
        vec![header("a"), header("a"), chunk(&file)],
        vec![header("a"), chunk(&file), header("a")],
        vec![header("a"), nothing.clone(), chunk(&file)],
        vec![nothing],
        vec![header("not a request id"), chunk(&file)],
    ] {
        assert_eq!(sent(&mut li, parts.clone()).await, wrong, "{parts:?}");
    }
    let request = |media_id: &str, variant: Variant| DownloadRequest {
        media_id: media_id.to_owned(),
        variant: variant.into(),
        min_position: None,
    };
    for request in [
        request("", Variant::Full),
        request("../../keys", Variant::Full),
        request("620821000000-a", Variant::Unspecified),
    ] {
        assert_eq!(refusal(li.download(request).await), wrong);
    }
    for id in ["620821000000-a", "620822000000-a", "620821101203-a"] {
        let unknown = download(&mut li, id, Variant::Full).await;
        assert_eq!(refusal(unknown), (Code::NotFound, "PHOTO_NOT_FOUND".to_owned()));
    }
}

async fn one_person_uploads_so_many_within_a_while(db: Db) {
    let world = World::start(db).await;
    let mut li = world.resident(1);
    let file = jpeg(16, 16, 1);
    for number in 0..30 {
        upload(&mut li, &format!("r{number}"), &file).await.unwrap();
    }
    let refused = refusal(upload(&mut li, "one more", &file).await);
    assert_eq!(refused, (Code::InvalidArgument, "INVALID_ARGUMENT".to_owned()));
    let refused = refusal(upload(&mut li, "one-more", &file).await);
    assert_eq!(refused, (Code::ResourceExhausted, "TOO_MANY_PHOTOS".to_owned()));
    // What came before is still the same, others go on, and so does the person after a while.
    upload(&mut li, "r3", &file).await.unwrap();
    upload(&mut world.resident(2), "one-more", &file).await.unwrap();
    world.suite.clock().advance(std::time::Duration::from_mins(10));
    upload(&mut li, "one-more", &file).await.unwrap();
}

async fn an_administrator_has_nothing_to_do_with_photos(db: Db) {
    let world = World::start(db).await;
    let scope = ScopeParts { division: Some(world.suite.county()), ..ScopeParts::default() };
    let mut administrator = world.person(1, Role::Administrator, scope);
    let refused = (Code::PermissionDenied, "ROLE_NOT_ALLOWED".to_owned());
    assert_eq!(refusal(upload(&mut administrator, "a", &jpeg(8, 8, 1)).await), refused);
    let photo = download(&mut administrator, "620821000000-a", Variant::Full).await;
    assert_eq!(refusal(photo), refused);
}
