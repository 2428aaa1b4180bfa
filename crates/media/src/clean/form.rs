//! What a file is, by its first bytes: its name and what its sender says do not count.

use image::ImageFormat;

use super::Unclean;

/// A form that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Jpeg,
    Png,
    WebP,
}

impl Form {
    /// The form of a file.
    pub(super) fn of(file: &[u8]) -> Result<Self, Unclean> {
        if file.starts_with(&[0xff, 0xd8, 0xff]) {
            return if is_whole_jpeg(file) { Ok(Self::Jpeg) } else { Err(Unclean::Damaged) };
        }
        if file.starts_with(b"\x89PNG\r\n\x1a\n") {
            return Ok(Self::Png);
        }
        if file.starts_with(b"RIFF") && file.get(8..12) == Some(b"WEBP") {
            return Ok(Self::WebP);
        }
        Err(known_otherwise(file).map_or(Unclean::NoPhoto, Unclean::Form))
    }

    pub(super) const fn to_image(self) -> ImageFormat {
        match self {
            Self::Jpeg => ImageFormat::Jpeg,
            Self::Png => ImageFormat::Png,
            Self::WebP => ImageFormat::WebP,
        }
    }
}

/// The name of a form that people do send, and that is not read.
fn known_otherwise(file: &[u8]) -> Option<&'static str> {
    if file.starts_with(b"GIF8") {
        return Some("GIF");
    }
    if file.starts_with(b"BM") {
        return Some("BMP");
    }
    if file.starts_with(b"II*\0") || file.starts_with(b"MM\0*") {
        return Some("TIFF");
    }
    // ISO/IEC 14496-12: a box `ftyp` with the brand.
    match (file.get(4..8)?, file.get(8..12)?) {
        (b"ftyp", b"avif" | b"avis") => Some("AVIF"),
        (b"ftyp", b"heic" | b"heix" | b"hevc" | b"heim" | b"heis" | b"mif1" | b"msf1") => {
            Some("HEIC")
        }
        _ => None,
    }
}

/// Whether a JPEG reaches its end marker. The decoder would fill what is missing with grey, and half a
/// photo would be taken for a whole one.
fn is_whole_jpeg(file: &[u8]) -> bool {
    const START_OF_SCAN: u8 = 0xda;
    const END: u8 = 0xd9;
    let mut rest = file.get(2..).unwrap_or_default();
    loop {
        // Between segments, and after the data of a scan: on to the next marker. 0 and the restarts
        // belong to the data.
        let Some(place) = rest.windows(2).position(|pair| {
            pair[0] == 0xff && !matches!(pair[1], 0x00 | 0x01 | 0xd0..=0xd7 | 0xff)
        }) else {
            return false;
        };
        let marker = rest[place + 1];
        rest = &rest[place + 2..];
        if marker == END {
            return true;
        }
        let [high, low, ..] = *rest else { return false };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let Some(after) = rest.get(length..) else { return false };
        rest = after;
        if marker == START_OF_SCAN && rest.is_empty() {
            return false;
        }
    }
}

/// The pixels of a JPEG whose lines come in several passes (ITU-T T.81, §G): all of its coefficients
/// are held at once before the first pixel is there, several times what other pictures take. None of
/// other files.
pub(super) fn progressive_pixels(file: &[u8]) -> Option<u64> {
    let mut rest = file.strip_prefix(&[0xff, 0xd8])?;
    loop {
        let [0xff, marker, high, low, ..] = *rest else { return None };
        if marker == 0xff {
            // A marker may be filled up before.
            rest = &rest[1..];
            continue;
        }
        let length = usize::from(u16::from_be_bytes([high, low]));
        let segment = rest.get(4..2 + length)?;
        match marker {
            // The frames that are progressive, Huffman's and arithmetic, alone and in a hierarchy.
            0xc2 | 0xc6 | 0xca | 0xce => {
                let [_, h1, h2, w1, w2, ..] = *segment else { return None };
                let side = |high, low| u64::from(u16::from_be_bytes([high, low]));
                return Some(side(h1, h2) * side(w1, w2));
            }
            // Another frame, or a scan before any.
            0xc0 | 0xc1 | 0xc3 | 0xc5 | 0xc7 | 0xc9 | 0xcb | 0xcd | 0xcf | 0xda => return None,
            _ => rest = rest.get(2 + length..)?,
        }
    }
}
