//! The rules of this repository that no compiler knows: who may depend on whom, what a domain may
//! touch, what a service crate must bring, and what no file may say. Every failure says what to do.

#[cfg(test)]
mod repository {
    use std::{fs, path::PathBuf, process::Command};

    /// The top folder.
    pub(crate) fn root() -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
    }

    /// The output of a program that is run in the top folder.
    pub(crate) fn run(program: &str, args: &[&str]) -> String {
        let output = Command::new(program).args(args).current_dir(root()).output();
        let output = output.unwrap_or_else(|error| panic!("{program} cannot be run: {error}"));
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {args:?} failed: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Every file that is, or is about to be, in git: its path from the top, with `/`.
    pub(crate) fn paths() -> Vec<String> {
        let listed = run("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let mut paths: Vec<String> = listed
            .split_terminator('\0')
            .filter(|path| root().join(path).is_file())
            .map(str::to_owned)
            .collect();
        paths.sort();
        paths.dedup();
        assert!(paths.len() > 100, "git lists {} files; run in a checkout", paths.len());
        paths
    }

    /// A file as text; none if it is none.
    pub(crate) fn text(path: &str) -> Option<String> {
        fs::read(root().join(path)).ok().and_then(|bytes| String::from_utf8(bytes).ok())
    }

    /// The Rust files whose path begins with `crates/`, as path and text.
    pub(crate) fn sources() -> Vec<(String, String)> {
        let rust =
            |path: &String| path.starts_with("crates/") && path.strip_suffix(".rs").is_some();
        let named = |path: String| text(&path).map(|text| (path, text));
        paths().into_iter().filter(rust).filter_map(named).collect()
    }

    /// Whether `word` stands in `line` with nothing of a name around it.
    pub(crate) fn has_word(line: &str, word: &str) -> bool {
        let part = |c: char| c.is_alphanumeric() || c == '_';
        line.match_indices(word).any(|(at, _)| {
            !line[..at].ends_with(part) && !line[at + word.len()..].starts_with(part)
        })
    }

    /// Fails with everything that was found.
    pub(crate) fn none(found: &[String]) {
        assert!(found.is_empty(), "\n{}\n", found.join("\n"));
    }
}

#[cfg(test)]
mod crates {
    use std::collections::{BTreeMap, BTreeSet};

    use serde_json::Value;

    use crate::repository::{none, paths, run, sources, text};

    /// A crate of the workspace: what it needs of the others, by kind.
    #[derive(Debug, Default)]
    struct Member {
        needs: BTreeSet<String>,
        needs_in_tests: BTreeSet<String>,
        /// Whether it depends on NATS outside of its tests.
        nats: bool,
    }

    const MIDDLE: [&str; 3] = ["api", "contracts", "platform"];
    /// Programs: they may use every service.
    const TOP: [&str; 2] = ["bench", "weft"];
    const FOR_TESTS: [&str; 2] = ["testkit", "tests"];

    fn members() -> BTreeMap<String, Member> {
        let args = ["metadata", "--format-version", "1", "--no-deps", "--offline"];
        let metadata: Value = serde_json::from_str(&run(env!("CARGO"), &args)).unwrap();
        let packages = metadata["packages"].as_array().unwrap();
        let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
        packages
            .iter()
            .map(|package| {
                let mut member = Member::default();
                let needed = package["dependencies"].as_array().unwrap();
                member.nats = needed
                    .iter()
                    .any(|needed| needed["name"] == "async-nats" && needed["kind"].is_null());
                let local = |dependency: &&Value| !dependency["path"].is_null();
                for needed in needed.iter().filter(local) {
                    match needed["kind"].as_str() {
                        Some("dev") => member.needs_in_tests.insert(name(needed)),
                        _ => member.needs.insert(name(needed)),
                    };
                }
                (name(package), member)
            })
            .collect()
    }

    fn is_service(name: &str) -> bool {
        name != "kernel" && ![&MIDDLE[..], &TOP, &FOR_TESTS].concat().contains(&name)
    }

    fn services() -> Vec<String> {
        members().into_keys().filter(|name| is_service(name)).collect()
    }

    /// Why `name` may not need `needed`, if so.
    fn wrong(name: &str, needed: &str) -> Option<&'static str> {
        let middle = MIDDLE.contains(&needed);
        match name {
            // Measures like a test, and is never shipped.
            "bench" if needed == "testkit" => None,
            _ if FOR_TESTS.contains(&needed) => Some("is for tests; make it a dev-dependency"),
            "kernel" => Some("kernel is the bottom; move what it needs into it, or do without"),
            _ if needed == "kernel" => None,
            _ if MIDDLE.contains(&name) => {
                Some("stands on kernel alone; pass it in from a service")
            }
            "testkit" => (!middle).then_some("testkit knows no service; take it as a parameter"),
            _ if TOP.contains(&name) || name == "tests" => None,
            _ => (!middle).then_some(
                "a service knows no other service: project its events from the log instead",
            ),
        }
    }

    #[test]
    fn crates_depend_downwards_only() {
        let mut found = Vec::new();
        for (name, member) in members() {
            let in_tests = member.needs_in_tests.iter().filter(|needed| *needed != "testkit");
            for needed in member.needs.iter().chain(in_tests) {
                if let Some(why) = wrong(&name, needed) {
                    found.push(format!("{name} depends on {needed}: {why}"));
                }
            }
        }
        none(&found);
    }

    /// What deny.toml cannot tell apart: who speaks to NATS, and who does so in tests alone.
    #[test]
    fn nats_is_spoken_by_the_platform_alone() {
        // The outlet builds the headers of a message; the others are for tests.
        let may = ["bench", "outlet", "platform", "testkit"];
        let mut found = Vec::new();
        for (name, member) in members() {
            if member.nats && !may.contains(&name.as_str()) {
                found.push(format!(
                    "{name} depends on async-nats: let the platform's log, feed or vault do it, or \
                     make it a dev-dependency"
                ));
            }
        }
        none(&found);
    }

    #[test]
    fn the_direction_is_checked() {
        for (name, needed) in [
            ("kernel", "contracts"),
            ("contracts", "platform"),
            ("platform", "api"),
            ("intake", "dispatch"),
            ("intake", "weft"),
            ("intake", "testkit"),
            ("weft", "testkit"),
            ("testkit", "intake"),
        ] {
            assert!(wrong(name, needed).is_some(), "{name} may depend on {needed}");
        }
        for (name, needed) in [
            ("platform", "kernel"),
            ("intake", "contracts"),
            ("weft", "intake"),
            ("testkit", "platform"),
        ] {
            assert_eq!(wrong(name, needed), None, "{name} may not depend on {needed}");
        }
        let members = members();
        assert!(members["contracts"].needs.contains("kernel"), "{members:?}");
    }

    #[test]
    fn no_crate_is_a_drawer() {
        let drawers = ["common", "core", "helpers", "prelude", "shared", "types", "utils"];
        let found = members().into_keys().filter(|name| drawers.contains(&name.as_str()));
        none(&found.map(|name| format!("name {name} after what it does")).collect::<Vec<_>>());
    }

    #[test]
    fn a_service_brings_its_rooms() {
        let paths = paths();
        let mut found = Vec::new();
        for service in services() {
            for (file, why) in [
                ("README.md", "what it decides, publishes, consumes, stores"),
                ("config.default.toml", "its defaults, which are also the reference"),
                ("src/lib.rs", "the map of its rooms, and `pub fn service()`"),
            ] {
                let path = format!("crates/{service}/{file}");
                if !paths.contains(&path) {
                    found.push(format!("write {path}: {why}"));
                }
            }
        }
        none(&found);
    }

    #[test]
    fn every_aggregate_has_its_table_of_rules() {
        let paths = paths();
        let mut found = Vec::new();
        for (path, text) in sources() {
            let rules = path.replace(".rs", ".rules.md");
            if path.contains("/src/domain/")
                && text.contains("Aggregate for ")
                && !paths.contains(&rules)
            {
                found.push(format!(
                    "{path} decides without a table of rules: write a test with \
                     testkit::rules::check and run it with UPDATE_RULES=1 to make {rules}"
                ));
            }
        }
        none(&found);
    }

    #[test]
    fn the_readmes_name_every_service() {
        let mut services = services();
        let registry = text("crates/weft/src/services.rs").unwrap_or_default();
        for (at, _) in registry.match_indices("::service()") {
            let name = registry[..at].rsplit(|c: char| !c.is_alphanumeric() && c != '_').next();
            services.extend(name.map(str::to_owned));
        }
        let mut found = Vec::new();
        for readme in ["README.md", "README.zh-CN.md"] {
            let text = text(readme).unwrap_or_default();
            for service in &services {
                if !text.contains(&format!("| `{service}` |")) {
                    found
                        .push(format!("give {service} a row in the table of services of {readme}"));
                }
            }
        }
        found.sort();
        found.dedup();
        none(&found);
    }
}

