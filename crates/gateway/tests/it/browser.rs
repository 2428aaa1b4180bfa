//! A browser as far as these tests need one: cookies, forms, no redirects by itself.

use std::{collections::BTreeMap, fmt::Write as _, net::SocketAddr, time::Duration};

use kernel::Role;
use platform::auth::{Basis, Claims, Scope, scope::ScopeParts};
use testkit::{Db, Suite};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    /// A header; empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> String {
        let found = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut found = found.filter(|(found, _)| found.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.to_owned()).unwrap_or_default()
    }
}

pub(crate) struct Browser {
    address: SocketAddr,
    pub(crate) cookies: BTreeMap<String, String>,
    /// Sent with each request.
    pub(crate) headers: Vec<(String, String)>,
}

impl Browser {
    pub(crate) fn of(suite: &Suite) -> Self {
        Self { address: suite.http(), cookies: BTreeMap::new(), headers: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub(crate) async fn post(&mut self, path: &str, form: &str) -> Answer {
        self.send("POST", path, Some(form)).await
    }

    async fn send(&mut self, method: &str, path: &str, form: Option<&str>) -> Answer {
        let mut request = format!("{method} {path} HTTP/1.0\r\nHost: {}\r\n", self.address);
        let cookies: Vec<_> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            write!(request, "Cookie: {}\r\n", cookies.join("; ")).unwrap();
        }
        for (name, value) in &self.headers {
            write!(request, "{name}: {value}\r\n").unwrap();
        }
        if let Some(form) = form {
            request += "Content-Type: application/x-www-form-urlencoded\r\n";
            write!(request, "Content-Length: {}\r\n\r\n{form}", form.len()).unwrap();
        } else {
            request += "\r\n";
        }
        let ask = async {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.unwrap();
            String::from_utf8_lossy(&answer).into_owned()
        };
        let answer = tokio::time::timeout(Duration::from_secs(30), ask).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        for line in head.lines() {
            let cookie = line.to_lowercase().starts_with("set-cookie: ").then(|| &line[12..]);
            if let Some((name, rest)) = cookie.and_then(|cookie| cookie.split_once('=')) {
                let value = rest.split(';').next().unwrap_or_default();
                if rest.contains("Max-Age=0;") {
                    self.cookies.remove(name);
                } else {
                    self.cookies.insert(name.to_owned(), value.to_owned());
                }
            }
        }
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }
}

/// The gateway alone: no service that it calls is there.
pub(crate) async fn suite() -> Suite {
    Suite::start(vec![gateway::service()], Db::Sqlite).await
}

/// A token of an operator of the county, valid for so long.
pub(crate) fn token(suite: &Suite, role: Role, life: Duration) -> String {
    let parts = if role == Role::Resident {
        ScopeParts::default()
    } else {
        ScopeParts { division: Some(suite.county()), ..Default::default() }
    };
    let scope = Scope::for_role(role, parts).unwrap();
    let claims =
        Claims { person: suite.person(7), role, scope, ttl: life, basis: Basis::default() };
    suite.context().issuer.issue(&claims, suite.context().clock.now()).unwrap()
}
