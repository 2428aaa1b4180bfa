//! What is vendored is what its packages hold, and assets are served for ever under their hash.

use std::fs;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;

use crate::browser::{Browser, suite};

fn vendored() -> Vec<(String, String)> {
    let text =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/vendor/VENDOR.toml"));
    let value = |block: &str, name: &str| {
        let line = block.lines().find(|line| line.starts_with(&format!("{name} = ")));
        line.and_then(|line| line.split('"').nth(1)).unwrap_or_default().to_owned()
    };
    let text = text.unwrap();
    let blocks = text.split("[[file]]").skip(1);
    blocks
        .map(|block| {
            for name in ["package", "version", "source", "licence"] {
                assert!(!value(block, name).is_empty(), "{block} has no {name}");
            }
            assert!(value(block, "integrity").starts_with("sha512-"), "{block}");
            (value(block, "file"), value(block, "sha256"))
        })
        .collect()
}

#[test]
fn what_is_vendored_is_what_was_reviewed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/vendor/");
    let rows = vendored();
    for (file, sha256) in &rows {
        let bytes = fs::read(format!("{folder}{file}")).unwrap();
        let found = HEXLOWER.encode(digest(&SHA256, &bytes).as_ref());
        assert_eq!(&found, sha256, "{file} is not what VENDOR.toml says: run scripts/vendor.sh");
    }
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        let known = name == "VENDOR.toml" || rows.iter().any(|(file, _)| *file == name);
        assert!(known, "{name} has no row in VENDOR.toml");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn assets_are_kept_for_ever_under_their_hash() {
    let suite = suite().await;
    let mut browser = Browser::of(&suite);
    let page = browser.get("/sign-in").await.body;
    let css = page.split("rel=\"stylesheet\" href=\"").nth(1).unwrap();
    let css = css.split('"').next().unwrap().to_owned();
    let plain = browser.get(&css).await;
    assert_eq!(plain.status, 200);
    assert_eq!(plain.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(plain.header("content-type"), "text/css; charset=utf-8");
    assert!(plain.body.starts_with("@layer tokens, base, components, pages;"));
    let packed = Browser::of(&suite).with("Accept-Encoding", "br, gzip").get(&css).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.body.len() * 2 < plain.body.len());
    let old = browser.get("/assets/0123456789abcdef/weft.css").await;
    assert_eq!(old.status, 404);
    let page = browser.get("/components").await.body;
    let paths = page.split("\"/assets/").skip(1).filter_map(|rest| rest.split(['"', '#']).next());
    for path in paths {
        assert_eq!(browser.get(&format!("/assets/{path}")).await.status, 200, "{path}");
    }
}
