//! A picture to draw on, with a few shapes. Coordinates are thousandths of the picture's width and
//! height, from the upper left corner.

use image::{Rgb, RgbImage};

use crate::simulate::random::Chance;

/// Red, green and blue.
pub(super) type Colour = [u8; 3];

/// A place in thousandths: right, down.
pub(super) type At = (i32, i32);

/// The strokes of 演示 on a field of 48 by 24.
const MARK: [(At, At); 26] = [
    // 演: the water, the roof, the rest.
    ((3, 3), (6, 6)),
    ((2, 9), (5, 12)),
    ((2, 21), (6, 15)),
    ((14, 1), (15, 4)),
    ((9, 5), (21, 5)),
    ((9, 5), (9, 8)),
    ((21, 5), (21, 8)),
    ((11, 9), (19, 9)),
    ((10, 12), (20, 12)),
    ((10, 18), (20, 18)),
    ((10, 12), (10, 18)),
    ((20, 12), (20, 18)),
    ((15, 9), (15, 18)),
    ((10, 15), (20, 15)),
    ((12, 19), (9, 22)),
    ((18, 19), (21, 22)),
    // 示
    ((29, 4), (43, 4)),
    ((27, 10), (45, 10)),
    ((36, 10), (36, 21)),
    ((36, 21), (33, 19)),
    ((32, 13), (28, 18)),
    ((40, 13), (44, 18)),
    // A frame.
    ((-3, -3), (51, -3)),
    ((-3, 27), (51, 27)),
    ((-3, -3), (-3, 27)),
    ((51, -3), (51, 27)),
];

pub(super) struct Canvas {
    picture: RgbImage,
    pub(super) chance: Chance,
}

impl Canvas {
    pub(super) fn new((width, height): (u32, u32), chance: Chance) -> Self {
        Self { picture: RgbImage::new(width, height), chance }
    }

    pub(super) fn into_picture(self) -> RgbImage {
        self.picture
    }

    /// A number from `low` to `high`.
    pub(super) fn lot(&mut self, low: i32, high: i32) -> i32 {
        let width = usize::try_from(high - low + 1).unwrap_or(1);
        low + i32::try_from(self.chance.below(width)).unwrap_or_default()
    }

    /// A colour a little lighter or darker.
    pub(super) fn about(&mut self, colour: Colour, by: i32) -> Colour {
        let shift = self.lot(-by, by);
        colour.map(|part| u8::try_from((i32::from(part) + shift).clamp(0, 255)).unwrap_or(part))
    }

    fn dot(&mut self, x: i32, y: i32, colour: Colour) {
        if let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y))
            && let Some(pixel) = self.picture.get_pixel_mut_checked(x, y)
        {
            *pixel = Rgb(colour);
        }
    }

    fn across(&self, thousandths: i32) -> i32 {
        thousandths * i32::try_from(self.picture.width()).unwrap_or(i32::MAX) / 1_000
    }

    fn down(&self, thousandths: i32) -> i32 {
        thousandths * i32::try_from(self.picture.height()).unwrap_or(i32::MAX) / 1_000
    }

    /// A band over the whole width, from one colour above to another below.
    pub(super) fn band(&mut self, from: i32, to: i32, above: Colour, below: Colour) {
        let (top, bottom) = (self.down(from), self.down(to));
        let right = self.across(1_000);
        for y in top..bottom {
            let mix = |part: usize| {
                let (a, b) = (i32::from(above[part]), i32::from(below[part]));
                let mixed = a + (b - a) * (y - top) / (bottom - top).max(1);
                u8::try_from(mixed.clamp(0, 255)).unwrap_or(u8::MAX)
            };
            let colour = [mix(0), mix(1), mix(2)];
            for x in 0..right {
                self.dot(x, y, colour);
            }
        }
    }

    /// A disc, flattened to so many hundredths of its width.
    pub(super) fn disc(&mut self, at: At, radius: i32, flat: i32, colour: Colour) {
        let (x0, y0, r) = (self.across(at.0), self.down(at.1), self.across(radius).max(1));
        let high = (r * flat / 100).max(1);
        for y in -high..=high {
            for x in -r..=r {
                if x * x * high * high + y * y * r * r <= r * r * high * high {
                    self.dot(x0 + x, y0 + y, colour);
                }
            }
        }
    }

    /// A filled polygon.
    pub(super) fn area(&mut self, corners: &[At], colour: Colour) {
        let points: Vec<At> =
            corners.iter().map(|(x, y)| (self.across(*x), self.down(*y))).collect();
        let top = points.iter().map(|point| point.1).min().unwrap_or_default();
        let bottom = points.iter().map(|point| point.1).max().unwrap_or_default();
        for y in top..bottom {
            let mut crossings: Vec<i32> = Vec::new();
            for (a, b) in points.iter().zip(points.iter().cycle().skip(1)) {
                if (a.1 <= y) != (b.1 <= y) {
                    crossings.push(a.0 + (b.0 - a.0) * (y - a.1) / (b.1 - a.1));
                }
            }
            crossings.sort_unstable();
            for pair in crossings.chunks_exact(2) {
                for x in pair[0]..pair[1] {
                    self.dot(x, y, colour);
                }
            }
        }
    }

    pub(super) fn block(&mut self, from: At, to: At, colour: Colour) {
        self.area(&[from, (to.0, from.1), to, (from.0, to.1)], colour);
    }

    /// A line of a width in thousandths, with round ends.
    pub(super) fn line(&mut self, from: At, to: At, wide: i32, colour: Colour) {
        let start = (self.across(from.0), self.down(from.1));
        let end = (self.across(to.0), self.down(to.1));
        self.stroke(start, end, (self.across(wide) / 2).max(1), colour);
    }

    fn stroke(&mut self, start: At, end: At, radius: i32, colour: Colour) {
        let steps = (end.0 - start.0).abs().max((end.1 - start.1).abs()).max(1);
        for step in 0..=steps {
            let x0 = start.0 + (end.0 - start.0) * step / steps;
            let y0 = start.1 + (end.1 - start.1) * step / steps;
            for y in -radius..=radius {
                for x in -radius..=radius {
                    if x * x + y * y <= radius * radius {
                        self.dot(x0 + x, y0 + y, colour);
                    }
                }
            }
        }
    }

    /// The grain of a cheap lens, and 演示 in the lower right corner.
    pub(super) fn mark(&mut self) {
        let chance = &mut self.chance;
        for pixel in self.picture.pixels_mut() {
            let grain = i16::try_from(chance.next() % 13).unwrap_or_default() - 6;
            for part in &mut pixel.0 {
                *part = u8::try_from((i16::from(*part) + grain).clamp(0, 255)).unwrap_or(*part);
            }
        }
        let (right, bottom) = (self.across(1_000), self.down(1_000));
        let unit = (right / 260).max(1);
        let corner = (right - 56 * unit, bottom - 32 * unit);
        let at = |(x, y): At, off: i32| (corner.0 + x * unit + off, corner.1 + y * unit + off);
        // A shadow first, so that it can be read on white and on black.
        for (off, colour) in [(unit / 2 + 1, [40, 40, 40]), (0, [255, 255, 255])] {
            for (from, to) in MARK {
                self.stroke(at(from, off), at(to, off), (unit / 2).max(1), colour);
            }
        }
    }
}
