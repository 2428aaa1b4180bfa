use std::io::Write as _;

use serde::Deserialize;

use super::*;

fn load(set: &[&str], file: Option<&str>) -> Result<(Config, Figment), Error> {
    load_with(set, file, &[])
}

fn load_with(
    set: &[&str],
    file: Option<&str>,
    service_defaults: &[(&str, &str)],
) -> Result<(Config, Figment), Error> {
    let mut kept = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    kept.write_all(file.unwrap_or_default().as_bytes()).unwrap();
    let set = set.iter().map(|text| (*text).to_owned()).collect();
    let file = file.map(|_| kept.path().to_owned());
    Config::load(&LoadOptions { file, set, service_defaults })
}

fn refusal(set: &[&str], file: Option<&str>) -> String {
    let line = load(set, file).unwrap_err().to_string();
    assert!(!line.contains('\n'), "{line}");
    line
}

#[test]
fn the_default_file_alone_is_a_whole_configuration() {
    let (config, _) = load(&[], None).unwrap();
    assert_eq!(config.county.to_string(), "620821");
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.grpc.listen.to_string(), "127.0.0.1:7600");
    assert_eq!(
        (config.log.max_batch, config.log.plain_in_flight, config.log.queue),
        (500, 8, 4096)
    );
    assert!(config.nats.url.is_none() && config.database.url.is_none());
    assert_eq!(config.nats.gomemlimit_mib, 144);
}

#[test]
fn a_setting_wins_over_the_file_and_the_file_over_the_defaults() {
    let file = "[http]\nlisten = \"127.0.0.1:1\"\n[log]\nqueue = 600\n";
    let (config, _) = load(&["http.listen=127.0.0.1:2"], Some(file)).unwrap();
    assert_eq!(config.http.listen.port(), 2);
    assert_eq!(config.log.queue, 600);
    assert_eq!(config.log.max_batch, 500);
}

#[test]
fn a_county_may_be_written_as_a_number() {
    let (config, _) = load(&["county=140581"], None).unwrap();
    assert_eq!(config.county.to_string(), "140581");
}

#[test]
fn a_misspelt_section_is_refused_with_what_was_meant() {
    let line = refusal(&[], Some("[databse]\nurl = \"x\"\n"));
    assert!(line.starts_with("unknown key databse in /"), "{line}");
    assert!(line.ends_with("did you mean database?"), "{line}");
}

#[test]
fn a_misspelt_key_is_refused_with_its_whole_name_and_what_was_meant() {
    let line = refusal(&["http.lisen=127.0.0.1:1"], None);
    assert_eq!(line, "unknown key http.lisen in --set http.lisen; did you mean listen?");
}

#[test]
fn a_value_of_the_wrong_kind_names_the_key_and_its_source() {
    let line = refusal(&["log.queue=many"], None);
    assert!(line.starts_with("log.queue in --set log.queue: "), "{line}");
    let line = refusal(&[], Some("[http]\nlisten = \"localhost\"\n"));
    assert!(line.starts_with("http.listen in /"), "{line}");
}

#[test]
fn a_file_that_is_no_toml_is_refused_in_one_line() {
    let line = refusal(&[], Some("[http\nlisten"));
    assert!(line.contains(".toml is no valid TOML: "), "{line}");
}

#[test]
fn a_file_that_is_not_there_is_refused() {
    let options = LoadOptions { file: Some("/no/such/weft.toml".into()), ..LoadOptions::default() };
    let line = Config::load(&options).unwrap_err().to_string();
    assert_eq!(
        line,
        "config file /no/such/weft.toml can't be read; give --config a readable TOML file"
    );
}

#[test]
fn values_that_contradict_each_other_are_refused() {
    assert!(refusal(&["log.queue=10"], None).starts_with("log.queue in "));
    assert!(refusal(&["nats.max_file_store=10"], None).starts_with("nats.max_file_store in "));
    assert!(refusal(&["county=620821101"], None).starts_with("county in "));
    assert!(refusal(&["county"], None).starts_with("--set \"county\" is no key=value"));
}

#[test]
fn a_service_reads_its_own_section_and_refuses_unknown_keys_in_it() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Intake {
        similar_metres: u32,
    }
    let defaults = [("intake", "similar_metres = 50")];
    let (_, figment) = load_with(&["intake.similar_metres=80"], None, &defaults).unwrap();
    assert_eq!(section::<Intake>(&figment, "intake").unwrap().similar_metres, 80);
    let (_, figment) = load_with(&["intake.similar_meters=80"], None, &defaults).unwrap();
    let line = section::<Intake>(&figment, "intake").unwrap_err().to_string();
    assert!(line.starts_with("unknown key intake.similar_meters in --set"), "{line}");
    assert!(line.ends_with("did you mean similar_metres?"), "{line}");
}

#[test]
fn passwords_are_never_printed() {
    let set = ["database.url=postgres://weft:p@ss/w:rd@db:5432/weft?sslpassword=hunter2&x=1"];
    let (config, figment) = load(&set, None).unwrap();
    let shown = format!("{}{config:?}", print(&figment));
    assert!(!shown.contains("ss/w") && !shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("postgres://weft:***@db:5432/weft?sslpassword=***&x=1"), "{shown}");
}

#[test]
fn what_is_printed_says_where_each_value_comes_from() {
    let (_, figment) = load(&["http.listen=127.0.0.1:2"], None).unwrap();
    let shown = print(&figment);
    assert!(shown.contains("http.listen = \"127.0.0.1:2\"  # --set http.listen\n"), "{shown}");
    assert!(shown.contains("log.queue = 4096  # the defaults\n"), "{shown}");
}

#[test]
fn the_environment_wins_over_the_file() {
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "config::tests::environment_probe", "--ignored"])
        .env("WEFT_HTTP__LISTEN", "127.0.0.1:3")
        .env("WEFT_COUNTY", "140581")
        .status()
        .unwrap();
    assert!(status.success());
}

#[test]
#[ignore = "run by the_environment_wins_over_the_file, with the variables set"]
fn environment_probe() {
    let (config, figment) = load(&[], Some("[http]\nlisten = \"127.0.0.1:1\"\n")).unwrap();
    assert_eq!(config.http.listen.port(), 3);
    assert_eq!(config.county.to_string(), "140581");
    assert!(print(&figment).contains("http.listen = \"127.0.0.1:3\"  # the environment"));
}
