//! Files as cameras and others write them.

use image::{Rgb, RgbImage, codecs::jpeg::JpegEncoder};

/// A JPEG of this size, another for each seed.
pub(crate) fn jpeg(width: u32, height: u32, seed: u8) -> Vec<u8> {
    let image = RgbImage::from_fn(width, height, |x, y| {
        let shade = u8::try_from((x * 7 + y * 3) % 200).unwrap_or_default();
        Rgb([shade, seed, 255 - shade])
    });
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(&image).unwrap();
    bytes
}

/// A JPEG whose pixels are noise, of which hardly anything can be left out.
pub(crate) fn noise(width: u32, height: u32) -> Vec<u8> {
    let mut state = 2_463_534_242_u32;
    let image = RgbImage::from_fn(width, height, |_, _| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let [red, green, blue, _] = state.to_be_bytes();
        Rgb([red, green, blue])
    });
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 95).encode_image(&image).unwrap();
    bytes
}

/// A JPEG with one more segment after its first marker.
pub(crate) fn with_segment(jpeg: &[u8], marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, marker], &length, content, &jpeg[2..]].concat()
}

pub(crate) fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
