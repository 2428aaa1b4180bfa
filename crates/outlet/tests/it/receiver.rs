//! Somebody's server, to which webhooks lead.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
};

use aws_lc_rs::hmac;
use data_encoding::BASE64;
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) path: String,
    headers: HashMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The place in the log of the event that it tells of.
    pub(crate) fn position(&self) -> u64 {
        self.header("webhook-id").rsplit('-').next().unwrap().parse().unwrap()
    }

    /// How many of its signatures are good by this secret, and how many there are.
    pub(crate) fn signatures(&self, secret: &str) -> (usize, usize) {
        let key = BASE64.decode(secret.strip_prefix("whsec_").unwrap().as_bytes()).unwrap();
        let (id, time) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        let mut signed = format!("{id}.{time}.").into_bytes();
        signed.extend_from_slice(&self.body);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), &signed);
        let good = format!("v1,{}", BASE64.encode(tag.as_ref()));
        let all: Vec<&str> = self.header("webhook-signature").split(' ').collect();
        (all.iter().filter(|one| **one == good).count(), all.len())
    }
}

/// What is answered: a status line and headers, by which request it is.
pub(crate) type Answer = Arc<dyn Fn(&Got) -> String + Send + Sync>;

/// The server.
pub(crate) struct Receiver {
    pub(crate) port: u16,
    got: Arc<Mutex<Vec<Got>>>,
    answer: Arc<Mutex<Answer>>,
}

impl Receiver {
    pub(crate) fn start(tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let got = Arc::new(Mutex::new(Vec::new()));
        let answer: Arc<Mutex<Answer>> = Arc::new(Mutex::new(Arc::new(|_: &Got| ok())));
        let (theirs, says) = (got.clone(), answer.clone());
        // It ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (got, says, tls) = (theirs.clone(), says.clone(), tls.clone());
                thread::spawn(move || match tls {
                    None => serve(stream, &got, &says),
                    Some(config) => {
                        let session = ServerConnection::new(config).unwrap();
                        serve(StreamOwned::new(session, stream), &got, &says)
                    }
                });
            }
        });
        Self { port, got, answer }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook?token=secret-token", self.port)
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    pub(crate) fn answers(&self, answer: impl Fn(&Got) -> String + Send + Sync + 'static) {
        *self.answer.lock().unwrap() = Arc::new(answer);
    }
}

pub(crate) fn ok() -> String {
    status("200 OK")
}

pub(crate) fn status(line: &str) -> String {
    format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

fn serve<S: Read + Write>(stream: S, got: &Mutex<Vec<Got>>, answer: &Mutex<Answer>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    stream.read_exact(&mut body).ok()?;
    let request = Got { path, headers, body };
    got.lock().unwrap().push(request.clone());
    // Not under the lock: one that takes its time holds up nobody else.
    let answer = answer.lock().unwrap().clone();
    let said = answer(&request);
    stream.get_mut().write_all(said.as_bytes()).ok()?;
    stream.get_mut().flush().ok()
}
