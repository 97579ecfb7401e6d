//! Child processes, to set environment variables and to check all output.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;
use std::process::{Command, Output};

use eloq_sdk::EloqApi;

use crate::canary::{BODY, KEY, assert_clean};
use crate::scripted::{Script, Server, ok};
use crate::support::run;

/// Runs a single test of this program in a child process, with these variables and no other variable of the SDK.
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

/// Other tests run this test in a child process, with variables.
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
pub fn a_blank_variable_is_unset_and_an_error_names_a_variable_that_is_not_unicode() {
    let server = Server::start(Script::new().on("list_skus", [ok("[]")]));
    let url = OsString::from(server.url());
    let key = OsStr::new(KEY);
    let not_unicode = OsString::from_vec([KEY.as_bytes(), b"\xff", BODY.as_bytes()].concat());
    let names = ["ELOQ_API_KEY", "ELOQ_BASE_URL", "ELOQ_TIMEOUT", "ELOQ_ORG_ID", "ELOQ_PROJECT_ID"];
    for name in names {
        for value in [OsStr::new(""), OsStr::new(" \t"), &not_unicode] {
            // The key and the URL have a second variable, which applies if the first is unset.
            let variables = [("ELOQ_API_TOKEN", key), ("ELOQ_API_URL", &url), (name, value)];
            let output = text(&child("environment::from_environ", &variables));
            if value == not_unicode {
                assert!(output.contains(&format!("refused: configuration: {name}: ")), "{name} {value:?}: {output}");
            } else {
                assert!(output.contains("answered"), "{name} {value:?}: {output}");
            }
            assert_clean(&output);
        }
    }
    let output = text(&child("environment::from_environ", &[("ELOQ_API_KEY", OsStr::new(" "))]));
    assert!(output.contains("refused: configuration: api_key: ") && output.contains("ELOQ_API_KEY"), "{output}");
    assert_eq!(server.recorded().requests.len(), 2 * names.len());
}

#[test]
pub fn proxy_variables_do_not_apply_to_a_loopback_base_url() {
    let server = Server::start(Script::new().on("list_skus", [ok("[]")]));
    let proxy = Server::start(Script::new());
    let (url, proxy_url) = (OsString::from(server.url()), OsString::from(proxy.url()));
    let names = ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    let mut variables = vec![("ELOQ_API_KEY", OsStr::new(KEY)), ("ELOQ_BASE_URL", &url)];
    variables.extend(names.map(|name| (name, &*proxy_url)));
    let output = text(&child("environment::from_environ", &variables));
    assert!(output.contains("answered"), "{output}");
    assert_eq!((proxy.recorded().connections, server.recorded().requests.len()), (0, 1));
}
