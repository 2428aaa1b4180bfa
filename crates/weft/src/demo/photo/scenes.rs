//! What the photos show: loess hills, and in front of them the matter, before and after.

use super::canvas::{Canvas, Colour};

const LOESS: Colour = [196, 164, 116];
const GRASS: Colour = [120, 146, 84];
const ASPHALT: Colour = [104, 106, 110];
const CONCRETE: Colour = [186, 184, 178];
const STEEL: Colour = [92, 100, 108];

/// A sky of some hour, hills and the ground.
fn land(canvas: &mut Canvas, ground: Colour) {
    let hour = canvas.lot(0, 2);
    let (above, below): (Colour, Colour) = match hour {
        0 => ([112, 164, 212], [214, 230, 240]),
        1 => ([150, 176, 200], [240, 224, 200]),
        _ => ([140, 150, 160], [206, 210, 212]),
    };
    canvas.band(0, 520, above, below);
    for (base, colour) in [(430, [168, 160, 140]), (480, [150, 148, 112])] {
        let colour = canvas.about(colour, 10);
        let mut ridge = vec![(0, 600)];
        for step in 0..=8 {
            ridge.push((step * 125, base - canvas.lot(0, 90)));
        }
        ridge.push((1_000, 600));
        canvas.area(&ridge, colour);
    }
    let near = canvas.about(ground, 8);
    canvas.band(520, 1_000, near, ground.map(|part| part.saturating_sub(36)));
}

fn tree(canvas: &mut Canvas, x: i32, foot: i32, size: i32) {
    canvas.line((x, foot), (x, foot - size), size / 9, [98, 78, 58]);
    for _ in 0..9 {
        let leaf = canvas.about([86, 124, 66], 22);
        let at =
            (x + canvas.lot(-size / 3, size / 3), foot - size - canvas.lot(-size / 5, size / 2));
        canvas.disc(at, size / 4, 100, leaf);
    }
}

fn trees(canvas: &mut Canvas, many: i32) {
    for number in 0..many {
        let x = number * 1_000 / many + canvas.lot(20, 120);
        let size = canvas.lot(70, 120);
        tree(canvas, x, 560, size);
    }
}

fn lane(canvas: &mut Canvas, colour: Colour) {
    canvas.area(&[(430, 520), (570, 520), (980, 1_000), (40, 1_000)], colour);
}

/// A lamp post on a lane: on the ground, or upright and lit.
pub(super) fn lamp(canvas: &mut Canvas, after: bool) {
    land(canvas, GRASS);
    trees(canvas, 4);
    lane(canvas, CONCRETE);
    let x = canvas.lot(180, 300);
    if after {
        canvas.line((x, 860), (x, 180), 14, STEEL);
        canvas.line((x, 186), (x + 130, 160), 10, STEEL);
        canvas.disc((x + 140, 172), 30, 50, [250, 236, 170]);
        return;
    }
    let (end, drop) = (x + canvas.lot(400, 520), canvas.lot(0, 60));
    canvas.disc((x, 850), 34, 40, [120, 96, 70]);
    canvas.line((x, 850), (end, 800 + drop), 14, STEEL);
    canvas.line((end, 800 + drop), (end + 90, 850 + drop), 10, STEEL);
    canvas.disc((end + 98, 856 + drop), 28, 55, [210, 208, 190]);
    for _ in 0..14 {
        let at = (end + canvas.lot(20, 160), 880 + drop + canvas.lot(0, 40));
        canvas.disc(at, 4, 60, [236, 240, 244]);
    }
}

