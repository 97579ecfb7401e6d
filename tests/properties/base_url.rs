//! Base URLs: their spellings, and the properties of accepted URLs.

use eloq_sdk::raw::ClientInfo;
use eloq_sdk::{EloqApi, Error};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::for_all;

fn base_url_of(text: &str) -> Result<String, Error> {
    let client = EloqApi::builder().api_key("key").proxy("").base_url(text).build()?;
    Ok(client.raw().baseurl().to_owned())
}

#[test]
fn every_spelling_of_a_base_url_is_normalized() {
    let host = prop_oneof!["[a-z][a-z0-9-]{0,10}[a-z0-9](\\.[a-z]{2,5}){0,2}", Just("[2001:db8::1]".to_owned())];
    let port = proptest::option::of(1..=u16::MAX);
    let path = "(/[a-z0-9_.~-]{0,4}[a-z0-9]){0,3}";
    let tail = select(vec!["", "/", "//", "/api/v1", "/api/v1/", "/api/v1//"]);
    let edge = select(vec!["", " ", "\t", "\n"]);
    let urls = (any::<bool>(), host, port, path, tail, edge);
    for_all(60, urls, |(uppercase, host, port, path, tail, edge)| {
        let authority = port.map_or(host.clone(), |port| format!("{host}:{port}"));
        let (scheme, spelled) =
            if uppercase { ("HTTPS", authority.to_uppercase()) } else { ("https", authority.clone()) };
        let normalized = base_url_of(&format!("{edge}{scheme}://{spelled}{path}{tail}{edge}"));
        let standard = authority.strip_suffix(":443").unwrap_or(&authority);
        let expected = match path.ends_with("/api/v1") {
            true => format!("https://{standard}{path}"),
            false => format!("https://{standard}{path}/api/v1"),
        };
        prop_assert_eq!(normalized.unwrap(), expected);
        Ok(())
    });
}

#[test]
fn an_accepted_base_url_is_safe_and_already_normalized() {
    let part = select(vec![
        "http",
        "https",
        "HTTP",
        "ftp",
        ":",
        "//",
        "/",
        "/api/v1",
        "?",
        "#",
        "@",
        "user:pw@",
        "localhost",
        "127.0.0.1",
        "[::1]",
        "h.example",
        "10.0.0.1",
        "0x7f.1",
        ":80",
        ":0",
        ":99999",
        "..",
        "%2e",
        "\\",
        " ",
        "\0",
        "é",
        "*",
    ]);
    for_all(400, vec(part, 1..8).prop_map(|parts| parts.concat()), |text| {
        match base_url_of(&text) {
            Ok(normalized) => {
                let url = url::Url::parse(&normalized).unwrap();
                prop_assert!(normalized.ends_with("/api/v1") && url.has_host(), "{}", normalized);
                prop_assert!(url.username().is_empty() && url.password().is_none(), "{}", normalized);
                prop_assert!(url.query().is_none() && url.fragment().is_none(), "{}", normalized);
                let loopback = match url.host() {
                    Some(url::Host::Ipv4(address)) => address.is_loopback(),
                    Some(url::Host::Ipv6(address)) => address.is_loopback(),
                    _ => url.host_str() == Some("localhost"),
                };
                prop_assert!(url.scheme() == "https" || loopback, "{}", normalized);
                prop_assert_eq!(base_url_of(&normalized).unwrap(), normalized);
            }
            Err(Error::Config { setting, .. }) => prop_assert_eq!(setting, "base_url"),
            Err(other) => prop_assert!(false, "{:?}", other),
        }
        Ok(())
    });
}
