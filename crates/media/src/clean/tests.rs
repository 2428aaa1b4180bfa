use std::io::Write as _;

use image::{ExtendedColorType, ImageEncoder as _, Rgb, Rgba, RgbaImage, codecs::png::PngEncoder};

use super::*;

/// A picture whose upper left corner is red and whose rest is blue.
fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        if x < width / 2 && y < height / 2 { Rgb([250, 0, 0]) } else { Rgb([0, 0, 250]) }
    })
}

fn jpeg(image: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 90).encode_image(image).unwrap();
    bytes
}

fn png(image: &DynamicImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.write_to(&mut Cursor::new(&mut bytes), image::ImageFormat::Png).unwrap();
    bytes
}

/// A JPEG with EXIF that says how it is to be turned (TIFF 6.0, tag 0x0112).
fn turned(image: &RgbImage, orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    with_segment(&jpeg(image), 0xe1, &exif)
}

/// A JPEG with one more segment after its first marker.
fn with_segment(jpeg: &[u8], marker: u8, content: &[u8]) -> Vec<u8> {
    let mut out = jpeg[..2].to_vec();
    let length = u16::try_from(content.len() + 2).unwrap();
    out.extend([0xff, marker]);
    out.extend(length.to_be_bytes());
    out.extend(content);
    out.extend(&jpeg[2..]);
    out
}

fn drawn(picture: &Picture) -> RgbImage {
    image::load_from_memory_with_format(&picture.bytes, image::ImageFormat::Jpeg)
        .unwrap()
        .into_rgb8()
}

fn is_red(image: &RgbImage, x: u32, y: u32) -> bool {
    let [red, _, blue] = image.get_pixel(x, y).0;
    red > 200 && blue < 60
}

#[test]
fn a_photo_is_kept_small_and_has_a_thumbnail() {
    let cleaned = clean(&jpeg(&picture(4_000, 3_000))).unwrap();
    assert_eq!((cleaned.full.width, cleaned.full.height), (2_048, 1_536));
    assert_eq!((cleaned.thumbnail.width, cleaned.thumbnail.height), (320, 240));
    assert_eq!(drawn(&cleaned.full).dimensions(), (2_048, 1_536));
    assert!(is_red(&drawn(&cleaned.thumbnail), 10, 10));
    let small = clean(&jpeg(&picture(200, 100))).unwrap();
    assert_eq!((small.full.width, small.thumbnail.width), (200, 200), "never made larger");
    let thin = clean(&jpeg(&picture(9_000, 3))).unwrap();
    assert_eq!((thin.full.width, thin.full.height), (2_048, 1));
}

#[test]
fn png_and_webp_are_read_and_what_is_transparent_lies_on_white() {
    let glass = RgbaImage::from_pixel(64, 64, Rgba([0, 0, 0, 0]));
    let cleaned = clean(&png(&glass.into())).unwrap();
    assert!(drawn(&cleaned.full).pixels().all(|pixel| pixel.0 == [255; 3]));
    let mut webp = Vec::new();
    image::codecs::webp::WebPEncoder::new_lossless(&mut webp)
        .write_image(&picture(64, 32), 64, 32, ExtendedColorType::Rgb8)
        .unwrap();
    assert!(is_red(&drawn(&clean(&webp).unwrap().full), 4, 4));
    let grey = DynamicImage::new_luma16(8, 8);
    assert_eq!(clean(&png(&grey)).unwrap().full.width, 8);
}

#[test]
fn it_stands_upright_however_the_camera_was_held() {
    let lying = picture(80, 40);
    // Where the red corner goes, of the upper left, upper right, lower right and lower left.
    for (orientation, corner, size) in
        [(1, 0, (80, 40)), (3, 2, (80, 40)), (6, 1, (40, 80)), (8, 3, (40, 80))]
    {
        let kept = drawn(&clean(&turned(&lying, orientation)).unwrap().full);
        assert_eq!(kept.dimensions(), size, "orientation {orientation}");
        let (right, low) = (kept.width() - 4, kept.height() - 4);
        let corners = [(4, 4), (right, 4), (right, low), (4, low)];
        let red = corners.map(|(x, y)| is_red(&kept, x, y));
        let expected = [0, 1, 2, 3].map(|place| place == corner);
        assert_eq!(red, expected, "orientation {orientation}");
    }
}

#[test]
fn nothing_but_the_picture_survives() {
    let planted = ["GPSLatitude 35.3", "<x:xmpmeta>somebody", "a comment", "PK\u{3}\u{4}hidden"];
    let mut file = with_segment(&jpeg(&picture(64, 64)), 0xe1, planted[0].as_bytes());
    file = with_segment(
        &file,
        0xe1,
        format!("http://ns.adobe.com/xap/1.0/\0{}", planted[1]).as_bytes(),
    );
    file = with_segment(&file, 0xfe, planted[2].as_bytes());
    file.write_all(planted[3].as_bytes()).unwrap();
    let cleaned = clean(&file).unwrap();
    for planted in planted {
        let planted = planted.as_bytes();
        let holds = |bytes: &[u8]| bytes.windows(planted.len()).any(|window| window == planted);
        assert!(holds(&file) && !holds(&cleaned.full.bytes) && !holds(&cleaned.thumbnail.bytes));
    }
}

