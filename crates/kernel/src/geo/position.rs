//! A position with its coordinate system, and the way from one system to another.

use std::f64::consts::PI;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Bounds;

/// A geodetic coordinate system.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Crs {
    /// What satellite receivers give.
    Wgs84,
    /// What public maps in China show: WGS-84, shifted by some hundred metres.
    Gcj02,
    /// 国家大地坐标系2000 (EPSG:4490): the system of every stored boundary.
    Cgcs2000,
}

/// A place on the ground in a stated coordinate system.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "Unchecked")]
pub struct Position {
    /// East of Greenwich, in 1e-7 degree, from -1,800,000,000 to 1,800,000,000.
    pub lon_e7: i64,
    /// North of the equator, in 1e-7 degree, from -900,000,000 to 900,000,000.
    pub lat_e7: i64,
    /// The system in which the two are meant.
    pub crs: Crs,
}

/// A position as it came, before its range is known.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "Position")]
struct Unchecked {
    #[schemars(range(min = -1_800_000_000, max = 1_800_000_000))]
    lon_e7: i64,
    #[schemars(range(min = -900_000_000, max = 900_000_000))]
    lat_e7: i64,
    crs: Crs,
}

impl TryFrom<Unchecked> for Position {
    type Error = InvalidPosition;

    fn try_from(from: Unchecked) -> Result<Self, InvalidPosition> {
        Self::new(from.lon_e7, from.lat_e7, from.crs)
    }
}

/// A place in CGCS2000, in 1e-7 degree: what polygons are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Point {
    /// East of Greenwich, in 1e-7 degree.
    pub lon_e7: i64,
    /// North of the equator, in 1e-7 degree.
    pub lat_e7: i64,
}

impl Point {
    /// Whether both coordinates exist on the ground.
    pub const fn in_range(self) -> bool {
        self.lon_e7.unsigned_abs() <= 1_800_000_000 && self.lat_e7.unsigned_abs() <= 900_000_000
    }

    /// Longitude and latitude in degrees.
    pub const fn to_degrees(self) -> (f64, f64) {
        (degrees(self.lon_e7), degrees(self.lat_e7))
    }
}

/// Why a pair of numbers is no position.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum InvalidPosition {
    /// Not a number, or infinite.
    #[error("longitude and latitude must be finite numbers")]
    NotFinite,
    /// Beyond ±180 or ±90 degrees.
    #[error(
        "longitude {lon} and latitude {lat} must lie within ±180 and ±90 degrees; were they exchanged?"
    )]
    OutOfRange {
        /// Degrees east.
        lon: f64,
        /// Degrees north.
        lat: f64,
    },
}

#[expect(clippy::cast_precision_loss, reason = "31 bits fit the 52 of an f64's fraction")]
const fn degrees(e7: i64) -> f64 {
    e7 as f64 / 1e7
}

#[expect(clippy::cast_possible_truncation, reason = "callers have checked the range")]
fn e7(degrees: f64) -> i64 {
    (degrees * 1e7).round() as i64
}

impl Position {
    /// The position with these coordinates in 1e-7 degree.
    pub fn new(lon_e7: i64, lat_e7: i64, crs: Crs) -> Result<Self, InvalidPosition> {
        if (Point { lon_e7, lat_e7 }).in_range() {
            Ok(Self { lon_e7, lat_e7, crs })
        } else {
            Err(InvalidPosition::OutOfRange { lon: degrees(lon_e7), lat: degrees(lat_e7) })
        }
    }

    /// The position nearest to these degrees, rounded to 1e-7.
    pub fn from_degrees(lon: f64, lat: f64, crs: Crs) -> Result<Self, InvalidPosition> {
        if !lon.is_finite() || !lat.is_finite() {
            Err(InvalidPosition::NotFinite)
        } else if lon.abs() > 180.0 || lat.abs() > 90.0 {
            Err(InvalidPosition::OutOfRange { lon, lat })
        } else {
            Ok(Self { lon_e7: e7(lon), lat_e7: e7(lat), crs })
        }
    }

    /// Longitude and latitude in degrees.
    pub const fn to_degrees(self) -> (f64, f64) {
        (degrees(self.lon_e7), degrees(self.lat_e7))
    }

    /// The same place in CGCS2000.
    ///
    /// WGS-84 is taken over unchanged: the two ellipsoids differ by 0.11 mm in the polar axis
    /// (1/f 298.257223563 and 298.257222101, EPSG:7030 and EPSG:1024). What is left is that
    /// CGCS2000 stands at epoch 2000.0 while receivers follow the drifting plate, some 3 cm a year:
    /// under a metre, below what a telephone measures.
    ///
    /// GCJ-02 is inverted by iteration from the forward formula that circulates publicly
    /// (`eviltransform`); the official text is not public, so this is as good as that formula.
    #[must_use]
    pub fn to_cgcs2000(self) -> Self {
        match self.crs {
            Crs::Cgcs2000 => self,
            Crs::Wgs84 => Self { crs: Crs::Cgcs2000, ..self },
            Crs::Gcj02 => {
                let (lon, lat) = from_gcj02(self.to_degrees());
                Self {
                    lon_e7: e7(lon.clamp(-180.0, 180.0)),
                    lat_e7: e7(lat.clamp(-90.0, 90.0)),
                    crs: Crs::Cgcs2000,
                }
            }
        }
    }

