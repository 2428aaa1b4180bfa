//! Cleaning a photo: how long a core takes to decode it, make it small and draw it anew with its
//! thumbnail; beside it, how long the decoding alone takes.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use image::{ImageFormat, Rgb, RgbImage, codecs::jpeg::JpegEncoder};

use crate::table::{Table, say};

/// How often each is measured; the median counts.
const ROUNDS: usize = 7;

/// Pixels of the photos: of a small and an ordinary phone, and of the largest that is taken.
const SIZES: [(u32, u32); 3] = [(2_048, 1_536), (4_032, 3_024), (8_160, 6_120)];

pub(crate) fn measure() -> anyhow::Result<Table> {
    say("photo");
    let mut table = Table::new(
        "Cleaning a photo, on one core",
        &["pixels", "file KB", "kept KB", "decode ms", "clean ms", "clean / decode"],
    );
    for (width, height) in SIZES {
        let file = photograph(width, height)?;
        let decode = median(|| image::load_from_memory_with_format(&file, ImageFormat::Jpeg))?;
        let clean = median(|| media::clean::clean(&file))?;
        let kept = media::clean::clean(&file)?.full.bytes.len();
        table.row(&[
            format!("{width}×{height}"),
            (file.len() / 1_000).to_string(),
            (kept / 1_000).to_string(),
            decode.as_millis().to_string(),
            clean.as_millis().to_string(),
            format!("{:.1}", clean.as_secs_f64() / decode.as_secs_f64()),
        ]);
        if (width, height) == SIZES[1] {
            table.demand("12 megapixels in under 1 s", clean < Duration::from_secs(1));
        }
    }
    Ok(table)
}

/// A file with as much detail as a camera's: slow waves and fine grain.
fn photograph(width: u32, height: u32) -> anyhow::Result<Vec<u8>> {
    let mut state = 2_463_534_242_u32;
    let wave: Vec<u8> =
        (0..=255_u8).map(|step| if step < 128 { step } else { 255 - step }).collect();
    let at = |place: u32| u32::from(wave[usize::try_from(place % 256).unwrap_or_default()]);
    let image = RgbImage::from_fn(width, height, |x, y| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let shade = u32::midpoint(at(x / 5), at(y / 3)) + 40 + state % 24;
        let shade = u8::try_from(shade).unwrap_or(u8::MAX);
        Rgb([shade, shade.saturating_add(20), 255 - shade])
    });
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 92).encode_image(&image)?;
    Ok(bytes)
}

fn median<T, E: std::error::Error + Send + Sync + 'static>(
    work: impl Fn() -> Result<T, E>,
) -> anyhow::Result<Duration> {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let started = Instant::now();
        work()?;
        times.push(started.elapsed());
    }
    times.sort_unstable();
    times.get(ROUNDS / 2).copied().context("at least one round")
}
