//! A browser's stream of events, as far as these tests need one.

use std::time::Duration;

use serde_json::Value;
use testkit::Suite;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

/// No event takes so long.
const LIMIT: Duration = Duration::from_mins(1);

/// One event.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Event {
    pub(crate) kind: String,
    pub(crate) id: String,
    pub(crate) data: Value,
}

impl Event {
    /// A field of the data.
    pub(crate) fn text(&self, field: &str) -> &str {
        self.data[field].as_str().unwrap_or_default()
    }
}

/// An open stream, or what was answered instead.
pub(crate) struct Stream {
    pub(crate) status: u16,
    head: String,
    lines: BufReader<TcpStream>,
}

impl Stream {
    /// Opens `path` with these header lines.
    pub(crate) async fn open(suite: &Suite, path: &str, headers: &[(&str, &str)]) -> Self {
        let mut connection = TcpStream::connect(suite.http()).await.unwrap();
        let headers: Vec<String> =
            headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let headers = headers.concat();
        let request = format!("GET {path} HTTP/1.0\r\nHost: weft\r\n{headers}\r\n");
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut stream = Self { status: 0, head: String::new(), lines: BufReader::new(connection) };
        while let Some(line) = stream.line().await.filter(|line| !line.is_empty()) {
            stream.head.push_str(&line);
            stream.head.push('\n');
        }
        stream.status = stream.head.split(' ').nth(1).unwrap().parse().unwrap();
        stream
    }

    /// A header of the answer; empty if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut pairs = self.head.lines().filter_map(|line| line.split_once(": "));
        pairs.find(|(found, _)| found.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    /// A line without its end; none where the stream ended.
    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = tokio::time::timeout(LIMIT, self.lines.read_line(&mut line)).await;
        let read = read.unwrap_or_else(|_| unreachable!("nothing came")).unwrap_or_default();
        (read > 0).then(|| line.trim_end().to_owned())
    }

    /// The next event; none where the stream ended.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        let mut event = Event::default();
        loop {
            match self.line().await?.split_once(": ") {
                Some(("id", id)) => id.clone_into(&mut event.id),
                Some(("event", kind)) => kind.clone_into(&mut event.kind),
                Some(("data", data)) => event.data = serde_json::from_str(data).unwrap(),
                Some(_) => {}
                None if event.kind.is_empty() => {}
                None => return Some(event),
            }
        }
    }

    /// The next event that is not only the time.
    pub(crate) async fn change(&mut self) -> Option<Event> {
        loop {
            let event = self.next().await?;
            if event.kind != "tick" {
                return Some(event);
            }
        }
    }

    /// The ids of all that is told until `last` is among them.
    pub(crate) async fn until(&mut self, last: &str) -> Vec<String> {
        let mut told = Vec::new();
        while told.last().is_none_or(|id| id != last) {
            told.push(self.change().await.expect("the stream goes on").text("id").to_owned());
        }
        told
    }
}
