//! Somebody's gateway and somebody's mail server, on this host.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use aws_lc_rs::hmac;
use data_encoding::BASE64;

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    headers: HashMap<String, String>,
    pub(crate) body: String,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// Whether it is signed with this secret.
    pub(crate) fn is_signed(&self, secret: &str) -> bool {
        let key = BASE64.decode(secret.strip_prefix("whsec_").unwrap().as_bytes()).unwrap();
        let (id, time) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        let signed = format!("{id}.{time}.{}", self.body);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), signed.as_bytes());
        self.header("webhook-signature") == format!("v1,{}", BASE64.encode(tag.as_ref()))
    }
}

/// What is answered: a status line; none to say nothing and hang up.
type Answer = Arc<dyn Fn() -> Option<&'static str> + Send + Sync>;

/// A gateway.
pub(crate) struct Gateway {
    pub(crate) port: u16,
    got: Arc<Mutex<Vec<Got>>>,
    answer: Arc<Mutex<Answer>>,
}

impl Gateway {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let got = Arc::new(Mutex::new(Vec::new()));
        let answer: Arc<Mutex<Answer>> = Arc::new(Mutex::new(Arc::new(|| Some("200 OK"))));
        let (theirs, says) = (got.clone(), answer.clone());
        // It ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (got, says) = (theirs.clone(), says.clone());
                thread::spawn(move || serve(stream, &got, &says));
            }
        });
        Self { port, got, answer }
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    pub(crate) fn answers(
        &self,
        answer: impl Fn() -> Option<&'static str> + Send + Sync + 'static,
    ) {
        *self.answer.lock().unwrap() = Arc::new(answer);
    }
}

fn serve(stream: TcpStream, got: &Mutex<Vec<Got>>, answer: &Mutex<Answer>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).ok()?;
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    stream.read_exact(&mut body).ok()?;
    got.lock().unwrap().push(Got { headers, body: String::from_utf8(body).unwrap() });
    let answer = answer.lock().unwrap().clone();
    let said = answer()?;
    let said = format!("HTTP/1.1 {said}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.get_mut().write_all(said.as_bytes()).ok()
}

/// A mail server: it takes everything, and keeps what was said.
pub(crate) struct MailServer {
    pub(crate) port: u16,
    mails: Arc<Mutex<Vec<(String, String)>>>,
}

impl MailServer {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let mails = Arc::new(Mutex::new(Vec::new()));
        let theirs = mails.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mails = theirs.clone();
                thread::spawn(move || converse(stream, &mails));
            }
        });
        Self { port, mails }
    }

    /// The recipient and the text of each mail.
    pub(crate) fn mails(&self) -> Vec<(String, String)> {
        self.mails.lock().unwrap().clone()
    }
}

/// The conversation of RFC 5321, as far as it is needed.
fn converse(stream: TcpStream, mails: &Mutex<Vec<(String, String)>>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut to = String::new();
    stream.get_mut().write_all(b"220 mail.example ESMTP\r\n").ok()?;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let said = line.trim_end().to_owned();
        let verb = said.split([' ', ':']).next()?.to_uppercase();
        let answer: &[u8] = match verb.as_str() {
            "EHLO" | "HELO" => b"250-mail.example\r\n250 8BITMIME\r\n",
            "MAIL" | "RSET" | "NOOP" => b"250 fine\r\n",
            "RCPT" => {
                to = said.split_once(':')?.1.trim_matches(['<', '>', ' ']).to_owned();
                b"250 fine\r\n"
            }
            "DATA" => {
                stream.get_mut().write_all(b"354 go on\r\n").ok()?;
                let mut text = String::new();
                loop {
                    let mut line = String::new();
                    stream.read_line(&mut line).ok()?;
                    if line == ".\r\n" {
                        break;
                    }
                    text.push_str(line.strip_prefix('.').unwrap_or(&line));
                }
                mails.lock().unwrap().push((to.clone(), text));
                b"250 taken\r\n"
            }
            "QUIT" => {
                stream.get_mut().write_all(b"221 bye\r\n").ok()?;
                return Some(());
            }
            _ => b"500 what?\r\n",
        };
        stream.get_mut().write_all(answer).ok()?;
    }
}