/// The head of a JPEG whose frame has this marker and size, after a comment.
fn frame(marker: u8, width: u16, height: u16) -> Vec<u8> {
    let mut file = vec![0xff, 0xd8, 0xff, 0xfe, 0, 4, 0xff, 0xc2, 0xff, 0xff, marker, 0, 17, 8];
    file.extend(height.to_be_bytes());
    file.extend(width.to_be_bytes());
    file.extend([3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]);
    // A scan, and the end.
    file.extend([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0, 0xff, 0xd9]);
    file
}

#[test]
fn a_large_progressive_photo_is_refused_by_its_head() {
    let large = clean(&frame(0xc2, 8_000, 6_000)).unwrap_err();
    assert_eq!(large, Unclean::TooManyProgressive);
    assert!(large.to_string().contains("baseline"), "{large}");
    for (marker, width, height) in [(0xc2, 4_000, 3_000), (0xc0, 8_000, 6_000)] {
        assert_ne!(clean(&frame(marker, width, height)).unwrap_err(), Unclean::TooManyProgressive);
    }
    for file in [&b""[..], b"\xff\xd8", b"\xff\xd8\xff\xc2\0\x11\x08", b"\xff\xd8\xff\xe0\0\0"] {
        assert_eq!(form::progressive_pixels(file), None);
    }
}

#[test]
fn a_file_that_is_two_things_at_once_is_a_picture_afterwards_and_nothing_else() {
    let page = "<!doctype html><script>alert(1)</script>";
    let photo = jpeg(&picture(64, 64));
    let png = png(&picture(64, 64).into());
    let archive = "PK\u{3}\u{4}\u{14}an archive\u{0}PK\u{5}\u{6}";
    let both = [
        [&photo, archive.as_bytes()].concat(),
        [&photo, page.as_bytes()].concat(),
        with_segment(&photo, 0xfe, page.as_bytes()),
        [&png, archive.as_bytes()].concat(),
        [&png, page.as_bytes()].concat(),
    ];
    for file in both {
        let cleaned = clean(&file).unwrap();
        for kept in [&cleaned.full.bytes, &cleaned.thumbnail.bytes] {
            assert!(kept.starts_with(&[0xff, 0xd8, 0xff]) && kept.ends_with(&[0xff, 0xd9]));
            for planted in ["PK\u{3}\u{4}", "<script", "alert(1)"] {
                let planted = planted.as_bytes();
                assert!(!kept.windows(planted.len()).any(|window| window == planted));
            }
        }
    }
    // What browsers would run or draw themselves is no photo.
    let script = b"GIF89a=1/*\0\0*/;alert(1)//";
    assert_eq!(clean(script).unwrap_err(), Unclean::Form("GIF"));
    let drawing = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";
    for file in [&drawing[..], b"<?xml version=\"1.0\"?><svg/>", b"%PDF-1.7", page.as_bytes()] {
        assert_eq!(clean(file).unwrap_err(), Unclean::NoPhoto);
    }
}

#[test]
fn what_is_no_photo_or_is_not_whole_is_refused() {
    for (file, refused) in [
        (&b""[..], Unclean::NoPhoto),
        (b"<svg onload=alert(1)>", Unclean::NoPhoto),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Unclean::Form("HEIC")),
        (b"GIF89a\x01\0\x01\0", Unclean::Form("GIF")),
        (b"\xff\xd8\xff", Unclean::Damaged),
        (b"\x89PNG\r\n\x1a\n", Unclean::Damaged),
        (b"RIFF\x10\0\0\0WEBPVP8 ", Unclean::Damaged),
    ] {
        assert_eq!(clean(file).unwrap_err(), refused, "{file:?}");
    }
    let whole = jpeg(&picture(300, 300));
    for length in [20, whole.len() / 2, whole.len() - 2] {
        assert_eq!(clean(&whole[..length]).unwrap_err(), Unclean::Damaged, "{length} bytes");
    }
    let whole = png(&picture(300, 300).into());
    assert_eq!(clean(&whole[..whole.len() / 2]).unwrap_err(), Unclean::Damaged);
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    // 20,000 × 20,000 pixels of one colour: a file of 50 KB, 400 MB unpacked.
    let mut bomb = Vec::new();
    let line = vec![0; 20_000];
    let rows: Vec<u8> = line.iter().copied().cycle().take(20_000 * 400).collect();
    PngEncoder::new(&mut bomb).write_image(&rows, 20_000, 400, ExtendedColorType::L8).unwrap();
    assert_eq!(clean(&bomb).unwrap_err(), Unclean::TooManyPixels);
    // The same with a header that says 11,000 × 11,000, which is too much in all.
    let mut wide = png(&DynamicImage::new_luma8(8, 8));
    wide[16..24].copy_from_slice(&[0, 0, 0x2a, 0xf8, 0, 0, 0x2a, 0xf8]);
    let sum = crc(&wide[12..29]);
    wide[29..33].copy_from_slice(&sum.to_be_bytes());
    assert_eq!(clean(&wide).unwrap_err(), Unclean::TooManyPixels);
}

/// The checksum of a PNG chunk (ISO/IEC 15948, annex D).
fn crc(bytes: &[u8]) -> u32 {
    let bit = |sum: u32| if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 };
    !bytes.iter().fold(u32::MAX, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), |sum, _| bit(sum)))
}
