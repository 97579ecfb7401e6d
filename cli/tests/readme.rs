//! The session in the README is real: every command prints what the README shows.

#![cfg(unix)]

mod support;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use eloq_sdk::simulator::Simulator;
use support::Eloq;

const README: &str = include_str!("../README.md");

#[test]
fn the_session_of_the_readme_prints_what_it_shows() {
    let eloq = Eloq::with(Simulator::builder().provisioning(Duration::ZERO).deleting(Duration::ZERO));
    std::fs::write(eloq.directory.path().join("clusters.yaml"), block("yaml")).expect("a file");
    let bin = Path::new(env!("CARGO_BIN_EXE_eloq")).parent().expect("a folder").to_str().expect("UTF-8");
    let path = format!("{bin}:{}", std::env::var("PATH").unwrap_or_default());
    let mut session = String::new();
    for command in block("console").lines().filter_map(|line| line.strip_prefix("$ ")) {
        let output = Command::new("sh")
            .args(["-c", command])
            .env_clear()
            .current_dir(eloq.directory.path())
            .env("PATH", &path)
            .env("ELOQ_CONFIG_DIR", eloq.directory.path())
            .env("ELOQ_API_KEY", eloq.simulator.api_key())
            .env("ELOQ_BASE_URL", eloq.simulator.base_url())
            .output()
            .expect("a shell");
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        session += &format!("$ {command}\n{}", String::from_utf8(output.stdout).expect("UTF-8"));
    }
    assert_eq!(session, block("console"));
}

/// The first block of a language.
fn block(language: &str) -> &'static str {
    let (_, rest) = README.split_once(&format!("```{language}\n")).expect("a block");
    rest.split_once("```").expect("its end").0
}
