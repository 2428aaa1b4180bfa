//! QR codes, as the path of an SVG.

use axum::http::{HeaderMap, header};
use fast_qr::{ECL, QRBuilder};
use platform::http::Peer;

use crate::gateway::Gateway;

/// Modules of light around a code: what ISO/IEC 18004 asks for.
const QUIET: usize = 4;

/// A code to be drawn.
#[derive(Clone, Debug)]
pub(crate) struct Qr {
    /// How many modules it is wide, with the light around it.
    pub(crate) size: usize,
    /// The dark modules, as the path of an SVG whose unit is a module.
    pub(crate) path: String,
}

impl Qr {
    /// The code of a text; none if it is too long. A quarter of it may be damaged (level Q), for it
    /// hangs on doors.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let code = QRBuilder::new(text).ecl(ECL::Q).build().ok()?;
        let mut path = String::new();
        for y in 0..code.size {
            let row = &code[y];
            let mut x = 0;
            while x < code.size {
                let run = row[x..].iter().take_while(|module| module.value()).count();
                if run > 0 {
                    let (left, top) = (x + QUIET, y + QUIET);
                    path.extend([
                        "M",
                        &left.to_string(),
                        " ",
                        &top.to_string(),
                        "h",
                        &run.to_string(),
                        "v1h-",
                        &run.to_string(),
                        "z",
                    ]);
                }
                x += run.max(1);
            }
        }
        Some(Self { size: code.size + 2 * QUIET, path })
    }

    /// A file of it.
    pub(crate) fn file(&self) -> String {
        let Self { size, path } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" \
             shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{size}v{size}H0z\"/>\
             <path d=\"{path}\"/></svg>"
        )
    }
}

/// Where residents reach these pages: what was configured, or else where this page was asked for.
pub(crate) fn base(gateway: &Gateway, headers: &HeaderMap, peer: Peer) -> String {
    let configured = gateway.config.public_url.trim_end_matches('/');
    if !configured.is_empty() {
        return configured.to_owned();
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    format!("{}://{host}", if peer.secure { "https" } else { "http" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_corners_and_light_around_it() {
        let qr = Qr::of("https://county.example/q/620821101203001").unwrap();
        assert!(qr.path.starts_with("M4 4h7v1h-7z"), "{}", qr.path);
        assert!(qr.size > 30 && qr.file().contains(&format!("0 0 {0} {0}", qr.size)));
        assert!(Qr::of(&"x".repeat(5_000)).is_none());
    }
}
