//! As much of X.509 (RFC 5280, §4.1) as is asked for here: until when a certificate is good, and the
//! URIs among the names of its subject.

use kernel::Timestamp;

/// The identifier of `subjectAltName`, 2.5.29.17.
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 0x11];

const SEQUENCE: u8 = 0x30;
const OCTETS: u8 = 0x04;
const IDENTIFIER: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const LONG_TIME: u8 = 0x18;
/// `[0] version`, `[3] extensions` of a certificate, and `[6] URI` of a name.
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
const URI: u8 = 0x86;

/// A value: its tag, what is in it, and what follows it.
fn next(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let digits = usize::from(first & 0x7f);
        if digits == 0 || digits > 4 || digits > rest.len() {
            return None;
        }
        let (digits, rest) = rest.split_at(digits);
        (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
    };
    (length <= rest.len()).then(|| (tag, &rest[..length], &rest[length..]))
}

/// The values in one another's order.
fn values(mut bytes: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let (tag, inner, rest) = next(bytes)?;
        bytes = rest;
        Some((tag, inner))
    })
}

/// What is signed of a certificate: after its version come serial, algorithm, issuer, validity and
/// subject.
fn signed(certificate: &[u8]) -> Option<&[u8]> {
    let (SEQUENCE, certificate, _) = next(certificate)? else { return None };
    let (SEQUENCE, signed, _) = next(certificate)? else { return None };
    Some(signed)
}

/// Until when a certificate is good.
pub(super) fn not_after(certificate: &[u8]) -> Option<Timestamp> {
    let mut parts = values(signed(certificate)?).filter(|(tag, _)| *tag != VERSION);
    let (SEQUENCE, validity) = parts.nth(3)? else { return None };
    let (tag, written) = values(validity).nth(1)?;
    let text = std::str::from_utf8(written).ok()?.strip_suffix('Z')?;
    let (year, rest) = match tag {
        UTC_TIME => {
            let (year, rest) = text.split_at_checked(2)?;
            let year: i64 = year.parse().ok()?;
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        LONG_TIME => {
            let (year, rest) = text.split_at_checked(4)?;
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    let two = |place: usize| rest.get(place..place + 2)?.parse::<i64>().ok();
    let days = days_before(year, two(0)?, two(2)?)?;
    let seconds = ((days * 24 + two(4)?) * 60 + two(6)?) * 60 + two(8)?;
    Some(Timestamp(seconds * 1_000))
}

/// The URIs that a certificate names.
pub(super) fn uris(certificate: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let extensions = signed(certificate)
        .and_then(|signed| values(signed).find(|(tag, _)| *tag == EXTENSIONS))
        .and_then(|(_, extensions)| next(extensions));
    let Some((SEQUENCE, extensions, _)) = extensions else { return found };
    for (_, extension) in values(extensions) {
        let mut parts = values(extension);
        if parts.next() != Some((IDENTIFIER, ALTERNATIVE_NAMES)) {
            continue;
        }
        let Some((_, names)) = parts.find(|(tag, _)| *tag == OCTETS) else { continue };
        let Some((SEQUENCE, names, _)) = next(names) else { continue };
        let uris = values(names).filter(|(tag, _)| *tag == URI);
        found.extend(uris.filter_map(|(_, uri)| String::from_utf8(uri.to_vec()).ok()));
    }
    found
}

/// The days from 1970-01-01 to a day of the Gregorian calendar; none where there is no such month.
fn days_before(year: i64, month: i64, day: i64) -> Option<i64> {
    const DAYS: [i64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let before = DAYS.get(usize::try_from(month).ok()?.checked_sub(1)?)?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let past = year - 1;
    let leap_days = past / 4 - past / 100 + past / 400 - 477;
    let this_year = i64::from(leap && month > 2);
    Some((year - 1970) * 365 + leap_days + before + this_year + day - 1)
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, SanType, date_time_ymd};

    use super::*;

    #[test]
    fn the_end_and_the_uris_of_a_certificate_are_read() {
        for (year, month, day, millis) in [
            (2026, 11, 22, 1_795_305_600_000),
            (2024, 2, 29, 1_709_164_800_000),
            (2061, 1, 1, 2_871_763_200_000),
            (1999, 12, 31, 946_598_400_000),
        ] {
            let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
            params.not_before = date_time_ymd(1990, 1, 1);
            params.not_after = date_time_ymd(year, month, day);
            let uri = "weft://service/gateway".try_into().unwrap();
            params.subject_alt_names.push(SanType::URI(uri));
            let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
            assert_eq!(not_after(certificate.der()), Some(Timestamp(millis)), "{year}");
            assert_eq!(uris(certificate.der()), ["weft://service/gateway"]);
        }
    }

    #[test]
    fn what_is_no_certificate_says_nothing() {
        for bytes in [&b""[..], b"\x30", b"\x30\x85\x01\x01\x01\x01\x01", b"\x30\x03\x30\x01\x00"] {
            assert_eq!(not_after(bytes), None);
            assert!(uris(bytes).is_empty());
        }
    }
}
