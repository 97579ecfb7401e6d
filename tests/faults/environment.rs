//! Processes of their own: with other environment variables, and with all that they print seen.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;
use std::process::{Command, Output};

use eloq_sdk::EloqApi;

use crate::canary::{BODY, KEY, assert_clean};
use crate::scripted::{Script, Server, ok};
use crate::support::run;

/// Runs one test of this program alone, with these variables and no other of the SDK's.
pub fn child(test: &str, variables: &[(&str, &OsStr)]) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "--ignored", "--nocapture", test]);
    for (name, _) in std::env::vars_os() {
        let upper = name.to_string_lossy().to_uppercase();
        if upper.starts_with("ELOQ_") || upper.ends_with("_PROXY") {
            command.env_remove(name);
        }
    }
    command.envs(variables.iter().copied()).output().unwrap()
}

pub fn text(output: &Output) -> String {
    String::from_utf8([&output.stdout[..], &output.stderr[..]].concat()).unwrap()
}

/// What the other tests run in a process with variables.
#[test]
#[ignore = "needs the variables that other tests set"]
fn from_environ() {
    let outcome = EloqApi::from_environ().map(|client| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(&client, crate::row::READ))
    });
    match outcome {
        Ok(Ok(_)) => println!("answered"),
        Ok(Err(error)) => println!("failed: {error} {error:?}"),
        Err(error) => println!("refused: {error} {error:?}"),
    }
}

#[test]
pub fn a_variable_that_is_empty_or_blank_is_unset_and_one_that_is_no_text_is_named() {
    let server = Server::start(Script::new().on("list_skus", [ok("[]")]));
    let url = OsString::from(server.url());
    let key = OsStr::new(KEY);
    let no_text = OsString::from_vec([KEY.as_bytes(), b"\xff", BODY.as_bytes()].concat());
    let names = ["ELOQ_API_KEY", "ELOQ_BASE_URL", "ELOQ_TIMEOUT", "ELOQ_ORG_ID", "ELOQ_PROJECT_ID"];
    for name in names {
        for value in [OsStr::new(""), OsStr::new(" \t"), &no_text] {
            // Both have a second name that counts when the first is unset.
            let mut variables = vec![("ELOQ_API_TOKEN", key), ("ELOQ_API_URL", &url), (name, value)];
            let output = text(&child("environment::from_environ", &variables));
            if value == no_text {
                assert!(output.contains(&format!("refused: configuration: {name}: ")), "{name} {value:?}: {output}");
            } else {
                assert!(output.contains("answered"), "{name} {value:?}: {output}");
            }
            assert_clean(&output);
            variables.clear();
        }
    }
    let output = text(&child("environment::from_environ", &[("ELOQ_API_KEY", OsStr::new(" "))]));
    assert!(output.contains("refused: configuration: api_key: ") && output.contains("ELOQ_API_KEY"), "{output}");
    assert_eq!(server.seen().requests.len(), 2 * names.len());
}

#[test]
pub fn no_variable_of_a_proxy_is_asked_for_a_loopback_base() {
    let server = Server::start(Script::new().on("list_skus", [ok("[]")]));
    let proxy = Server::start(Script::new());
    let (url, through) = (OsString::from(server.url()), OsString::from(proxy.url()));
    let names = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    let mut variables = vec![("ELOQ_API_KEY", OsStr::new(KEY)), ("ELOQ_BASE_URL", &url)];
    variables.extend(names.map(|name| (name, &*through)));
    let output = text(&child("environment::from_environ", &variables));
    assert!(output.contains("answered"), "{output}");
    assert_eq!((proxy.seen().connections, server.seen().requests.len()), (0, 1));
}