#[cfg(test)]
mod sources {
    use std::collections::BTreeSet;

    use crate::repository::{has_word, none, paths, root, sources, text};

    const LONGEST: usize = 500;

    #[test]
    fn the_pure_rooms_touch_nothing() {
        let pure = ["sqlx", "tonic", "async_nats", "Instant", "SystemTime", "rand"];
        let decides = ["tokio", "tracing"];
        let mut found = Vec::new();
        for (path, text) in sources() {
            let domain = path.contains("/src/domain");
            if !domain && !path.contains("/src/processes") {
                continue;
            }
            let banned = pure.iter().chain(decides.iter().filter(|_| domain));
            for word in banned {
                let uses =
                    |line: &str| !line.trim_start().starts_with("//") && has_word(line, word);
                if let Some(at) = text.lines().position(uses) {
                    found.push(format!(
                        "{path}:{} uses {word}: decide from the state and the command alone, and \
                         let grpc.rs or the process's carry_out fetch what is needed",
                        at + 1
                    ));
                }
            }
        }
        none(&found);
    }

    /// Whether a line has an arm that takes whatever comes.
    fn takes_anything(line: &str) -> bool {
        let code = line.split("//").next().unwrap_or_default();
        ["_ =>", "_ if "].iter().any(|arm| {
            code.match_indices(arm).any(|(at, _)| {
                let before = code[..at].trim_end();
                before.is_empty() || before.ends_with(['{', ',', '|'])
            })
        }) && !code.contains("(_ if ")
    }