    /// The same place as a point of CGCS2000, to be laid against polygons.
    pub fn point(self) -> Point {
        let Self { lon_e7, lat_e7, crs: _ } = self.to_cgcs2000();
        Point { lon_e7, lat_e7 }
    }
}

/// The distance of two positions in metres, each brought to CGCS2000 first.
///
/// Equirectangular, with the ellipsoid's radii at the middle latitude: at 35° north the error is
/// under 0.01 % up to 100 km, and grows with the square of the distance. Not for pairs on two sides
/// of the 180th meridian.
pub fn distance_m(a: Position, b: Position) -> f64 {
    let (a, b) = (a.point(), b.point());
    let (east, north) = metres_per_e7(degrees(a.lat_e7).midpoint(degrees(b.lat_e7)));
    let e7_to_f64 = |from: i64, to: i64| degrees(to.saturating_sub(from)) * 1e7;
    (e7_to_f64(a.lon_e7, b.lon_e7) * east).hypot(e7_to_f64(a.lat_e7, b.lat_e7) * north)
}

/// A box that holds every place within so many metres of one, and some more in its corners. Good for
/// distances of some kilometres, away from the poles.
pub fn box_around(middle: Position, radius_m: u32) -> Bounds {
    let Point { lon_e7, lat_e7 } = middle.point();
    let (east, north) = metres_per_e7(degrees(lat_e7));
    // A degree of longitude is a little shorter on the side towards the pole: a hundredth is added.
    let reach = |metres_per_e7: f64| e7(f64::from(radius_m) * 1.01 / metres_per_e7 / 1e7) + 1;
    let (wide, high) = (reach(east), reach(north));
    Bounds {
        min: Point { lon_e7: lon_e7 - wide, lat_e7: lat_e7 - high },
        max: Point { lon_e7: lon_e7 + wide, lat_e7: lat_e7 + high },
    }
}

/// How many metres 1e-7 degree of longitude and of latitude are at this latitude in degrees, on the
/// ellipsoid of CGCS2000 (a = 6,378,137 m, 1/f = 298.257222101).
pub(crate) fn metres_per_e7(lat: f64) -> (f64, f64) {
    const AXIS: f64 = 6_378_137.0;
    const FLATTENING: f64 = 1.0 / 298.257_222_101;
    const ECCENTRICITY_SQUARED: f64 = FLATTENING * (2.0 - FLATTENING);
    let (sin, cos) = lat.to_radians().sin_cos();
    let w = 1.0 - ECCENTRICITY_SQUARED * sin * sin;
    let prime_vertical = AXIS / w.sqrt();
    let meridian = prime_vertical * (1.0 - ECCENTRICITY_SQUARED) / w;
    let unit = 1e-7_f64.to_radians();
    (prime_vertical * cos * unit, meridian * unit)
}

/// By how many degrees GCJ-02 shifts a WGS-84 place; nothing outside the box around China.
fn gcj02_shift((lon, lat): (f64, f64)) -> (f64, f64) {
    // The ellipsoid of Krasovsky, 1940.
    const AXIS: f64 = 6_378_245.0;
    const ECCENTRICITY_SQUARED: f64 = 0.006_693_421_622_965_943;
    if !(72.004..=137.8347).contains(&lon) || !(0.8293..=55.8271).contains(&lat) {
        return (0.0, 0.0);
    }
    let (x, y) = (lon - 105.0, lat - 35.0);
    let wave = |amplitude: f64, turns: f64| amplitude * (turns * PI).sin();
    let ripple = wave(20.0, 6.0 * x) + wave(20.0, 2.0 * x);
    let along_lon =
        wave(20.0, x) + wave(40.0, x / 3.0) + wave(150.0, x / 12.0) + wave(300.0, x / 30.0);
    let along_lat =
        wave(20.0, y) + wave(40.0, y / 3.0) + wave(160.0, y / 12.0) + wave(320.0, y / 30.0);
    let root = x.abs().sqrt();
    let east = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * root
        + (ripple + along_lon) * 2.0 / 3.0;
    let north = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * root
        + (ripple + along_lat) * 2.0 / 3.0;
    let (sin, cos) = lat.to_radians().sin_cos();
    let w = 1.0 - ECCENTRICITY_SQUARED * sin * sin;
    let meridian = AXIS * (1.0 - ECCENTRICITY_SQUARED) / (w * w.sqrt());
    let parallel = AXIS / w.sqrt() * cos;
    ((east / parallel).to_degrees(), (north / meridian).to_degrees())
}

