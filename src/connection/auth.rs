//! `Credential`: an API key or an OAuth token, and its `Authorization` header.

use bytes::Bytes;
use http::header::{HeaderMap, HeaderValue};
use memchr::memchr2_iter;
use zeroize::Zeroizing;

use super::{env, env::Lookup};
use crate::error::{Error, Result};
use crate::types::{secret::REDACTED, secret::Secret};

/// The setting whose credentials come later.
pub(crate) const PROVIDER: &str = "credential_provider";

/// A shorter credential is not redacted: it would be a part of names and words.
const MIN_REDACTED: usize = 8;

/// An API key or an OAuth token, from a
/// [`credential_provider`](crate::EloqApiBuilder::credential_provider).
///
/// ```
/// use eloq_sdk::Credential;
///
/// let key = Credential::api_key("your-api-key");
/// let token = Credential::token("an-oauth-token");
/// assert!(!format!("{key:?}").contains("your-api-key"));
/// ```
#[derive(Clone, Debug)]
pub struct Credential {
    pub(crate) kind: Kind,
    secret: Secret,
    /// The setting or environment variable with the credential.
    source: String,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Sent without a scheme.
    ApiKey,
    /// Sent as `Bearer`.
    Token,
}

impl Credential {
    /// An API key, which is sent bare.
    pub fn api_key(key: impl Into<Secret>) -> Self {
        Self::new(Kind::ApiKey, key, PROVIDER)
    }

    /// An OAuth access token, which is sent as `Bearer`.
    pub fn token(token: impl Into<Secret>) -> Self {
        Self::new(Kind::Token, token, PROVIDER)
    }

    fn new(kind: Kind, secret: impl Into<Secret>, source: &str) -> Self {
        Self { kind, secret: secret.into(), source: source.to_owned() }
    }

    /// An explicit value takes precedence: with one, no variable is read. A key takes precedence over a token.
    pub(crate) fn resolve(
        (api_key, token): (Option<Secret>, Option<Secret>),
        (api_key_env, token_env): (&str, &str),
        lookup: Lookup<'_>,
    ) -> Result<Self> {
        match (api_key, token) {
            (Some(key), _) => return Ok(Self::new(Kind::ApiKey, key, "api_key")),
            (None, Some(token)) => return Ok(Self::new(Kind::Token, token, "token")),
            (None, None) => {}
        }
        if let Some((name, key)) = env::first(lookup, [api_key_env, env::API_TOKEN])? {
            return Ok(Self::new(Kind::ApiKey, key, name));
        }
        if let Some((name, token)) = env::first(lookup, [token_env])? {
            return Ok(Self::new(Kind::Token, token, name));
        }
        let variables = format!("{api_key_env}, {} and {token_env} are not set", env::API_TOKEN);
        Err(Error::config("api_key", format!("no credential: {variables}; create an API key in the dashboard")))
    }

    pub(crate) fn authorization(&self) -> Result<Authorization> {
        let prefix = match self.kind {
            Kind::ApiKey => "",
            Kind::Token => "Bearer ",
        };
        let invalid = |reason| Error::config(&self.source, reason);
        let value = self.secret.expose();
        if value.trim().is_empty() {
            return Err(invalid("is empty or blank"));
        }
        if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(invalid("contains an invalid character, such as a space or a line break"));
        }
        let rare = place_of_rarest(value.as_bytes());
        let value = Zeroizing::new(format!("{prefix}{value}"));
        let mut header = HeaderValue::from_str(&value).map_err(|_| invalid("is not a valid header value"))?;
        header.set_sensitive(true);
        Ok(Authorization { header, start: prefix.len(), rare })
    }
}

/// The place of the byte that is rarest in responses: capital letters are rarer there than digits, and these than all others.
fn place_of_rarest(credential: &[u8]) -> usize {
    let rarity = |byte: &u8| (byte.is_ascii_uppercase(), byte.is_ascii_digit());
    (0..credential.len()).max_by_key(|&place| rarity(&credential[place])).unwrap_or_default()
}

/// The value of the `Authorization` header.
#[derive(Clone)]
pub(crate) struct Authorization {
    header: HeaderValue,
    /// Where the credential starts in the header, after the scheme.
    start: usize,
    /// The place in the credential of the byte that a search looks for.
    rare: usize,
}

impl Authorization {
    pub(crate) fn header(&self) -> &HeaderValue {
        &self.header
    }

    fn credential(&self) -> &[u8] {
        &self.header.as_bytes()[self.start..]
    }

    /// Redacts the credential in the headers of a response.
    pub(crate) fn redact_headers(&self, headers: &mut HeaderMap) {
        for value in headers.values_mut() {
            if let Some(Ok(redacted)) = self.redacted(value.as_bytes()).map(HeaderValue::try_from) {
                *value = redacted;
            }
        }
    }

    /// Redacts the credential in the body of a response.
    pub(crate) fn redact_body(&self, body: Bytes) -> Bytes {
        self.redacted(&body).map(Bytes::from).unwrap_or(body)
    }

    /// The text without the credential, also where JSON escapes its characters; `None` if it does not contain it.
    fn redacted(&self, text: &[u8]) -> Option<String> {
        let credential = self.credential();
        if !(MIN_REDACTED..=text.len()).contains(&credential.len()) || !self.may_occur(text) {
            return None;
        }
        let (text, credential) = (String::from_utf8_lossy(text), String::from_utf8_lossy(credential));
        let text = if text.contains('\\') { unescape(&text, &credential).into() } else { text };
        text.contains(&*credential).then(|| text.replace(&*credential, REDACTED))
    }

    /// Whether a text contains the credential, or a backslash, with which JSON could escape a part of it.
    fn may_occur(&self, text: &[u8]) -> bool {
        let credential = self.credential();
        memchr2_iter(credential[self.rare], b'\\', text).any(|at| {
            let start = at.checked_sub(self.rare);
            text[at] == b'\\' || start.is_some_and(|start| text[start..].starts_with(credential))
        })
    }
}

/// A text in which JSON escapes none of these characters.
fn unescape(text: &str, characters: &str) -> String {
    let mut text = text.replace("\\/", "/");
    for byte in characters.bytes() {
        for escape in [format!("\\u{byte:04x}"), format!("\\u{byte:04X}")] {
            text = text.replace(&escape, char::from(byte).encode_utf8(&mut [0]));
        }
    }
    text
}

#[cfg(test)]
mod tests;