    #[test]
    fn a_domain_spells_out_every_case() {
        let mut found = Vec::new();
        for (path, text) in sources() {
            if path.contains("/src/domain") {
                for (at, _) in text.lines().enumerate().filter(|(_, line)| takes_anything(line)) {
                    found.push(format!(
                        "{path}:{} has an arm for anything: name the states and commands, so that a \
                         new one is decided and not defaulted",
                        at + 1
                    ));
                }
            }
        }
        none(&found);
    }

    #[test]
    fn an_arm_for_anything_is_told_from_a_pattern() {
        for line in
            ["    _ => Ok(vec![]),", "match x { A => 1, _ => 2 }", "A | _ => 1,", "_ if x => 1,"]
        {
            assert!(takes_anything(line), "{line}");
        }
        for line in ["(A, _) => 1,", "Some(_) => 1,", "(_, B) if x => 1,", "a_ => 1,", "// _ => 1"]
        {
            assert!(!takes_anything(line), "{line}");
        }
        assert!(has_word("use rand::random;", "rand") && !has_word("a brand, operand", "rand"));
    }

    #[test]
    fn files_are_short_and_beside_their_folder() {
        let mut found = Vec::new();
        for (path, text) in sources() {
            let lines = text.lines().count();
            if lines > LONGEST {
                found.push(format!("{path} has {lines} lines: split it below {LONGEST}"));
            }
            if path.ends_with("/mod.rs") {
                found.push(format!("{path}: name it after its folder, and put it beside it"));
            }
        }
        none(&found);
    }

