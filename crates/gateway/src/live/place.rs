//! Where a case is on the ground: services answer divisions and grids, the live table has the point.

use super::{Live, frame::degrees};

/// A point, in degrees of CGCS2000, which a phone takes for WGS-84: they differ by centimetres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) longitude: f64,
    pub(crate) latitude: f64,
}

impl Live {
    /// Where a case is, if it was reported with a position; for whoever may see the case.
    pub(crate) async fn point_of(&self, case: &str) -> Option<Point> {
        let row = self.shared.cases.get(case).await.ok()??;
        Some(Point { longitude: degrees(row.lon_e7?), latitude: degrees(row.lat_e7?) })
    }
}
