//! As much of a browser as pages without scripts need: a session, forms, redirects that are shown.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Where a redirect leads; empty otherwise.
    pub(crate) location: String,
    /// Name and value of each cookie that was set; the value is empty where it was taken away.
    pub(crate) cookies: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    /// Whether this stands on the page.
    pub(crate) fn has(&self, text: &str) -> bool {
        self.body.contains(text)
    }

    /// The value of the first input of this name.
    pub(crate) fn value(&self, name: &str) -> String {
        let from = self.body.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_default();
        from.split('"').next().unwrap_or_default().to_owned()
    }
}

/// Somebody's browser.
#[derive(Debug)]
pub(crate) struct Browser {
    http: SocketAddr,
    cookie: String,
}

impl Browser {
    /// With this session.
    pub(crate) fn new(http: SocketAddr, cookie: &str) -> Self {
        Self { http, cookie: cookie.to_owned() }
    }

    /// Looks at a page.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.0\r\n"), "").await
    }

    /// Sends a form.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let pairs = fields.iter().map(|(name, value)| format!("{name}={}", coded(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        let head = format!(
            "POST {path} HTTP/1.0\r\nSec-Fetch-Site: same-origin\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
            body.len()
        );
        self.send(&head, &body).await
    }

    async fn send(&self, head: &str, body: &str) -> Answer {
        let mut connection = TcpStream::connect(self.http).await.unwrap();
        let request = format!(
            "{head}Host: weft\r\nAccept-Language: zh-CN\r\nCookie: {}\r\n\r\n{body}",
            self.cookie
        );
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let header = |name: &str| {
            let mut lines = head.lines().filter_map(|line| line.split_once(": "));
            let found = lines.find(|(found, _)| found.eq_ignore_ascii_case(name));
            found.map(|(_, value)| value.to_owned()).unwrap_or_default()
        };
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let set = head.lines().filter_map(|line| line.split_once(": "));
        let set = set.filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"));
        let cookies = set.filter_map(|(_, text)| text.split(';').next()?.split_once('='));
        Answer {
            status,
            location: header("location"),
            cookies: cookies.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            body: body.to_owned(),
        }
    }
}

/// As forms write a value.
fn coded(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    let byte =
        |byte: u8| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(byte).collect()
}