/// A river between its banks: green with duckweed, or clear.
pub(super) fn river(canvas: &mut Canvas, after: bool) {
    land(canvas, GRASS);
    trees(canvas, 5);
    let water = canvas.about([96, 138, 156], 12);
    canvas
        .area(&[(300, 560), (620, 560), (1_000, 900), (1_000, 1_000), (0, 1_000), (0, 820)], water);
    for _ in 0..26 {
        let (x, y) = (canvas.lot(160, 840), canvas.lot(640, 980));
        let light = canvas.about([150, 186, 200], 16);
        let end = x + canvas.lot(20, 80);
        canvas.line((x, y), (end, y), 3, light);
    }
    if !after {
        for _ in 0..520 {
            let y = canvas.lot(600, 990);
            let (low, high) = (300 - (y - 560) * 3 / 4, 620 + (y - 560));
            let (x, size) = (canvas.lot(low.max(0), high.min(1_000)), canvas.lot(6, 26));
            let weed = canvas.about([104, 152, 60], 26);
            canvas.disc((x, y), size, 40, weed);
        }
    }
}

/// A road with holes, or with patches where they were.
pub(super) fn road(canvas: &mut Canvas, after: bool) {
    land(canvas, LOESS);
    trees(canvas, 3);
    lane(canvas, ASPHALT);
    for step in 0..5 {
        let y = 560 + step * step * 22;
        canvas.line((500, y), (500, y + 10 + step * 9), 3 + step * 2, [226, 222, 200]);
    }
    for _ in 0..canvas.lot(4, 7) {
        let y = canvas.lot(640, 950);
        let reach = (y - 520) * 3 / 4;
        let (x, size) = (500 + canvas.lot(-reach, reach), (y - 500) / 7);
        if after {
            canvas.disc((x, y), size, 40, [78, 80, 84]);
        } else {
            canvas.disc((x, y), size, 40, [150, 134, 108]);
            canvas.disc((x + 4, y + 8), size * 3 / 4, 40, [112, 104, 92]);
        }
    }
}

/// A collection point: bags all around, or swept.
pub(super) fn waste(canvas: &mut Canvas, after: bool) {
    land(canvas, LOESS);
    let wall = canvas.about([206, 196, 178], 10);
    canvas.block((0, 330), (1_000, 640), wall);
    for row in 0..6 {
        canvas.line((0, 350 + row * 50), (1_000, 350 + row * 50), 2, [180, 168, 148]);
    }
    let bin = canvas.about([62, 122, 86], 10);
    for x in [180, 330] {
        canvas.block((x, 460), (x + 120, 720), bin);
        canvas.block((x - 10, 430), (x + 130, 470), [44, 94, 66]);
        canvas.disc((x + 24, 724), 14, 100, [40, 40, 40]);
        canvas.disc((x + 96, 724), 14, 100, [40, 40, 40]);
    }
    if after {
        return;
    }
    for _ in 0..60 {
        let (x, y) = (canvas.lot(380, 960), canvas.lot(660, 900));
        let kinds: [Colour; 5] =
            [[230, 230, 226], [60, 62, 66], [196, 92, 74], [88, 120, 168], [214, 186, 96]];
        let kind = kinds[canvas.chance.below(kinds.len())];
        let (bag, size) = (canvas.about(kind, 14), canvas.lot(14, 44));
        canvas.disc((x, y), size, 72, bag);
        canvas.line((x, y - size / 2), (x + 4, y - size), 5, bag);
    }
}

/// A wooded ridge: smoke behind it, or nothing.
pub(super) fn smoke(canvas: &mut Canvas, after: bool) {
    land(canvas, GRASS);
    if !after {
        let (x, drift) = (canvas.lot(350, 650), canvas.lot(-2, 6));
        for step in (0..34).rev() {
            let grey = canvas.about([198, 198, 200], 18);
            let at = (x + drift * step + canvas.lot(-20, 20), 470 - step * 13);
            canvas.disc(at, 24 + step * 2, 80, grey);
        }
        canvas.disc((x, 480), 20, 60, [226, 132, 60]);
    }
    let slope = canvas.about([96, 120, 74], 8);
    canvas
        .area(&[(0, 560), (300, 480), (620, 470), (1_000, 540), (1_000, 1_000), (0, 1_000)], slope);
    for _ in 0..46 {
        let (x, y) = (canvas.lot(0, 1_000), canvas.lot(540, 960));
        let size = 40 + (y - 500) / 6;
        let leaf = canvas.about([66, 98, 58], 18);
        canvas.area(&[(x, y - size), (x + size / 3, y), (x - size / 3, y)], leaf);
    }
}

