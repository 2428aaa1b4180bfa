//! Cleaning: a file that came from anywhere becomes a picture drawn anew. What is decoded are pixels,
//! and only pixels are encoded again, so that nothing else of the file survives: no EXIF, no XMP, no
//! profile, nothing that was hidden behind the picture.

mod form;

use std::io::Cursor;

use bytes::Bytes;
use image::{
    DynamicImage, ImageDecoder as _, ImageReader, Limits, RgbImage, codecs::jpeg::JpegEncoder,
    imageops::FilterType, metadata::Orientation,
};
use platform::media::Picture;

use form::Form;

/// Of which form the pictures are that are kept.
pub const CONTENT_TYPE: &str = "image/jpeg";

/// The most pixels that a photo may have in all.
pub const MAX_PIXELS: u64 = 50_000_000;

/// The most pixels of a progressive JPEG: reading one takes nine bytes of memory a pixel and more, where
/// others take three.
pub const MAX_PROGRESSIVE_PIXELS: u64 = 20_000_000;

/// The most pixels of a side.
pub const MAX_SIDE: u32 = 12_000;

/// The longer side of what is kept, in pixels.
pub const KEPT_SIDE: u32 = 2_048;

/// The longer side of a thumbnail, in pixels.
pub const THUMBNAIL_SIDE: u32 = 320;

/// The most memory that a decoder may take: the pixels allowed, in four channels, and some more.
const MAX_ALLOCATED: u64 = 256 * 1024 * 1024;

/// How well the kept photo is drawn, of 100.
const QUALITY: u8 = 82;

/// How well the thumbnail is drawn.
const THUMBNAIL_QUALITY: u8 = 75;

/// A photo as it is kept.
#[derive(Clone, Debug)]
pub struct Cleaned {
    /// The photo.
    pub full: Picture,
    /// Its thumbnail.
    pub thumbnail: Picture,
}

/// Why a file is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unclean {
    /// It is a photo of a form that is not read here, such as HEIC.
    #[error("photos of the form {0} are not read here: convert it to JPEG")]
    Form(&'static str),
    /// It is no photo.
    #[error("this is no photo: send a JPEG, PNG or WebP file")]
    NoPhoto,
    /// It has more pixels than are read.
    #[error(
        "a photo has at most {MAX_SIDE} pixels a side and {MAX_PIXELS} in all: make it smaller"
    )]
    TooManyPixels,
    /// It is a progressive JPEG with more pixels than are read of those.
    #[error(
        "a progressive JPEG has at most {MAX_PROGRESSIVE_PIXELS} pixels: save it as a baseline JPEG, or make it smaller"
    )]
    TooManyProgressive,
    /// It begins like a photo, and cannot be read to its end.
    #[error("the photo is damaged or incomplete: send it again, or take another")]
    Damaged,
}

/// Reads a file and draws it anew, upright, not larger than is kept. Takes some tenths of a second of
/// a core: call it off the threads that serve.
pub fn clean(file: &[u8]) -> Result<Cleaned, Unclean> {
    let (image, turn) = decode(file, Form::of(file)?)?;
    let mut image = reduced(image, KEPT_SIDE);
    // Turned when it is small: a turn keeps the longer side.
    image.apply_orientation(turn);
    let image = flat(image);
    let full = encode(&image, QUALITY)?;
    let thumbnail = reduced(image.into(), THUMBNAIL_SIDE).into_rgb8();
    Ok(Cleaned { full, thumbnail: encode(&thumbnail, THUMBNAIL_QUALITY)? })
}

/// The pixels, and how they are to be turned.
fn decode(file: &[u8], form: Form) -> Result<(DynamicImage, Orientation), Unclean> {
    if form::progressive_pixels(file).is_some_and(|pixels| pixels > MAX_PROGRESSIVE_PIXELS) {
        return Err(Unclean::TooManyProgressive);
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_ALLOCATED);
    let mut reader = ImageReader::with_format(Cursor::new(file), form.to_image());
    reader.limits(limits.clone());
    let mut decoder = reader.into_decoder().map_err(|error| unclean(&error))?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if width > MAX_SIDE || height > MAX_SIDE || pixels > MAX_PIXELS {
        return Err(Unclean::TooManyPixels);
    }
    decoder.set_limits(limits).map_err(|error| unclean(&error))?;
    // The decoder's own limit does not count what it is given to fill.
    if decoder.total_bytes() > MAX_ALLOCATED {
        return Err(Unclean::TooManyPixels);
    }
    // A photo whose notes cannot be read is taken as it lies.
    let turn = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let image = DynamicImage::from_decoder(decoder).map_err(|error| unclean(&error))?;
    Ok((image, turn))
}

fn unclean(error: &image::ImageError) -> Unclean {
    if matches!(error, image::ImageError::Limits(_)) {
        Unclean::TooManyPixels
    } else {
        Unclean::Damaged
    }
}

/// The picture with at most so many pixels on its longer side.
fn reduced(image: DynamicImage, side: u32) -> DynamicImage {
    let longer = |image: &DynamicImage| image.width().max(image.height());
    // What is far larger is first made smaller by whole pixels, which needs little memory and no time.
    let image = if longer(&image) > 2 * side {
        let smaller = image.thumbnail(2 * side, 2 * side);
        drop(image);
        smaller
    } else {
        image
    };
    if longer(&image) <= side {
        return image;
    }
    image.resize(side, side, FilterType::Triangle)
}

/// The picture on white paper, where it is transparent.
fn flat(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let image = image.into_rgba8();
    let mut paper = RgbImage::new(image.width(), image.height());
    for (on, pixel) in paper.pixels_mut().zip(image.pixels()) {
        let [red, green, blue, alpha] = pixel.0.map(u32::from);
        let mixed = [red, green, blue].map(|part| (part * alpha + 255 * (255 - alpha)) / 255);
        on.0 = mixed.map(|part| u8::try_from(part).unwrap_or(u8::MAX));
    }
    paper
}

fn encode(image: &RgbImage, quality: u8) -> Result<Picture, Unclean> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality)
        .encode_image(image)
        .map_err(|error| unclean(&error))?;
    Ok(Picture { width: image.width(), height: image.height(), bytes: Bytes::from(bytes) })
}

#[cfg(test)]
mod tests;
