//! Positions and polygons: integers of 1e-7 degree (about 1.1 cm of latitude), so that two
//! machines never disagree on which side of a line a point lies.

mod contact;
mod delta;
mod polygon;
mod position;

pub(crate) use position::metres_per_e7;

pub use delta::DeltaPolygon;
pub use polygon::{Bounds, InvalidPolygon, MAX_VERTICES, Placement, Polygon, Ring};
pub use position::{Crs, InvalidPosition, Point, Position, box_around, distance_m};
