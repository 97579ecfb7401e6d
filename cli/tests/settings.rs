//! Settings: precedence, profiles, `eloq config`, and `api_key_command`.

#![cfg(unix)]

mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use eloq_sdk::simulator::Simulator;
use serde_json::Value;
use support::{Eloq, Run, bare, run};

const KEY: &str = "marker-key-0123456789";

fn eloq(config: &str) -> Eloq {
    let eloq = Eloq::with(Simulator::builder().api_key(KEY).no_projects().project(147, "first").project(148, "second"));
    fs::create_dir(eloq.folder()).unwrap();
    fs::set_permissions(eloq.folder(), Permissions::from_mode(0o700)).unwrap();
    eloq.write("config.toml", config);
    eloq
}

impl Eloq {
    fn folder(&self) -> PathBuf {
        self.directory.path().join("eloq")
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.folder().join(file);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    }

    /// The tool without any variable of the service.
    fn bare(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Run {
        run(bare(self.directory.path()).envs(variables.iter().copied()).args(arguments))
    }

    /// Value and source of a setting.
    fn setting(&self, name: &str, variables: &[(&str, &str)], options: &[&str]) -> (Value, String) {
        let arguments = [&["config", "show", "-o", "json"], options].concat();
        let shown = self.bare(variables, &arguments);
        assert_eq!(shown.code, 0, "{shown:?}");
        let rows: Value = serde_json::from_str(&shown.stdout).unwrap();
        let row = rows.as_array().unwrap().iter().find(|row| row["setting"] == name).unwrap();
        (row["value"].clone(), row["source"].as_str().unwrap().to_owned())
    }
}

#[test]
fn a_flag_takes_precedence_over_a_variable_and_that_over_the_profile() {
    let eloq = eloq(
        "default_profile = \"work\"\n[profiles.work]\norg = 1\nproject = \"second\"\nbase_url = \"https://profile.example\"\n\
         output = \"csv\"\n[profiles.plain]\n",
    );
    eloq.write("credentials.toml", &format!("[work]\napi_key = \"{KEY}\"\n"));
    let variables = [
        ("ELOQ_BASE_URL", "https://variable.example"),
        ("ELOQ_ORG_ID", "2"),
        ("ELOQ_PROJECT_ID", "22"),
        ("ELOQ_TIMEOUT", "2s"),
    ];
    let flags = ["--base-url", "https://flag.example", "--org", "3", "--project", "33", "--request-timeout", "3s"];
    let plain = ["-P", "plain"];
    for (setting, flag, profile, default) in [
        (
            "base_url",
            "https://flag.example/api/v1",
            "https://profile.example/api/v1",
            "https://api-prod.eloqdata.com/api/v1",
        ),
        ("org", "3", "1", ""),
        ("project", "33", "second", ""),
        ("request_timeout", "3s", "", ""),
    ] {
        let (value, source) = eloq.setting(setting, &variables, &flags);
        assert_eq!((value, source), (flag.into(), format!("--{}", setting.replace('_', "-"))));
        assert!(eloq.setting(setting, &variables, &[]).1.starts_with("ELOQ_"), "{setting}");
        let text = |value: Value| value.as_str().unwrap_or_default().to_owned();
        let (value, source) = eloq.setting(setting, &[], &[]);
        let expected = if profile.is_empty() { "default" } else { "profile work" };
        assert_eq!((text(value), &*source), (profile.to_owned(), expected), "{setting}");
        let (value, source) = eloq.setting(setting, &[], &plain);
        assert_eq!((text(value), &*source), (default.to_owned(), "default"), "{setting}");
    }
    assert_eq!(eloq.setting("profile", &[], &[]), ("work".into(), "config.toml".into()));
    assert_eq!(eloq.setting("profile", &[("ELOQ_PROFILE", "plain")], &[]), ("plain".into(), "ELOQ_PROFILE".into()));
    let (value, source) = eloq.setting("api_key", &[], &[]);
    assert!(value == "[redacted]" && source.ends_with("credentials.toml"), "{value} {source}");
    assert_eq!(eloq.setting("api_key", &[("ELOQ_OAUTH_TOKEN", "t")], &[]).1, "ELOQ_OAUTH_TOKEN");
    assert!(eloq.bare(&[], &["config", "show"]).stdout.starts_with("setting,value,source\n"), "the profile's format");
    assert_eq!(eloq.bare(&[("ELOQ_OUTPUT", "name")], &["config", "show"]).stdout.lines().next(), Some("profile"));
    assert_eq!(eloq.bare(&[("ELOQ_BASE_URL", "http://u:p@h")], &["config", "show"]).code, 3);
}

#[test]
fn a_profile_that_the_user_names_must_exist() {
    let eloq = eloq("[profiles.work]\n");
    eloq.write("credentials.toml", &format!("[home]\napi_key = \"{KEY}\"\n"));
    for (variables, arguments) in
        [(&[][..], &["-P", "nobody", "org"][..]), (&[("ELOQ_PROFILE", "nobody")], &["config", "show"])]
    {
        let missing = eloq.bare(variables, &[arguments, &["-o", "json"]].concat());
        assert_eq!((missing.code, &*missing.stdout), (3, ""), "{missing:?}");
        assert_eq!(missing.error()["hint"], "the profiles are home, work");
    }
    assert_eq!(run(&mut eloq.without_key(&["-P", "home", "org"])).code, 0);
    assert_eq!(eloq.bare(&[], &["-P", "nobody", "version"]).code, 0);
}

#[test]
fn a_variable_that_replaces_the_key_of_a_named_profile_is_announced() {
    let eloq = eloq("[profiles.plain]\n");
    eloq.write("credentials.toml", "[work]\napi_key = \"another-key\"\n");
    let warning = "warning: ELOQ_API_KEY takes precedence over the key of the profile \"work\"\n";
    assert_eq!(eloq.run(&["-P", "work", "org"]).stderr, warning);
    for quiet in [&["-q", "-P", "work", "org"][..], &["org"], &["-P", "plain", "org"]] {
        let run = eloq.run(quiet);
        assert_eq!((run.code, &*run.stderr), (0, ""), "{quiet:?}");
    }
}

#[test]
fn invalid_files_stop_only_what_needs_them() {
    let eloq = eloq("[profiles.work]\napi_key = \"marker-key-0123456789\"\n");
    let path = eloq.folder().join("config.toml").display().to_string();
    let invalid = eloq.run(&["org"]);
    assert_eq!(invalid.code, 3);
    assert!(invalid.stderr.contains("config.toml: line 2") && invalid.stderr.contains("auth login"), "{invalid:?}");
    assert!(!invalid.stderr.contains(KEY), "{invalid:?}");
    for arguments in [&["auth", "login", "--api-key-stdin"][..], &["auth", "list"], &["auth", "use", "work"]] {
        assert_eq!(eloq.run(arguments).code, 3, "{arguments:?}");
    }
    assert_eq!(eloq.ok(&["config", "path"]), format!("{path}\n"));
    assert_eq!(eloq.json(&["config", "path"])["config"], *path);
    assert!(eloq.json(&["version"])["eloq_sdk"].is_string());
    assert_eq!(run(eloq.command(&["org"]).env("ELOQ_CONFIG_DIR", "/dev/null/none")).code, 0);
}

#[test]
fn a_program_prints_the_key() {
    let folder = |eloq: &Eloq| eloq.folder();
    let script = format!(
        "test -z \\\"${{ELOQ_API_KEY+set}}${{ELOQ_OAUTH_TOKEN+set}}\\\" && echo asking >&2 && echo {KEY} && echo more"
    );
    let eloq = eloq(&format!("[profiles.default]\napi_key_command = [\"sh\", \"-c\", \"{script}\"]\n"));
    // An empty variable counts as unset.
    let empty = [("ELOQ_API_KEY", ""), ("ELOQ_OAUTH_TOKEN", " ")];
    let status = run(eloq.without_key(&["auth", "status", "-o", "json", "-vvv"]).envs(empty));
    assert_eq!(status.code, 0, "{status:?}");
    assert!(status.stdout.contains("\"key_source\": \"command\"") && status.stdout.contains("\"key_origin\": \"sh\""));
    assert!(status.stderr.contains("asking\n") && !status.stderr.contains(KEY), "{status:?}");
    assert!(!status.stdout.contains(KEY));
    assert_eq!(eloq.run(&["auth", "status", "--project", "147"]).stderr, "", "a variable takes precedence");
    let login = run(&mut eloq.without_key(&["auth", "login", "--api-key-stdin"]));
    assert_eq!(login.code, 3, "{login:?}");
    let offline = eloq.bare(&[], &["auth", "status", "--offline"]);
    assert_eq!((offline.code, &*offline.stderr), (0, ""), "offline, the program does not run");

    for (command, reason) in [
        ("[\"sh\", \"-c\", \"echo marker-output; exit 7\"]", "api_key_command \"sh\": exit status: 7"),
        ("[\"true\"]", "\"true\": printed no key"),
        ("[\"no-such-program\"]", "\"no-such-program\": cannot be run"),
        ("[]", "api_key_command: it is empty"),
    ] {
        eloq.write("config.toml", &format!("[profiles.default]\napi_key_command = {command}\n"));
        let failed = run(&mut eloq.without_key(&["org", "-o", "json"]));
        assert_eq!((failed.code, &*failed.stdout), (3, ""), "{failed:?}");
        assert!(failed.error()["message"].as_str().unwrap().contains(reason), "{failed:?}");
        assert!(!failed.stderr.contains("marker-output"), "{failed:?}");
    }

    fs::set_permissions(folder(&eloq).join("config.toml"), Permissions::from_mode(0o666)).unwrap();
    let refused = run(&mut eloq.without_key(&["org"]));
    assert!(refused.code == 3 && refused.stderr.contains("chmod go-w "), "{refused:?}");
}

#[test]
fn changes_keep_the_users_comments() {
    let config = "# mine\ndefault_profile = \"work\" # why\n\n[profiles.work] # w\nproject = 147 # p\norg = 1\n\n[profiles.other]\n";
    let eloq = eloq(&config.replace("org = 1", "base_url = \"https://elsewhere.example\""));
    let used = eloq.json(&["project", "use", "148"]);
    assert_eq!((&used["profile"], &used["project_id"]), (&"work".into(), &148.into()));
    assert_eq!(eloq.json(&["project", "use", "second"])["project_id"], 148);
    eloq.ok(&["auth", "use", "other"]);
    let changed = fs::read_to_string(eloq.folder().join("config.toml")).unwrap();
    let expected = config.replace("147", "148").replace("\"work\" #", "\"other\" #");
    assert_eq!(changed, expected.replace("org = 1", "base_url = \"https://elsewhere.example\""));

    let missing = eloq.run(&["project", "use", "999", "-o", "json"]);
    assert_eq!((missing.code, &missing.error()["kind"]), (5, &"NotFound".into()));
    assert_eq!(fs::read_to_string(eloq.folder().join("config.toml")).unwrap(), changed);
}