    #[test]
    fn no_file_names_a_machine_or_a_host_of_packages() {
        // In pieces, so that this file does not say them.
        let needles = [
            ["crates", ".io"],
            ["docs", ".rs"],
            ["npmjs", ".org"],
            ["npmjs", ".com"],
            ["pypi", ".org"],
            ["pythonhosted", ".org"],
            ["/ro", "ot/"],
            // Not the folder alone: members have their pages there.
            ["/wo", "rk/main"],
            ["/wo", "rk/shared"],
            ["/Us", "ers/"],
        ];
        // Lock files say where packages come from: that is what they are for.
        let locks = ["Cargo.lock", "scripts/npm/package-lock.json"];
        let mut found = Vec::new();
        for path in paths().iter().filter(|path| !locks.contains(&path.as_str())) {
            let text = text(path).unwrap_or_default();
            for needle in needles.map(|pieces| pieces.concat()) {
                // `lib_docs.rs` and `network/` are other names.
                let names = |line: &str| {
                    line.match_indices(&needle).any(|(at, _)| {
                        !line[..at].ends_with(|c: char| c.is_alphanumeric() || "_-/.".contains(c))
                            || (!needle.starts_with('/') && line[..at].ends_with(['/', '.']))
                    })
                };
                if let Some(at) = text.lines().position(names) {
                    found.push(format!(
                        "{path}:{} says {needle}: name the tool or the folder of this repository",
                        at + 1
                    ));
                }
            }
        }
        none(&found);
    }

    /// The places that a document names: targets of links, and Rust files in backticks.
    fn named<'a>(document: &str, text: &'a str) -> Vec<(&'a str, String)> {
        let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let links = links
            .filter(|link| !link.contains("://") && !link.starts_with('#'))
            .map(|link| (link, format!("{folder}/{}", link.split('#').next().unwrap_or_default())));
        let files = text
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|file| file.strip_suffix(".rs").is_some() && !file.contains(['<', '*', ' ']))
            .filter_map(|file| match file.split('/').next() {
                Some("crates") => Some((file, format!("/{file}"))),
                Some("platform" | "contracts" | "kernel") => {
                    Some((file, format!("/crates/{file}")))
                }
                _ => None,
            });
        links.chain(files).collect()
    }

    #[test]
    fn documents_name_what_is_there() {
        let documents = paths().into_iter().filter(|path| path.strip_suffix(".md").is_some());
        let mut found = Vec::new();
        let mut links = 0;
        for document in documents {
            let text = text(&document).unwrap_or_default();
            for (name, target) in named(&document, &text) {
                links += 1;
                if !root().join(target.trim_start_matches('/')).exists() {
                    found.push(format!("{document} names {name}, which is not there: mend it"));
                }
            }
        }
        assert!(links > 30, "links are no longer found: {links}");
        none(&found);
    }

    /// The stable reasons that a source answers with.
    fn reasons(text: &str) -> BTreeSet<&str> {
        let code = text.split("mod tests {").next().unwrap_or_default();
        let explains = code.contains("fn reason(");
        let reason = |word: &str| {
            word.len() > 3
                && word.starts_with(|c: char| c.is_ascii_uppercase())
                && word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        };
        let mut found = BTreeSet::new();
        for (at, _) in code.match_indices('"') {
            let word = code[at + 1..].split('"').next().unwrap_or_default();
            let before = code[..at].trim_end();
            let after_code = before
                .strip_suffix(',')
                .and_then(|before| before.rsplit(|c: char| c.is_whitespace() || c == '(').next())
                .is_some_and(|last| last.contains("Code::") || last == "code");
            if reason(word)
                && (after_code || (explains && (before.ends_with("=>") || before.ends_with('{'))))
            {
                found.insert(word);
            }
        }
        found
    }

    #[test]
    fn every_reason_is_explained() {
        let documented = text("docs/ERRORS.md").unwrap_or_default();
        let mut answered = BTreeSet::new();
        let mut found = Vec::new();
        for (path, text) in sources() {
            if path.contains("tests") {
                continue;
            }
            for reason in reasons(&text) {
                if !documented.contains(&format!("| `{reason}` |")) {
                    found.push(format!("give {reason} of {path} a row in docs/ERRORS.md"));
                }
                answered.insert(reason.to_owned());
            }
        }
        assert!(answered.contains("OUT_OF_SCOPE"), "reasons are no longer found: {answered:?}");
        for line in documented.lines() {
            let word = line.strip_prefix("| `").and_then(|line| line.split('`').next());
            if let Some(word) = word.filter(|word| !answered.contains(*word)) {
                found.push(format!(
                    "docs/ERRORS.md explains {word}, which nothing answers: remove it"
                ));
            }
        }
        none(&found);
    }
}

#[cfg(test)]
#[path = "tidy/evidence.rs"]
mod evidence;