/// A street of shops: stalls on it, or free.
pub(super) fn street(canvas: &mut Canvas, after: bool) {
    land(canvas, CONCRETE);
    for number in 0..5 {
        let x = number * 210;
        let front = canvas.about([208, 192, 170], 18);
        canvas.block((x, 240), (x + 200, 620), front);
        let sign = canvas.about([168, 62, 52], 24);
        canvas.block((x + 10, 300), (x + 190, 360), sign);
        canvas.block((x + 60, 400), (x + 140, 620), [112, 98, 84]);
    }
    lane(canvas, ASPHALT);
    canvas.line((300, 1_000), (452, 530), 6, [240, 240, 236]);
    canvas.line((700, 1_000), (548, 530), 6, [240, 240, 236]);
    let stalls = if after { 2 } else { 6 };
    for number in 0..stalls {
        // In good order they stand beside the lane.
        let x = if after { 60 + number * 780 } else { canvas.lot(200, 760) };
        let y = if after { 760 } else { 640 + number * 52 };
        let cloths: [Colour; 4] = [[196, 78, 66], [74, 124, 176], [222, 176, 74], [96, 150, 96]];
        let cloth = cloths[canvas.chance.below(cloths.len())];
        let cloth = canvas.about(cloth, 12);
        canvas.area(
            &[(x - 20, y - 90), (x + 140, y - 90), (x + 160, y - 50), (x - 40, y - 50)],
            cloth,
        );
        canvas.line((x - 20, y - 60), (x - 20, y + 50), 5, STEEL);
        canvas.line((x + 140, y - 60), (x + 140, y + 50), 5, STEEL);
        canvas.block((x - 30, y), (x + 150, y + 30), [150, 116, 80]);
        for fruit in 0..7 {
            let ripe = canvas.about([206, 120, 60], 40);
            canvas.disc((x - 14 + fruit * 24, y - 4), 12, 100, ripe);
        }
    }
}

/// A house: cracked, or repaired.
pub(super) fn house(canvas: &mut Canvas, after: bool) {
    land(canvas, LOESS);
    trees(canvas, 2);
    let wall = canvas.about([222, 210, 188], 10);
    canvas.block((180, 360), (840, 800), wall);
    canvas.area(&[(140, 370), (240, 230), (780, 230), (880, 370)], [142, 84, 66]);
    for x in [260, 640] {
        canvas.block((x, 470), (x + 130, 620), [96, 128, 150]);
        canvas.line((x + 65, 470), (x + 65, 620), 5, [236, 236, 230]);
    }
    canvas.block((450, 520), (570, 800), [120, 88, 62]);
    let (mut x, mut y) = (canvas.lot(600, 640), 370);
    while y < 790 {
        let next = (x + canvas.lot(-34, 28), y + canvas.lot(26, 50));
        let (wide, colour) = if after { (9, [206, 196, 178]) } else { (6, [66, 54, 46]) };
        canvas.line((x, y), next, wide, colour);
        (x, y) = next;
    }
}

/// Rows of a field: yellow, or green.
pub(super) fn field(canvas: &mut Canvas, after: bool) {
    land(canvas, LOESS);
    trees(canvas, 4);
    let leaf = if after { [96, 148, 70] } else { [172, 156, 84] };
    for row in 0..13 {
        let y = 550 + row * row * 3;
        let size = 8 + row * 3;
        let mut x = canvas.lot(-20, 20);
        while x < 1_010 {
            let green = canvas.about(leaf, 22);
            canvas.line((x, y), (x - size / 2, y - size), 3 + row / 3, green);
            canvas.line((x, y), (x + size / 2, y - size), 3 + row / 3, green);
            x += size + canvas.lot(4, 12);
        }
    }
}
