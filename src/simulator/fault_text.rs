//! Faults as text, for the options of programs.

use std::str::FromStr;

use super::fault::Fault;
use crate::error::{Error, Result};
use crate::types::operation::Operation;

const FORM: &str = "is not OPERATION:FAULT or OPERATION:FAULT:TIMES, as in list_clusters:503:2";

/// Reads `OPERATION:FAULT` or `OPERATION:FAULT:TIMES`: for requests of an operationId of the document or of `any`, once, that many
/// times, or `always`.
///
/// `FAULT` is a status from 200 to 999, or a name:
///
/// | name | what happens |
/// |---|---|
/// | `drop` | the connection closes, the request is not applied |
/// | `lost` | the connection closes, the request is applied |
/// | `truncate` | the body ends after 20 bytes |
/// | `code200` | HTTP 200 with an error in the envelope, and null data |
/// | `absent200` | the same without data |
/// | `html502` | a gateway's page |
/// | `empty503` | no body |
///
/// ```
/// use eloq_sdk::simulator::Fault;
///
/// # fn main() -> eloq_sdk::Result<()> {
/// let overloaded: Fault = "list_clusters:503:2".parse()?;
/// let without_response: Fault = "create_cluster:lost".parse()?;
/// assert!("list_clusters".parse::<Fault>().is_err());
/// # let _ = (overloaded, without_response);
/// # Ok(())
/// # }
/// ```
impl FromStr for Fault {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        parse(text).ok_or_else(|| Error::invalid_input("fault", FORM))
    }
}

fn parse(text: &str) -> Option<Fault> {
    let mut parts = text.split(':');
    let fault = match parts.next()? {
        "any" => Fault::on_any(),
        name => Fault::on(*Operation::ALL.iter().find(|operation| operation.as_str() == name)?),
    };
    let fault = match parts.next()? {
        "drop" => fault.drop_before(),
        "lost" => fault.drop_after(),
        "truncate" => fault.truncate(20),
        "code200" => fault.code(5001, "internal error"),
        "absent200" => fault.reply(200, "application/json", r#"{"code":5001,"message":"internal error"}"#),
        "empty503" => fault.reply(503, "text/plain", ""),
        "html502" => fault.reply(502, "text/html", "<html><h1>Bad Gateway</h1></html>"),
        status => fault.status(status.parse().ok().filter(|status| (200..1000).contains(status))?),
    };
    let fault = match parts.next() {
        None => fault,
        Some("always") => fault.always(),
        Some(times) => fault.times(times.parse().ok()?),
    };
    parts.next().is_none().then_some(fault)
}
