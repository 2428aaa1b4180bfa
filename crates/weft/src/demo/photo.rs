//! Photos for the demo, drawn on the spot: simple scenes that show no place and no person, each with a
//! mark that says 演示 (demo). A scene after the work shows it mended.

mod canvas;
mod scenes;

use std::io::Cursor;

use anyhow::Context as _;
use image::{ImageFormat, RgbImage};
use serde::Deserialize;

use crate::simulate::random::Chance;
use canvas::Canvas;

/// The size of a photo in pixels.
const SIZE: (u32, u32) = (800, 600);

/// What a photo shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Scene {
    /// A street lamp, fallen or upright.
    Lamp,
    /// A river, overgrown or clear.
    River,
    /// A road, with holes or even.
    Road,
    /// A heap of waste, or a swept place.
    Waste,
    /// Smoke behind a ridge, or a clear one.
    Smoke,
    /// A market street, full or passable.
    Street,
    /// A house, cracked or repaired.
    House,
    /// A field, dry or green.
    Field,
    /// Nothing to photograph.
    None,
}

/// A photo as a JPEG file, of the scene before or after the work; the same chance draws the same. None
/// where there is nothing to photograph.
pub(super) fn jpeg(scene: Scene, after: bool, chance: Chance) -> anyhow::Result<Option<Vec<u8>>> {
    let Some(picture) = picture(scene, after, chance) else { return Ok(None) };
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, ImageFormat::Jpeg).context("a photo cannot be encoded")?;
    Ok(Some(file.into_inner()))
}

fn picture(scene: Scene, after: bool, chance: Chance) -> Option<RgbImage> {
    let mut canvas = Canvas::new(SIZE, chance);
    match scene {
        Scene::Lamp => scenes::lamp(&mut canvas, after),
        Scene::River => scenes::river(&mut canvas, after),
        Scene::Road => scenes::road(&mut canvas, after),
        Scene::Waste => scenes::waste(&mut canvas, after),
        Scene::Smoke => scenes::smoke(&mut canvas, after),
        Scene::Street => scenes::street(&mut canvas, after),
        Scene::House => scenes::house(&mut canvas, after),
        Scene::Field => scenes::field(&mut canvas, after),
        Scene::None => return None,
    }
    canvas.mark();
    Some(canvas.into_picture())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::lots;

    const SCENES: [Scene; 8] = [
        Scene::Lamp,
        Scene::River,
        Scene::Road,
        Scene::Waste,
        Scene::Smoke,
        Scene::Street,
        Scene::House,
        Scene::Field,
    ];

    #[test]
    fn photos_are_jpeg_and_differ_by_lot_and_by_what_was_done() {
        for scene in SCENES {
            let drawn = |after, thing| picture(scene, after, lots::of(7, thing)).unwrap();
            let before = drawn(false, "a");
            assert_eq!(before, drawn(false, "a"));
            assert_ne!(before, drawn(false, "b"));
            assert_ne!(before, drawn(true, "a"));
        }
        let file = jpeg(Scene::Lamp, false, lots::of(7, "a")).unwrap().unwrap();
        assert_eq!(image::guess_format(&file).unwrap(), ImageFormat::Jpeg);
        assert!((10_000..400_000).contains(&file.len()), "{}", file.len());
        assert!(jpeg(Scene::None, false, lots::of(7, "a")).unwrap().is_none());
    }

    /// For eyes: writes a sheet of all scenes to the file that is named.
    #[test]
    #[ignore = "writes a file for somebody to look at"]
    fn a_sheet_of_all_scenes() {
        let (width, height) = SIZE;
        let mut sheet = RgbImage::new(width * 2, height * 8);
        for (row, scene) in (0..).zip(SCENES) {
            for (column, after) in [(0, false), (1, true)] {
                let drawn = picture(scene, after, lots::of(7, "sheet")).unwrap();
                let (x, y) = (i64::from(column * width), i64::from(row * height));
                image::imageops::replace(&mut sheet, &drawn, x, y);
            }
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/demo-photos.png");
        sheet.save(path).unwrap();
    }
}
