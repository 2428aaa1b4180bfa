//! In and out again, and what does not come out.

use api::media::v1::Variant;
use testkit::Db;
use tonic::Code;

use crate::{
    photos::{holds, jpeg, noise, with_segment},
    world::{World, download, refusal, upload},
};

on_both_databases! {
    a_photo_comes_back_small_and_as_a_thumbnail
    a_large_photo_lies_in_several_pieces
    nothing_that_came_with_a_photo_is_kept_anywhere
    the_same_request_again_is_the_same_photo
}

async fn a_photo_comes_back_small_and_as_a_thumbnail(db: Db) {
    let world = World::start(db).await;
    let mut li = world.resident(1);
    let answer = upload(&mut li, "a", &jpeg(2_400, 1_200, 7)).await.unwrap();
    assert_eq!((answer.width, answer.height), (2_048, 1_024));
    let (header, bytes) = download(&mut li, &answer.media_id, Variant::Full).await.unwrap();
    assert_eq!((header.content_type.as_str(), header.bytes), ("image/jpeg", answer.bytes));
    let drawn = image::load_from_memory(&bytes).unwrap();
    assert_eq!((drawn.width(), drawn.height()), (2_048, 1_024));
    let (header, bytes) = download(&mut li, &answer.media_id, Variant::Thumbnail).await.unwrap();
    let drawn = image::load_from_memory(&bytes).unwrap();
    assert_eq!((header.width, header.height), (320, 160));
    assert_eq!((drawn.width(), drawn.height()), (320, 160));
    // It lies where it was, also when all has started anew without databases.
    let world = World {
        suite: {
            drop(li);
            world.suite.restart_without_databases().await
        },
    };
    let again = download(&mut world.resident(1), &answer.media_id, Variant::Thumbnail).await;
    assert_eq!(again.unwrap().1, bytes);
}

async fn a_large_photo_lies_in_several_pieces(db: Db) {
    let world = World::start(db).await;
    let mut li = world.resident(1);
    let answer = upload(&mut li, "a", &noise(1_200, 1_000)).await.unwrap();
    assert!(answer.bytes > 2 * 256 * 1024, "{answer:?}");
    let (_, bytes) = download(&mut li, &answer.media_id, Variant::Full).await.unwrap();
    assert_eq!(image::load_from_memory(&bytes).unwrap().width(), 1_200);
    assert!(!world.is_on_disk(&bytes[1_000..1_064]), "a photo lies sealed");
}

async fn nothing_that_came_with_a_photo_is_kept_anywhere(db: Db) {
    let world = World::start(db).await;
    let mut li = world.resident(1);
    let planted = [
        "Exif\0\0MM\0*GPSLatitude-35.3345-107.3651",
        "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>photographed by Li</x:xmpmeta>",
        "a comment with a phone 13800138000",
        "PK\u{3}\u{4} an archive behind the picture",
    ];
    let mut file = jpeg(640, 480, 3);
    for (marker, text) in [(0xe1, planted[0]), (0xe1, planted[1]), (0xfe, planted[2])] {
        file = with_segment(&file, marker, text.as_bytes());
    }
    file.extend(planted[3].as_bytes());
    let id = upload(&mut li, "a", &file).await.unwrap().media_id;
    for variant in [Variant::Full, Variant::Thumbnail] {
        let (_, bytes) = download(&mut li, &id, variant).await.unwrap();
        for planted in planted {
            // The last words are enough to tell.
            let words = &planted.as_bytes()[planted.len() - 16..];
            assert!(holds(&file, words) && !holds(&bytes, words), "{planted}");
            assert!(!world.is_on_disk(words), "{planted}");
        }
    }
}

async fn the_same_request_again_is_the_same_photo(db: Db) {
    let world = World::start(db).await;
    let (mut li, mut wang) = (world.resident(1), world.resident(2));
    let (one, other) = (jpeg(64, 48, 1), jpeg(64, 48, 2));
    let first = upload(&mut li, "a", &one).await.unwrap();
    assert_eq!(upload(&mut li, "a", &one).await.unwrap(), first);
    let reused = (Code::AlreadyExists, "REQUEST_ID_REUSED".to_owned());
    assert_eq!(refusal(upload(&mut li, "a", &other).await), reused);
    assert_ne!(upload(&mut li, "b", &one).await.unwrap().media_id, first.media_id);
    assert_ne!(upload(&mut wang, "a", &one).await.unwrap().media_id, first.media_id);
    // Two at once agree.
    let (mut here, mut there) = (li.clone(), li.clone());
    let (here, there) = futures::join!(upload(&mut here, "c", &one), upload(&mut there, "c", &one));
    assert_eq!(here.unwrap(), there.unwrap());
}
