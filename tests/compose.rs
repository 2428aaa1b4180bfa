//! What is shipped to be run: the compose file, the image, the unit of systemd. No Docker is needed;
//! every failure says what to do.

#[cfg(test)]
mod files {
    use std::{collections::BTreeSet, fs, path::PathBuf};

    use serde_yaml_ng::Value;

    pub(crate) fn read(path: &str) -> String {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The compose file with what `<<` takes over filled in.
    pub(crate) fn compose() -> Value {
        let mut compose: Value = serde_yaml_ng::from_str(&read("docker-compose.yml")).unwrap();
        // What is taken over may itself take over.
        for _ in 0..4 {
            compose.apply_merge().unwrap();
        }
        compose
    }

    /// Name and content of each service.
    pub(crate) fn services() -> Vec<(String, Value)> {
        let compose = compose();
        let services = compose["services"].as_mapping().unwrap();
        services.iter().map(|(name, it)| (name.as_str().unwrap().to_owned(), it.clone())).collect()
    }

    /// The texts of a list.
    pub(crate) fn texts(list: &Value) -> Vec<String> {
        let list = list.as_sequence().into_iter().flatten();
        list.map(|item| item.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Whether a container ends by itself.
    pub(crate) fn ends(name: &str) -> bool {
        ["init", "doctor"].contains(&name)
    }

    /// The services of the binary, as its list names them.
    pub(crate) fn of_the_binary() -> BTreeSet<String> {
        let list = read("crates/weft/src/services.rs");
        let end = list.find("pub(crate) fn chosen").expect("services.rs has `all` and `chosen`");
        let calls = list[..end].match_indices("::service()");
        let name = |(at, _): (usize, &str)| {
            let before = &list[..at];
            let start = before.rfind(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(0);
            before[start + 1..].to_owned()
        };
        calls.map(name).collect()
    }
}

#[cfg(test)]
mod compose {
    use std::collections::BTreeSet;

    use crate::files::{compose, ends, of_the_binary, read, services, texts};

    #[test]
    fn every_service_of_the_binary_has_a_container_of_its_own() {
        let expected = of_the_binary();
        assert!(expected.len() >= 4, "services.rs was not understood: {expected:?}");
        let services = services();
        for name in expected {
            let (_, service) = services
                .iter()
                .find(|(other, _)| *other == name)
                .unwrap_or_else(|| panic!("add {name} to docker-compose.yml"));
            assert_eq!(texts(&service["command"]), ["serve", "--service", &name]);
            let health = texts(&service["healthcheck"]["test"]);
            assert_eq!(health[..3], ["CMD", "weft", "healthcheck"], "{name}");
            assert!(health.last().unwrap().starts_with("https://"), "{name} speaks TLS");
            let set = &service["environment"];
            let names = set["WEFT_GRPC__NAMES"].as_str().unwrap_or_default();
            assert!(names.contains(&format!("\"{name}\"")), "{name} has no name in {names}");
            assert!(set["WEFT_GRPC__PLAINTEXT"].is_null() && set["WEFT_NATS__PLAINTEXT"].is_null());
            assert_eq!(set["WEFT_NATS__URL"].as_str(), Some("tls://nats:4222"), "{name}");
            for (_, endpoint) in set.as_mapping().unwrap().iter().filter(|(key, _)| {
                key.as_str().is_some_and(|key| key.starts_with("WEFT_GATEWAY__ENDPOINTS__"))
            }) {
                assert!(endpoint.as_str().unwrap().starts_with("https://"), "{endpoint:?}");
            }
            assert_eq!(service["user"].as_str(), Some("10001:10001"), "{name}");
            let keys = texts(&service["volumes"]);
            assert!(keys.contains(&"keys:/var/lib/weft/keys:ro".to_owned()), "{name}: {keys:?}");
        }
    }

    #[test]
    fn every_container_is_contained_and_limited() {
        for (name, service) in services() {
            let restart = if ends(&name) { "no" } else { "unless-stopped" };
            assert_eq!(service["restart"].as_str(), Some(restart), "{name}: restart");
            assert_eq!(service["read_only"].as_bool(), Some(true), "{name}: read_only");
            assert_eq!(service["init"].as_bool(), Some(true), "{name}: init");
            assert_eq!(texts(&service["cap_drop"]), ["ALL"], "{name}: cap_drop");
            assert_eq!(texts(&service["security_opt"]), ["no-new-privileges:true"], "{name}");
            let user = service["user"].as_str().unwrap_or_default();
            let number = user.split(':').next().and_then(|user| user.parse::<u32>().ok());
            assert!(
                number.is_some_and(|user| user > 0),
                "{name}: user is a number above 0: {user:?}"
            );
            let limits = &service["deploy"]["resources"]["limits"];
            assert!(limits["cpus"].is_string() && limits["memory"].is_string(), "{name}: limits");
            assert_eq!(service["logging"]["driver"].as_str(), Some("json-file"), "{name}: logging");
            assert!(service["logging"]["options"]["max-size"].is_string(), "{name}: max-size");
            assert!(service["environment"]["TZ"].is_string(), "{name}: TZ");
            let healthy = service["healthcheck"]["test"].is_sequence();
            assert!(healthy || ends(&name), "{name}: a health check");
        }
    }

    #[test]
    fn what_a_container_waits_for_is_there_and_can_come_to_pass() {
        let services = services();
        for (name, service) in &services {
            for (other, how) in service["depends_on"].as_mapping().into_iter().flatten() {
                let other = other.as_str().unwrap();
                assert!(services.iter().any(|(there, _)| there == other), "{name} needs {other}");
                let expected =
                    if ends(other) { "service_completed_successfully" } else { "service_healthy" };
                assert_eq!(how["condition"].as_str(), Some(expected), "{name} waits for {other}");
            }
        }
    }

    #[test]
    fn only_the_gateway_is_reached_from_other_machines() {
        for (name, service) in services() {
            let ports = texts(&service["ports"]);
            if name == "gateway" {
                assert_eq!(ports.len(), 1, "the gateway has one port");
                let set = &service["environment"];
                let listen = set["WEFT_HTTP__LISTEN"].as_str();
                assert_eq!(listen, Some("0.0.0.0:8080"), "off the loopback it is HTTPS");
                assert!(set["WEFT_HTTP__BEHIND_PROXY"].is_null(), "a proxy would get plain HTTP");
                continue;
            }
            let open: Vec<_> = ports.iter().filter(|p| !p.starts_with("127.0.0.1:")).collect();
            assert!(open.is_empty(), "{name} publishes {open:?}; begin with 127.0.0.1:");
            assert_eq!(
                service["network_mode"].as_str().unwrap_or("inside"),
                match name.as_str() {
                    "init" => "none",
                    _ => "inside",
                }
            );
        }
        assert_eq!(compose()["networks"]["inside"]["internal"].as_bool(), Some(true));
    }

    #[test]
    fn images_and_volumes_are_named_exactly() {
        let compose = compose();
        let declared: BTreeSet<String> = compose["volumes"]
            .as_mapping()
            .unwrap()
            .keys()
            .map(|name| name.as_str().unwrap().to_owned())
            .collect();
        let mut used = BTreeSet::new();
        for (name, service) in services() {
            let image = service["image"].as_str().unwrap();
            let tag = image.rsplit(['/', '}']).next().unwrap();
            let tag = tag.split_once(':').map_or("", |(_, tag)| tag);
            let ours = image == "${WEFT_IMAGE:-weft:0.1.0}";
            assert!(ours || tag.starts_with(|c: char| c.is_ascii_digit()), "{name}: pin {image}");
            for volume in service["volumes"].as_sequence().into_iter().flatten() {
                let source = volume["source"].as_str().or(volume.as_str()).unwrap();
                used.insert(source.split(':').next().unwrap().to_owned());
            }
        }
        assert_eq!(used, declared);
    }

    #[test]
    fn every_variable_is_in_the_example_and_no_password_has_a_default() {
        let text = read("docker-compose.yml");
        let used: BTreeSet<&str> = text
            .split("${")
            .skip(1)
            .filter_map(|rest| rest.split_once('}'))
            .map(|(variable, _)| variable.split([':', '-', '?']).next().unwrap())
            .collect();
        let example = read(".env.example");
        let set: Vec<(&str, &str)> = example
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once('='))
            .collect();
        assert_eq!(set.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>(), used);
        for (name, value) in set.iter().filter(|(name, _)| name.contains("PASSWORD")) {
            assert_eq!(*value, "", "{name} has a default");
            let everywhere = text.matches(&format!("${{{name}")).count();
            let required = text.matches(&format!("${{{name}:?")).count();
            assert_eq!(everywhere, required, "{name} is required wherever it is used");
        }
    }
}

#[cfg(test)]
mod image {
    use crate::files::read;

    #[test]
    fn it_is_built_by_the_compiler_of_the_repository_and_runs_as_nobody() {
        let image = read("deploy/Dockerfile");
        let toolchain = read("rust-toolchain.toml");
        let version = toolchain
            .lines()
            .find_map(|line| line.strip_prefix("channel = "))
            .expect("rust-toolchain.toml has a channel")
            .trim_matches('"');
        assert!(image.contains(&format!("/rust:{version}-")), "build with Rust {version}");
        for from in image.lines().filter(|line| line.starts_with("FROM ")) {
            let tag = from.rsplit(':').next().unwrap();
            assert!(tag.starts_with(|c: char| c.is_ascii_digit()), "pin {from}");
        }
        let last = image.rsplit("FROM ").next().unwrap();
        assert!(last.contains("\nUSER 10001:10001\n"), "the image runs as a user without a name");
        assert!(last.contains(r#"CMD ["weft", "healthcheck"]"#), "a health check by the binary");
        assert!(!image.contains("curl") && !image.contains("apt-get"), "nothing is installed");
    }

    #[test]
    fn it_carries_what_it_is_made_of() {
        let image = read("deploy/Dockerfile");
        let last = image.rsplit("FROM ").next().unwrap();
        let bill = "COPY --from=build /out/weft.cdx.json /usr/share/doc/weft/weft.cdx.json\n";
        assert!(last.contains(bill), "the image carries its bill of materials");
        let context = read(".dockerignore");
        for script in ["scripts/sbom.sh", "scripts/tools.sh"] {
            assert!(image.contains(script), "the bill is written by {script}");
            assert!(context.contains(&format!("\n!{script}\n")), "let {script} into the context");
        }
    }
}

#[cfg(test)]
mod unit {
    use std::process::Command;

    use crate::files::read;

    #[test]
    fn the_unit_of_systemd_is_well_formed_and_hardened() {
        let unit = read("deploy/weft.service");
        let mut section = "";
        for line in unit.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                Some(name) => section = name,
                None => assert!(line.contains('='), "[{section}] {line}"),
            }
            assert!(["Unit", "Service", "Install"].contains(&section), "[{section}]");
        }
        for key in [
            "NoNewPrivileges=yes",
            "ProtectSystem=strict",
            "CapabilityBoundingSet=\n",
            "UMask=0077",
        ] {
            assert!(unit.contains(key), "keep {key}");
        }
        // The exit codes of a refused configuration and of wrong words, which no restart mends.
        assert!(unit.contains("RestartPreventExitStatus=78 2"));
    }

    #[test]
    fn systemd_knows_every_line_of_it_where_there_is_a_systemd() {
        let path = format!("{}/../deploy/weft.service", env!("CARGO_MANIFEST_DIR"));
        let Ok(said) = Command::new("systemd-analyze").args(["verify", &path]).output() else {
            return;
        };
        let said = String::from_utf8_lossy(&said.stderr).into_owned();
        let wrong: Vec<&str> = said.lines().filter(|line| line.contains("weft.service:")).collect();
        // The program itself is not installed where this is tested.
        let wrong: Vec<&&str> =
            wrong.iter().filter(|line| !line.contains("is not executable")).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
