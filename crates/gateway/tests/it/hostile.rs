//! Requests that no browser sends: each is refused or taken for what it says, none opens a file, another
//! page or another visitor's connection, and the next visitor is served.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::browser::suite;

/// A name that no answer may repeat or lead to.
const ELSEWHERE: &str = "evil.example";

/// What is sent, and which statuses may answer its one request; empty where the connection may close
/// without an answer.
fn table() -> Vec<(&'static str, String, &'static [u16])> {
    let head = |line: &str, headers: &str| {
        format!("{line} HTTP/1.1\r\nHost: weft\r\n{headers}Connection: close\r\n\r\n")
    };
    let get = |path: &str| head(&format!("GET {path}"), "");
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: weft\r\n\r\n";
    let chunked = format!("0\r\n\r\n{smuggled}");
    let post = |headers: &str, body: &str| {
        format!(
            "POST /language HTTP/1.1\r\nHost: weft\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n{headers}\r\n{body}"
        )
    };
    vec![
        // Where does the body end? Whoever sends two answers means to get a second request in.
        ("two lengths", post("Content-Length: 0\r\nContent-Length: 46\r\n", smuggled), &[400]),
        ("a list of lengths", post("Content-Length: 0, 46\r\n", smuggled), &[400]),
        ("a signed length", post("Content-Length: +5\r\n", "lang="), &[400]),
        ("a negative length", post("Content-Length: -1\r\n", ""), &[400]),
        (
            "a length beyond counting",
            post("Content-Length: 99999999999999999999999\r\n", "lang=en"),
            &[400],
        ),
        (
            "chunks that are not last",
            post("Transfer-Encoding: chunked, identity\r\n", &chunked),
            &[400],
        ),
        ("an unknown coding", post("Transfer-Encoding: xchunked\r\n", &chunked), &[400]),
        (
            "a space before the colon",
            post("Transfer-Encoding : chunked\r\nContent-Length: 5\r\n", "lang="),
            &[400],
        ),
        ("a folded header", head("GET /", "X-A: a\r\n  b\r\n"), &[400]),
        ("a null in a header", head("GET /", "X-A: a\0b\r\n"), &[400]),
        ("a return in a header", head("GET /", "X-A: a\rSet-Cookie: weft=1\r\n"), &[400]),
        // Too much.
        (
            "one header of 1 MiB",
            head("GET /", &format!("X-A: {}\r\n", "a".repeat(1 << 20))),
            &[431],
        ),
        ("a thousand headers", head("GET /", &"X-A: a\r\n".repeat(1_000)), &[431]),
        ("a path of 128 KiB", get(&format!("/{}", "a".repeat(128 << 10))), &[400, 414, 431]),
        ("a form of 64 MiB", post("Content-Length: 67108864\r\n", "lang="), &[400, 403, 413]),
        // Files.
        ("a way up", get("/assets/../../../../etc/passwd"), &[400, 404]),
        ("a coded way up", get("/assets/%2e%2e%2f%2e%2e%2f%2e%2e%2fetc%2fpasswd"), &[400, 404]),
        ("a twice coded way up", get("/assets/%252e%252e%252fetc%252fpasswd"), &[400, 404]),
        ("a way up by backslashes", get("/assets/..\\..\\..\\etc\\passwd"), &[400, 404]),
        ("an absolute file", get("//etc/passwd"), &[400, 404]),
        ("a null in a path", get("/assets/x%00.css"), &[400, 404]),
        ("a path that is no text", get("/t/%ff%fe"), &[400, 404]),
        // Who is asked, and for what.
        ("another host's address", get(&format!("http://{ELSEWHERE}/sign-in")), &[200, 400, 404]),
        ("a tunnel", head(&format!("CONNECT {ELSEWHERE}:443"), ""), &[400, 404, 405]),
        ("a trace", head("TRACE /", "Cookie: weft=secret\r\n"), &[400, 405]),
        ("an unknown method", head("PWN /", ""), &[400, 405]),
        ("a method in lower case", head("get /", ""), &[400, 404, 405]),
        ("no host", "GET /sign-in HTTP/1.1\r\nConnection: close\r\n\r\n".to_owned(), &[200, 400]),
        (
            "a host to be led to",
            format!("GET /console HTTP/1.1\r\nHost: {ELSEWHERE}\r\nConnection: close\r\n\r\n"),
            &[303],
        ),
        (
            "headers of a proxy that is none",
            head(
                "GET /console",
                &format!("X-Forwarded-Host: {ELSEWHERE}\r\nForwarded: host={ELSEWHERE}\r\n"),
            ),
            &[303],
        ),
        (
            "another path in a header",
            head("GET /nope", "X-Original-URL: /sign-in\r\nX-Rewrite-URL: /sign-in\r\n"),
            &[404],
        ),
        (
            "another method in a header",
            head("GET /language", "X-HTTP-Method-Override: POST\r\n"),
            &[404, 405],
        ),
        ("a way back to elsewhere", get(&format!("/sign-in?back=//{ELSEWHERE}/")), &[200]),
        ("no HTTP at all", "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n".to_owned(), &[400]),
        ("HTTP of another age", "GET / HTTP/0.9\r\n\r\n".to_owned(), &[400, 505]),
    ]
}

/// Sends all of it, and reads until the server closes or has nothing more to say.
async fn send(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The server may refuse before it has read everything.
    let _refused = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let _open = timeout(Duration::from_secs(2), stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_browser_sends_is_refused_and_harms_nobody() {
    let suite = suite().await;
    let address = suite.http();
    let mut wrong = Vec::new();
    for (what, request, statuses) in table() {
        let answer = send(address, &request).await;
        let answers: Vec<u16> = answer
            .split("HTTP/1.1 ")
            .skip(1)
            .filter_map(|answer| answer.get(..3)?.parse().ok())
            .collect();
        let fits = match answers[..] {
            // The connection was closed before an answer could be read.
            [] => !statuses.contains(&200) && !statuses.contains(&303),
            [status] => statuses.contains(&status),
            _ => false,
        };
        if !fits {
            wrong.push(format!("{what}: answered {answers:?}, not one of {statuses:?}"));
        }
        for secret in ["root:", "weft=secret"] {
            if answer.contains(secret) {
                wrong.push(format!("{what}: {secret} comes back"));
            }
        }
        let leads = answer.lines().any(|line| {
            let line = line.to_ascii_lowercase();
            line.starts_with("location:") && line.contains(ELSEWHERE)
        });
        if leads {
            wrong.push(format!("{what}: leads elsewhere"));
        }
        let well =
            send(address, "GET /healthz HTTP/1.1\r\nHost: weft\r\nConnection: close\r\n\r\n");
        if !well.await.starts_with("HTTP/1.1 200") {
            wrong.push(format!("{what}: the next visitor is not served"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

/// Both codings at once are what smuggling through a proxy stands on: chunks count, and the connection
/// is not used for another request.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_of_two_codings_ends_its_connection() {
    let suite = suite().await;
    let smuggled = "GET /sign-in HTTP/1.1\r\nHost: weft\r\n\r\n";
    let request = format!(
        "POST /language HTTP/1.1\r\nHost: weft\r\nContent-Length: {}\r\nTransfer-Encoding: chunked\r\n\
         \r\n0\r\n\r\n{smuggled}",
        5 + smuggled.len(),
    );
    let answer = send(suite.http(), &request).await;
    assert!(answer.matches("HTTP/1.1 ").count() <= 1, "{answer}");
}
