//! A base URL is rejected, or normalized to a safe URL that normalizes to itself.
#![no_main]

use eloq_sdk::raw::ClientInfo;
use eloq_sdk::{EloqApi, Error};
use libfuzzer_sys::fuzz_target;
use url::{Host, Url};

fn build(text: &str) -> Result<String, Error> {
    let client = EloqApi::builder().api_key("key").proxy("").base_url(text).build()?;
    Ok(client.raw().baseurl().to_owned())
}

fuzz_target!(|text: &str| {
    let form = match build(text) {
        Ok(form) => form,
        Err(Error::Config { setting, .. }) => return assert_eq!(setting, "base_url"),
        Err(other) => panic!("{other:?}"),
    };
    let url = Url::parse(&form).unwrap();
    assert!(form.ends_with("/api/v1"), "{form}");
    assert!(url.username().is_empty() && url.password().is_none(), "{form}");
    assert!(url.query().is_none() && url.fragment().is_none(), "{form}");
    let loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => panic!("no host: {form}"),
    };
    assert!(url.scheme() == "https" || (url.scheme() == "http" && loopback), "{form}");
    assert_eq!(build(&form).unwrap(), form);
});
