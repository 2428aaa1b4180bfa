//! The residents' pages as a browser without scripts meets them.

use std::{
    collections::BTreeMap,
    io::{Read as _, Write as _},
    net::TcpStream,
};

use crate::county::County;

const GRID: &str = "620821101203001";

/// A photo of one pixel, as PNG.
const PIXEL: &[u8] =
    b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\
    \x00\x00\x00\x01\x08\x02\x00\x00\x00\x90\x77\x53\xde\x00\x00\x00\x0c\x49\x44\x41\
    \x54\x78\x9c\x63\x50\x68\x48\x00\x00\x01\xc4\x01\x01\xc7\x99\x54\xad\x00\x00\x00\
    \x00\x49\x45\x4e\x44\xae\x42\x60\x82";

/// What was answered.
struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

/// A browser: it keeps its cookie.
struct Browser {
    http: String,
    cookie: String,
}

impl Browser {
    fn new(county: &County) -> Self {
        Self { http: county.http.clone(), cookie: String::new() }
    }

    fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, "", &[])
    }

    /// Sends a form as browsers do where it can have files.
    fn form(&mut self, path: &str, fields: &[(&str, &str)], photo: Option<&[u8]>) -> Answer {
        let mut body = Vec::new();
        for (name, value) in fields {
            let head = format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(value.as_bytes());
            body.extend_from_slice(b"\r\n");
        }
        if let Some(photo) = photo {
            body.extend_from_slice(
                b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"p.png\"\r\n\
                Content-Type: image/png\r\n\r\n",
            );
            body.extend_from_slice(photo);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--b--\r\n");
        self.send("POST", path, "multipart/form-data; boundary=b", &body)
    }

    fn send(&mut self, method: &str, path: &str, kind: &str, body: &[u8]) -> Answer {
        let mut wire = TcpStream::connect(&self.http).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nCookie: {}\r\n\
             Accept-Language: en\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            self.http,
            self.cookie,
            body.len()
        );
        wire.write_all(head.as_bytes()).unwrap();
        wire.write_all(body).unwrap();
        let mut bytes = Vec::new();
        wire.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: BTreeMap<String, String> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        if let Some(cookie) = headers.get("set-cookie") {
            self.cookie = cookie.split(';').next().unwrap().to_owned();
        }
        Answer { status, headers, body: body.to_owned() }
    }
}

fn report<'a>(request_id: &'a str, text: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("request_id", request_id),
        ("group", "01"),
        ("category-01", "0101"),
        ("category-03", "0301"),
        ("text", text),
        ("place", GRID),
    ]
}

/// Where a report leads, without the position.
fn tracked(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.headers["location"].split('?').next().unwrap().to_owned()
}

const NASTY: &str =
    "<script>alert(1)</script>\u{5e9}\u{5dc}\u{5d5}\u{5dd}\"'><img src=x onerror=alert(2)>";

#[test]
fn residents_report_and_follow_without_scripts() {
    let county = County::settled(&["gateway.reports_at_once=6"]);

    // A code leads to the form with its place in it; one that names nothing has a way on.
    let mut browser = Browser::new(&county);
    let landing = browser.get(&format!("/q/{GRID}"));
    assert_eq!(landing.status, 200);
    assert!(landing.body.contains(&format!("/report?grid={GRID}")), "{}", landing.body);
    let unknown = browser.get("/q/999999999999999");
    assert!(unknown.status == 404 && unknown.body.contains("href=\"/report\""));
    let poster = browser.get(&format!("/qr/{GRID}.svg"));
    assert!(poster.body.starts_with("<svg") && poster.headers["content-type"] == "image/svg+xml");
    let form = browser.get(&format!("/report?grid={GRID}"));
    assert!(form.body.contains("category-01") && !form.body.contains("resident-"), "no raw keys");

    // What is half filled in keeps what was typed, and nothing of it runs.
    let half =
        [("request_id", "half"), ("text", NASTY), ("name", "a\u{202e}b"), ("phone", "no digits")];
    let refused = Browser::new(&county).form("/report", &half, None);
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("&lt;script&gt;") || refused.body.contains("&#60;script&#62;"));
    assert!(!refused.body.contains("<script>alert") && !refused.body.contains("<img src=x"));

    // Sent twice by a browser that is not known yet: one case, and one reporter.
    let named = "twice-as-the-page-named-it";
    let first = Browser::new(&county).form("/report", &report(named, NASTY), Some(PIXEL));
    let again = browser.form("/report", &report(named, NASTY), Some(PIXEL));
    let path = tracked(&first);
    assert_eq!(tracked(&again), path);
    // A name that anybody may hit on makes nobody another's reporter.
    let short = |text| tracked(&Browser::new(&county).form("/report", &report("1", text), None));
    assert_ne!(short("mine"), short("another's"));
    let mine = browser.get(&again.headers["location"]);
    assert!(mine.status == 200 && mine.body.contains("data-copy"), "{}", mine.body);
    assert!(!mine.body.contains("<script>alert") && mine.body.contains("/thumbnail"));
    let photo = mine.body.split("/media/").nth(1).unwrap().split('"').next().unwrap();
    let photo = format!("/media/{photo}");
    let seen = browser.get(&photo);
    assert_eq!(seen.headers["content-type"], "image/jpeg");
    assert!(seen.headers["content-security-policy"].contains("sandbox"));

    // The code alone shows how far it is, and neither words nor photos.
    let mut stranger = Browser::new(&county);
    let shown = stranger.get(&path);
    assert!(shown.status == 200 && !shown.body.contains("alert(1)"), "{}", shown.body);
    assert_eq!(stranger.get(&photo).status, 404);
    let kept =
        stranger.form(&format!("{path}/add"), &[("request_id", "a"), ("text", "typed")], None);
    assert!(kept.status == 422 && kept.body.contains("typed"), "{}", kept.body);
    assert_eq!(stranger.get("/t/0000-00000-0000").status, 404);

    // The reporter adds something and sees it at once, and finds the case on the first page.
    let more = [("request_id", "more"), ("text", "it is getting worse")];
    let added = browser.form(&format!("{path}/add"), &more, None);
    assert_eq!(added.status, 303, "{}", added.body);
    assert!(browser.get(&added.headers["location"]).body.contains("it is getting worse"));
    let home = browser.get("/").body;
    let own = home.split("href=\"/c/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(browser.get(&format!("/c/{own}")).headers["location"], path);
    assert_eq!(browser.get("/points").status, 200);

    // Too many at once are asked to come back, with what they typed.
    let flood = (0..8).map(|number| {
        let request_id = format!("flood-{number}");
        browser.form("/report", &report(&request_id, "what I typed"), None)
    });
    let stopped = flood.into_iter().find(|answer| answer.status == 429).unwrap();
    assert!(stopped.headers.contains_key("retry-after") && stopped.body.contains("what I typed"));
}
