//! A mail over SMTP: with TLS from the beginning or from STARTTLS on, and without only to this host.

use std::time::Duration;

use contracts::dispatch::notification::SendFailure;
use data_encoding::BASE64;
use futures::{FutureExt as _, future::BoxFuture};
use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor, address::Envelope,
    transport::smtp::authentication::Credentials,
};
use platform::service::StartError;

use super::{Adapter, Outgoing, secret, wrong};
use crate::config::{MailTls, SmtpSection};

/// The most characters of a line of a mail's body.
const LINE: usize = 76;

/// The server to which mails are given.
pub(super) struct Smtp {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Address,
}

impl Smtp {
    pub(super) fn new(section: &SmtpSection) -> Result<Self, StartError> {
        type Server = AsyncSmtpTransport<Tokio1Executor>;
        let unusable = |error: &dyn std::error::Error| wrong("smtp", &error.to_string());
        let host = section.host.as_str();
        let builder = match section.tls {
            MailTls::Implicit => Server::relay(host).map_err(|error| unusable(&error))?,
            MailTls::Starttls => Server::starttls_relay(host).map_err(|error| unusable(&error))?,
            MailTls::None if host == "127.0.0.1" || host == "::1" => {
                Server::builder_dangerous(host)
            }
            MailTls::None => {
                return Err(wrong("smtp", "nothing is sent in plain text but to 127.0.0.1"));
            }
        };
        let mut builder = builder
            .port(section.port)
            .timeout(Some(Duration::from_millis(section.limit_ms.into())));
        if !section.user.is_empty() {
            let password = secret("smtp", &section.password_file)?;
            builder = builder.credentials(Credentials::new(section.user.clone(), password));
        }
        let from = section.from.parse().map_err(|_| wrong("smtp", "from is no mail address"))?;
        Ok(Self { server: builder.build(), from })
    }
}

impl Adapter for Smtp {
    fn send<'a>(&'a self, letter: &'a Outgoing) -> BoxFuture<'a, Result<(), SendFailure>> {
        async move {
            let to: Address = letter.to.parse().map_err(|_| SendFailure::NoAddress)?;
            let mail = mail(&self.from, &to, letter);
            let envelope = Envelope::new(Some(self.from.clone()), vec![to]);
            let envelope = envelope.map_err(|_| SendFailure::NoAddress)?;
            match self.server.send_raw(&envelope, mail.as_bytes()).await {
                Ok(_) => Ok(()),
                // What is refused for good, and what may be taken another time: both are tried again.
                Err(error) if error.is_permanent() || error.is_transient() => {
                    Err(SendFailure::Refused)
                }
                Err(_) => Err(SendFailure::Unreachable),
            }
        }
        .boxed()
    }
}

/// A mail after RFC 5322: the subject in Chinese, and both languages below. All of it is ASCII.
fn mail(from: &Address, to: &Address, letter: &Outgoing) -> String {
    let Outgoing { id, zh, en, seconds, .. } = letter;
    let domain = from.domain();
    let date = jiff::Timestamp::from_second(*seconds).unwrap_or_default();
    let date = date.strftime("%a, %d %b %Y %H:%M:%S +0000");
    let subject = words(zh);
    let body = wrapped(&format!("{zh}\r\n\r\n{en}\r\n"));
    format!(
        "From: <{from}>\r\nTo: <{to}>\r\nSubject: {subject}\r\nDate: {date}\r\n\
         Message-ID: <{id}@{domain}>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n\
         {body}\r\n"
    )
}

/// A text as encoded words of RFC 2047, each of at most 75 characters.
fn words(text: &str) -> String {
    let mut words = Vec::new();
    let mut word = String::new();
    for c in text.chars() {
        if word.len() + c.len_utf8() > 39 {
            words.push(std::mem::take(&mut word));
        }
        word.push(c);
    }
    words.push(word);
    let encoded =
        words.iter().map(|word| format!("=?UTF-8?B?{}?=", BASE64.encode(word.as_bytes())));
    encoded.collect::<Vec<_>>().join("\r\n ")
}

/// A body in base64, in lines.
fn wrapped(text: &str) -> String {
    let encoded = BASE64.encode(text.as_bytes());
    let lines = encoded.as_bytes().chunks(LINE).map(String::from_utf8_lossy);
    lines.collect::<Vec<_>>().join("\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use contracts::dispatch::notification::Transition;

    #[test]
    fn a_mail_is_ascii_in_short_lines_with_the_id_of_its_letter() {
        let letter = Outgoing {
            id: "620821101203-order-000001-0002".to_owned(),
            transition: Transition::WorkOrderRouted,
            to: "a@example.org".to_owned(),
            zh: "新工单620821101203-order（类别0101），时限2026-03-18 18:00".repeat(2),
            en: "new work order".to_owned(),
            seconds: 1_773_799_200,
        };
        let address = |text: &str| text.parse::<Address>().unwrap();
        let mail = mail(&address("weft@county.example"), &address(&letter.to), &letter);
        assert!(mail.is_ascii());
        assert!(mail.split("\r\n").all(|line| line.len() <= 78), "{mail}");
        assert!(!mail.replace("\r\n", "").contains(['\r', '\n']), "no line ends by itself");
        let (head, body) = mail.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("Message-ID: <620821101203-order-000001-0002@county.example>"));
        assert!(head.contains("Date: Wed, 18 Mar 2026 02:00:00 +0000"));
        let read = BASE64.decode(body.replace("\r\n", "").as_bytes()).unwrap();
        assert_eq!(
            String::from_utf8(read).unwrap(),
            format!("{}\r\n\r\n{}\r\n", letter.zh, letter.en)
        );
    }

    #[test]
    fn the_words_of_a_subject_can_be_put_together_again() {
        let text = "村民反映的事项已受理，请查看。".repeat(5);
        let encoded = words(&text);
        let mut read = Vec::new();
        for word in encoded.split("\r\n ") {
            assert!(word.len() <= 75);
            let inner = word.strip_prefix("=?UTF-8?B?").unwrap().strip_suffix("?=").unwrap();
            read.extend(BASE64.decode(inner.as_bytes()).unwrap());
        }
        assert_eq!(String::from_utf8(read).unwrap(), text);
    }
}
