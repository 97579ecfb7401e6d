//! Tests of decoding credentials and building connection URLs.

use super::*;

fn credentials(module_type: ModuleType, host: &str) -> ClusterCredentials {
    ClusterCredentials {
        cluster_name: "my-cluster".to_owned(),
        username: "145-nihhNh".to_owned(),
        password: Secret::from("p@:/#%?& é"),
        host: host.to_owned(),
        port: 6379,
        status: ClusterStatus::Available,
        module_type,
        elb_state: ElbState::Active,
    }
}

#[test]
fn the_scheme_follows_the_module_and_the_password_is_encoded() -> Result<()> {
    const ENCODED: &str = "145-nihhNh:p%40%3A%2F%23%25%3F%26%20%C3%A9@";
    for (module, scheme) in
        [(ModuleType::EloqKv, "redis"), (ModuleType::EloqDoc, "mongodb"), (ModuleType::EloqSql, "mysql")]
    {
        let url = credentials(module, "h.example.com").connection_url()?;
        assert_eq!(url.expose(), format!("{scheme}://{ENCODED}h.example.com:6379"));
    }
    for host in ["2001:db8::1", "[2001:db8::1]"] {
        let url = credentials(ModuleType::EloqKv, host).connection_url()?;
        assert_eq!(url.expose(), format!("redis://{ENCODED}[2001:db8::1]:6379"));
    }
    Ok(())
}

#[test]
fn a_missing_host_or_port_or_an_invalid_host_has_no_url() {
    for host in ["", "h/../x", "h:1@evil", "h h"] {
        assert!(credentials(ModuleType::EloqKv, host).connection_url().is_err(), "{host:?}");
    }
    let mut early = credentials(ModuleType::EloqKv, "h");
    early.port = 0;
    assert!(early.connection_url().is_err());
    assert!(credentials(ModuleType::from("EloqGraph"), "h").connection_url().is_err());
}

#[test]
fn base64_is_decoded_exactly_once() -> Result<()> {
    let decoded = decode("admin_password", "cHFzRTZoT3JyMjlqL2ZqM29nczVyc0hESTdbMW1kNkhjTmRrV0w5SW52cz0=")?;
    assert_eq!(decoded.as_str(), "pqsE6hOrr29j/fj3ogs5rsHDI7[1md6HcNdkWL9Invs=");
    assert_eq!(decode("admin_user", "MTQ1LW5paGhOaA==")?.as_str(), "145-nihhNh");
    Ok(())
}

#[test]
fn an_error_does_not_quote_what_cannot_be_decoded() {
    for encoded in ["", " ", "canary!", "Y2FuYXJ5=Y", "Y2FuYXJ5Cg", "w7_Dvj8_", "Y2Fu\nYXJ5", "/w=="] {
        let error = decode("admin_password", encoded).err().map(|error| format!("{error} {error:?}"));
        let error = error.unwrap_or_default();
        assert!(error.contains("data.admin_password"), "{encoded:?}: {error}");
        assert!(!error.contains("canary") && !error.contains("Y2Fu"), "{error}");
    }
}
