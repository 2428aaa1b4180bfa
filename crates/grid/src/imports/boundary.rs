//! Boundaries from outside: rings of positions in some coordinate system, made a polygon of
//! CGCS2000.

use kernel::geo::{Crs, DeltaPolygon, InvalidPolygon, InvalidPosition, Point, Polygon, Position};

/// The most bytes of a boundary's JSON: it must fit in an event, which holds 64 KB.
const MAX_JSON_BYTES: usize = 60_000;

/// Why rings make no boundary.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum InvalidBoundary {
    /// A vertex that is nowhere. Ring 0 is the outer one, vertices count from 0.
    #[error("vertex {vertex} of ring {ring}: {reason}")]
    Vertex {
        ring: usize,
        vertex: usize,
        #[source]
        reason: InvalidPosition,
    },
    /// Rings that enclose nothing, or meet.
    #[error(transparent)]
    Polygon(#[from] InvalidPolygon),
    /// A polygon that no event can hold.
    #[error("the boundary has too much detail to be stored: simplify it")]
    TooDetailed,
}

impl InvalidBoundary {
    /// What to do, in Chinese.
    pub(crate) fn message_zh(&self) -> String {
        match self {
            Self::Vertex { ring, vertex, .. } => {
                format!("第{ring}环第{vertex}个点的经纬度不正确, 请核对是否写反")
            }
            Self::Polygon(invalid) => polygon_zh(invalid),
            Self::TooDetailed => "边界过于复杂, 无法保存, 请简化".to_owned(),
        }
    }
}

fn polygon_zh(invalid: &InvalidPolygon) -> String {
    match invalid {
        InvalidPolygon::NoRing => "缺少外环, 请补充边界".to_owned(),
        InvalidPolygon::TooManyVertices(found) => format!("共{found}个点, 过多, 请简化"),
        InvalidPolygon::TooFewVertices { ring, found } => {
            format!("第{ring}环只有{found}个点, 至少需要3个")
        }
        InvalidPolygon::OddLength { ring } => format!("第{ring}环的数值须经度纬度成对"),
        InvalidPolygon::OutOfRange { ring, vertex } => {
            format!("第{ring}环第{vertex}个点超出经纬度范围")
        }
        InvalidPolygon::RepeatedVertex { ring, vertex } => {
            format!("第{ring}环第{vertex}个点与前一点重复, 请删除")
        }
        InvalidPolygon::NoArea { ring } => format!("第{ring}环没有面积, 请重画"),
        InvalidPolygon::EdgesMeet { ring, vertex, other_ring, other_vertex } => format!(
            "第{ring}环第{vertex}点起的边与第{other_ring}环第{other_vertex}点起的边相交, 请重画"
        ),
        InvalidPolygon::HoleOutside { ring } => format!("第{ring}环(洞)在外环之外"),
        InvalidPolygon::HoleInHole { ring, other } => {
            format!("第{ring}环(洞)在第{other}环(洞)之内, 请另建网格")
        }
    }
}

/// The boundary of these rings of (longitude, latitude) in degrees, the outer one first.
pub(crate) fn of_degrees(
    rings: &[Vec<(f64, f64)>],
    crs: Crs,
) -> Result<DeltaPolygon, InvalidBoundary> {
    let mut points = rings.iter().enumerate().map(|(ring, vertices)| {
        vertices
            .iter()
            .enumerate()
            .map(|(vertex, (lon, lat))| {
                Position::from_degrees(*lon, *lat, crs)
                    .map(Position::point)
                    .map_err(|reason| InvalidBoundary::Vertex { ring, vertex, reason })
            })
            .collect::<Result<Vec<Point>, _>>()
    });
    let outer = points.next().ok_or(InvalidPolygon::NoRing)??;
    let polygon = Polygon::new(outer, points.collect::<Result<_, _>>()?)?;
    let boundary = DeltaPolygon::from(polygon);
    let fits = serde_json::to_vec(&boundary).is_ok_and(|json| json.len() <= MAX_JSON_BYTES);
    if fits { Ok(boundary) } else { Err(InvalidBoundary::TooDetailed) }
}
