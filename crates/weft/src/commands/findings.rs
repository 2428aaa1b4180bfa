//! What a running suite says of itself, read by someone who knows what is not right: for `status`
//! and `doctor`.

use api::admin::v1::StatusResponse;

/// How many events a table or a process may be behind before it counts as behind: less than a
/// second of work.
const BEHIND: u64 = 500;
/// From which part of its limit on a stream counts as filling up, in percent.
const FILLING: u64 = 80;
/// How far two clocks may be apart before tokens and deadlines suffer, in milliseconds.
const SKEW: u64 = 5_000;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Ok,
    /// Somebody should look before it is worse.
    Warning,
    /// People are affected now.
    Failed,
}

/// Something that is not right, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) level: Level,
    /// What it concerns, such as `log` or `services`.
    pub(super) about: &'static str,
    pub(super) text: String,
    pub(super) advice: String,
}

/// What is not right, the worst first; nothing if all is well.
pub(super) fn of(status: &StatusResponse) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut say = |level, about, text: String, advice: &str| {
        found.push(Finding { level, about, text, advice: advice.to_owned() });
    };
    if status.missing_events > 0 {
        say(
            Level::Failed,
            "log",
            format!("the log lacks {} events", thousands(status.missing_events)),
            "stop the suite and restore nats-server's store from a copy; `weft verify` says more",
        );
    }
    if !status.sync_always {
        say(
            Level::Failed,
            "log",
            "nats-server does not sync every write: a power cut would lose cases".to_owned(),
            "set sync_interval: always in its configuration and restart it",
        );
    }
    for what in &status.unencrypted {
        say(
            Level::Warning,
            "exposure",
            format!("{what} is not encrypted and leaves this host"),
            "take out grpc.plaintext or nats.plaintext; `weft doctor` says more",
        );
    }
    for table in status.tables.iter().filter(|table| table.lag > BEHIND) {
        say(
            Level::Warning,
            "services",
            format!("{}.{} is {} events behind", table.service, table.table, thousands(table.lag)),
            "wait if the number falls; if it does not, look into the service's log",
        );
    }
    for process in &status.processes {
        if process.holder.is_empty() {
            say(
                Level::Failed,
                "services",
                format!("nobody runs the process {}", process.name),
                "wait ten seconds; if it stays so, restart its service",
            );
        } else if process.active && process.lag > BEHIND {
            say(
                Level::Warning,
                "services",
                format!("the process {} is {} events behind", process.name, thousands(process.lag)),
                "wait if the number falls; if it does not, look into the service's log",
            );
        }
    }
    for storage in status.storage.iter().filter(|storage| percent(storage) >= Some(FILLING)) {
        let used = percent(storage).unwrap_or_default();
        say(
            if used >= 95 { Level::Failed } else { Level::Warning },
            "storage",
            format!(
                "{} is {used} % full: when it is full, nothing new is accepted",
                storage.stream
            ),
            "raise nats.log_max_bytes, nats.vault_max_bytes or nats.audit_max_bytes with nats.max_file_store, and restart",
        );
    }
    for note in status.notes.iter().filter(|note| !note.advice.is_empty()) {
        say(Level::Warning, "services", note.text.clone(), &note.advice);
    }
    if status.clock_ahead_millis.unsigned_abs() > SKEW {
        say(
            Level::Warning,
            "clock",
            format!(
                "this machine's clock and nats-server's are {} s apart",
                status.clock_ahead_millis.unsigned_abs() / 1_000
            ),
            "let both machines take the time from one source, such as chrony",
        );
    }
    // What it waits for is as a rule explained above; if not, it is said by name.
    if !status.not_ready.is_empty() && found.iter().all(|finding| finding.level != Level::Failed) {
        found.push(Finding {
            level: Level::Failed,
            about: "services",
            text: format!("not ready, waiting for {}", status.not_ready.join(", ")),
            advice: "after a start tables catch up: wait; if it stays so, look into the log"
                .to_owned(),
        });
    }
    found.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    found
}

/// How full a stream is, in percent; none where it has no limit.
pub(super) fn percent(storage: &api::admin::v1::StorageStatus) -> Option<u64> {
    (storage.max_bytes > 0).then(|| storage.bytes.saturating_mul(100) / storage.max_bytes)
}

/// `1204` as `1,204`.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut text = digits[..first].to_owned();
    for (place, digit) in digits[first..].chars().enumerate() {
        if place % 3 == 0 && !text.is_empty() {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use api::admin::v1::{ProcessStatus, ServiceNote, StorageStatus, TableStatus};

    use super::*;

    fn well() -> StatusResponse {
        StatusResponse {
            sync_always: true,
            tables: vec![TableStatus {
                service: "intake".to_owned(),
                table: "cases".to_owned(),
                position: 9,
                lag: 3,
            }],
            processes: vec![ProcessStatus {
                name: "dispatch.deadlines".to_owned(),
                active: true,
                holder: "a-1-7600".to_owned(),
                ..ProcessStatus::default()
            }],
            storage: vec![StorageStatus { stream: "WEFT".to_owned(), bytes: 1, max_bytes: 100 }],
            notes: vec![ServiceNote {
                service: "outlet".to_owned(),
                text: "webhooks: 1 paused".to_owned(),
                advice: String::new(),
            }],
            ..StatusResponse::default()
        }
    }

    #[test]
    fn nothing_is_found_where_all_is_well() {
        assert_eq!(of(&well()), []);
    }

    #[test]
    fn each_thing_that_is_not_right_is_found_with_what_to_do() {
        type Change = fn(&mut StatusResponse);
        let changes: [(Change, Level, &str); 9] = [
            (|s| s.notes[0].advice = "see to it".to_owned(), Level::Warning, "webhooks: 1 paused"),
            (|s| s.missing_events = 2, Level::Failed, "lacks 2 events"),
            (|s| s.sync_always = false, Level::Failed, "does not sync"),
            (|s| s.tables[0].lag = 1_204, Level::Warning, "intake.cases is 1,204 events behind"),
            (|s| s.processes[0].holder.clear(), Level::Failed, "nobody runs the process dispatch"),
            (|s| s.storage[0].bytes = 81, Level::Warning, "WEFT is 81 % full"),
            (|s| s.storage[0].bytes = 97, Level::Failed, "WEFT is 97 % full"),
            (|s| s.clock_ahead_millis = -61_000, Level::Warning, "61 s apart"),
            (|s| s.not_ready.push("intake.cases".to_owned()), Level::Failed, "for intake.cases"),
        ];
        for (change, level, text) in changes {
            let mut status = well();
            change(&mut status);
            let found = of(&status);
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!(found[0].level, level, "{found:?}");
            assert!(found[0].text.contains(text) && !found[0].advice.is_empty(), "{found:?}");
        }
    }

    #[test]
    fn the_worst_comes_first() {
        let mut status = well();
        status.tables[0].lag = 9_999;
        status.processes[0].holder.clear();
        let levels: Vec<Level> = of(&status).iter().map(|finding| finding.level).collect();
        assert_eq!(levels, [Level::Failed, Level::Warning]);
    }

    #[test]
    fn thousands_are_told_apart() {
        let texts = [0, 999, 1_204, 1_234_567].map(thousands);
        assert_eq!(texts, ["0", "999", "1,204", "1,234,567"]);
    }
}