/// Inverts the shift by fixed-point iteration; the shift varies by under 1 % over its own length, so
/// that each round wins two digits and eight are more than 1e-7 degree needs.
fn from_gcj02(shown: (f64, f64)) -> (f64, f64) {
    (0..8).fold(shown, |guess, _| {
        let (east, north) = gcj02_shift(guess);
        (shown.0 - east, shown.1 - north)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(lon: f64, lat: f64, crs: Crs) -> Position {
        Position::from_degrees(lon, lat, crs).unwrap()
    }

    #[test]
    fn degrees_become_integers_and_come_back() {
        let here = at(107.360_000_04, -35.33, Crs::Wgs84);
        assert_eq!((here.lon_e7, here.lat_e7), (1_073_600_000, -353_300_000));
        assert_eq!(here.to_degrees(), (107.36, -35.33));
    }

    #[test]
    fn what_is_nowhere_is_refused_by_every_constructor() {
        let of = |lon, lat| Position::from_degrees(lon, lat, Crs::Wgs84);
        assert_eq!(of(f64::NAN, 0.0), Err(InvalidPosition::NotFinite));
        assert_eq!(of(0.0, f64::INFINITY), Err(InvalidPosition::NotFinite));
        assert!(of(35.33, 107.36).unwrap_err().to_string().contains("exchanged"));
        assert!(of(180.0, 90.0).is_ok());
        assert!(Position::new(1_800_000_001, 0, Crs::Wgs84).is_err());
        assert!(Position::new(i64::MIN, 0, Crs::Wgs84).is_err());
        let json = r#"{"lon_e7":0,"lat_e7":900000001,"crs":"wgs84"}"#;
        assert!(serde_json::from_str::<Position>(json).is_err());
    }

    #[test]
    fn the_json_is_two_integers_and_the_system() {
        let json = r#"{"lon_e7":1073600000,"lat_e7":353300000,"crs":"cgcs2000"}"#;
        let here: Position = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&here).unwrap(), json);
        let schema = serde_json::to_value(schemars::schema_for!(Position)).unwrap();
        assert_eq!(schema["properties"]["lat_e7"]["maximum"], 900_000_000);
    }

    #[test]
    fn wgs84_is_taken_over_unchanged() {
        let there = at(107.36, 35.33, Crs::Wgs84).to_cgcs2000();
        assert_eq!(there, at(107.36, 35.33, Crs::Cgcs2000));
    }

    #[test]
    fn outside_china_gcj02_shifts_nothing() {
        assert_eq!(at(2.35, 48.85, Crs::Gcj02).to_cgcs2000(), at(2.35, 48.85, Crs::Cgcs2000));
    }

    #[test]
    fn distances_agree_with_the_lengths_of_a_degree() {
        // At 35° a degree of latitude has 110,941 m and one of longitude 91,288 m (NGA's tables).
        let c = |lon, lat| at(lon, lat, Crs::Cgcs2000);
        assert!((distance_m(c(107.0, 34.5), c(107.0, 35.5)) - 110_941.0).abs() < 5.0);
        assert!((distance_m(c(107.0, 35.0), c(108.0, 35.0)) - 91_288.0).abs() < 5.0);
        assert!(distance_m(c(107.0, 35.0), at(107.0, 35.0, Crs::Gcj02)) > 100.0);
    }

    #[test]
    fn a_box_holds_what_is_within_its_radius_and_little_more() {
        let middle = at(107.36, 35.33, Crs::Cgcs2000);
        let around = box_around(middle, 300);
        for (lon, lat, inside) in [
            (107.36, 35.33, true),
            (107.363_29, 35.33, true),
            (107.36, 35.332_7, true),
            (107.363_4, 35.33, false),
            (107.36, 35.332_8, false),
        ] {
            let there = at(lon, lat, Crs::Cgcs2000);
            assert_eq!(around.holds(there.point()), inside, "{}", distance_m(middle, there));
        }
    }

    proptest! {
        #[test]
        fn gcj02_comes_back_within_a_metre(lon in 73.6_f64..134.7, lat in 18.2_f64..53.5) {
            let (east, north) = gcj02_shift((lon, lat));
            let back = at(lon + east, lat + north, Crs::Gcj02).to_cgcs2000();
            let shift = distance_m(at(lon, lat, Crs::Wgs84), at(lon + east, lat + north, Crs::Wgs84));
            prop_assert!((20.0..1_500.0).contains(&shift), "{shift} m");
            prop_assert!(distance_m(at(lon, lat, Crs::Wgs84), back) < 1.0);
        }
    }
}
