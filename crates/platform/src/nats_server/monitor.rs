//! The server's monitoring port: a few GETs by hand rather than an HTTP client.

use std::{io, time::Duration};

use serde::Deserialize;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

const LIMIT: Duration = Duration::from_secs(5);
/// `/varz` takes some 10 KB.
const LARGEST: u64 = 1 << 20;

/// GET by HTTP/1.0 from `host:port`: the status and the body.
pub(crate) async fn get(address: &str, path: &str) -> io::Result<(u16, String)> {
    let ask = async {
        let mut stream = TcpStream::connect(address).await?;
        let request =
            format!("GET {path} HTTP/1.0\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(LARGEST).read_to_end(&mut answer).await?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    let answer: io::Result<String> = tokio::time::timeout(LIMIT, ask).await?;
    parse(&answer?).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "not an HTTP answer"))
}

fn parse(answer: &str) -> Option<(u16, String)> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.strip_prefix("HTTP/")?.split(' ').nth(1)?.parse().ok()?;
    Some((status, body.to_owned()))
}

/// `http://host:port` without its scheme.
fn address(monitor: &str) -> &str {
    monitor.strip_prefix("http://").unwrap_or(monitor).trim_end_matches('/')
}

/// Whether JetStream has started and can write.
pub(super) async fn is_healthy(address: &str) -> bool {
    matches!(get(address, "/healthz?js-enabled-only=true").await, Ok((200, _)))
}

/// Whether the server syncs each write to the disk before it acknowledges it, as `/varz` says. An
/// error, such as a server that does not answer, is not yes.
pub async fn sync_always(monitor: &str) -> bool {
    #[derive(Deserialize)]
    struct Varz {
        jetstream: JetStream,
    }
    #[derive(Deserialize)]
    struct JetStream {
        config: Option<Store>,
    }
    #[derive(Deserialize)]
    struct Store {
        #[serde(default)]
        sync_always: bool,
    }
    let Ok((200, body)) = get(address(monitor), "/varz").await else { return false };
    serde_json::from_str::<Varz>(&body)
        .is_ok_and(|varz| varz.jetstream.config.is_some_and(|store| store.sync_always))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_a_status_and_a_body() {
        let answer = "HTTP/1.0 503 Service Unavailable\r\nA: b\r\n\r\n{\"status\":\"x\"}";
        assert_eq!(parse(answer), Some((503, "{\"status\":\"x\"}".to_owned())));
        assert_eq!(parse("nonsense\r\n\r\n"), None);
    }

    #[tokio::test]
    async fn a_server_that_does_not_answer_is_not_trusted_to_sync() {
        assert!(!sync_always("http://127.0.0.1:1").await);
    }
}
