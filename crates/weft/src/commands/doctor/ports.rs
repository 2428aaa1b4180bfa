//! The ports: free, ours, or another program's.

use std::{
    collections::HashSet,
    fs,
    net::{SocketAddr, TcpListener},
};

use platform::config::Config;

use super::Check;

const NAME: &str = "ports";

/// `grpc` is where the suite is looked for; `up` whether it answers there.
pub(super) fn look(config: &Config, grpc: &str, up: bool) -> Vec<Check> {
    let wanted = [grpc.parse().ok(), Some(config.http.listen)];
    wanted.into_iter().flatten().map(|address| port(address, up)).collect()
}

fn port(address: SocketAddr, up: bool) -> Check {
    if TcpListener::bind(address).is_ok() {
        return Check::ok(NAME, format!("{address} is free"));
    }
    let owner = owner(address.port());
    let who =
        owner.as_ref().map_or("a program".to_owned(), |(pid, name)| format!("{name} ({pid})"));
    match owner {
        Some((_, name)) if name == "weft" => {
            Check::ok(NAME, format!("{address} is served by {who}"))
        }
        _ if up => Check::ok(NAME, format!("{address} is in use by {who}, and a suite answers")),
        _ => Check::failed(
            NAME,
            format!("{address} is in use by {who}"),
            "stop it, or choose another with --grpc or --http",
        ),
    }
}

/// The process that listens on a port, as far as this user may see it.
fn owner(port: u16) -> Option<(u32, String)> {
    let sockets: HashSet<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| listening(&table, port))
        .collect();
    if sockets.is_empty() {
        return None;
    }
    fs::read_dir("/proc").ok()?.flatten().find_map(|process| {
        let pid: u32 = process.file_name().to_str()?.parse().ok()?;
        let holds = fs::read_dir(process.path().join("fd")).ok()?.flatten().any(|open| {
            let link = fs::read_link(open.path()).unwrap_or_default();
            sockets.contains(&*link.to_string_lossy())
        });
        let name = fs::read_to_string(process.path().join("comm")).ok()?;
        holds.then(|| (pid, name.trim().to_owned()))
    })
}

/// The sockets that listen on a port, as links of `/proc/<pid>/fd` name them.
fn listening(table: &str, port: u16) -> Vec<String> {
    let port = format!(":{port:04X}");
    let row = |line: &str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        // The fourth column is the state; 0A listens. The tenth is the inode.
        let listens = columns.get(3) == Some(&"0A") && columns.get(1)?.ends_with(&port);
        listens.then(|| columns.get(9).map(|inode| format!("socket:[{inode}]")))?
    };
    table.lines().filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_listens_is_named() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (pid, _) = owner(address.port()).unwrap();
        assert_eq!(pid, std::process::id());
        let check = port(address, false);
        assert_eq!(check.word(), "failed");
        assert!(check.text.contains(&pid.to_string()), "{}", check.text);
        drop(listener);
        assert_eq!(port(address, false).word(), "ok");
    }

    #[test]
    fn the_kernels_table_is_read() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
             0: 0100007F:1DB0 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1\n\
             1: 0100007F:1DB0 0100007F:AAAA 01 00000000:00000000 00:00000000 00000000     0        0 4712 1\n";
        assert_eq!(listening(table, 7600), ["socket:[4711]"]);
        assert!(listening(table, 7601).is_empty());
    }
}
