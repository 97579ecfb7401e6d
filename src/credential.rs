//! `Credential`: an API key or an OAuth token, and the header that either is sent in.

use http::header::HeaderValue;

use crate::environ::{self, Lookup};
use crate::{Error, Result, Secret};

/// What authenticates the calls.
#[derive(Clone, Debug)]
pub(crate) struct Credential {
    pub(crate) kind: Kind,
    secret: Secret,
    /// The setting or the variable that it is from.
    source: String,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Sent bare.
    ApiKey,
    /// Sent as `Bearer`.
    Token,
}

impl Credential {
    fn new(kind: Kind, secret: impl Into<Secret>, source: &str) -> Self {
        Self { kind, secret: secret.into(), source: source.to_owned() }
    }

    /// Explicit values win over variables: if either is given, no variable is read. A key wins over a token.
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
        if let Some((name, key)) = environ::first(lookup, [api_key_env, environ::API_TOKEN])? {
            return Ok(Self::new(Kind::ApiKey, key, name));
        }
        if let Some((name, token)) = environ::first(lookup, [token_env])? {
            return Ok(Self::new(Kind::Token, token, name));
        }
        let looked = format!("{api_key_env}, {} and {token_env} are not set", environ::API_TOKEN);
        Err(Error::config("api_key", format!("no credential: {looked}; make an API key in the dashboard")))
    }

    /// The value of the Authorization header.
    pub(crate) fn header(&self) -> Result<HeaderValue> {
        let prefix = match self.kind {
            Kind::ApiKey => "",
            Kind::Token => "Bearer ",
        };
        let refuse = |reason| Error::config(&self.source, reason);
        let value = self.secret.expose();
        if value.trim().is_empty() {
            return Err(refuse("is empty or blank"));
        }
        if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(refuse("contains a character that none has, such as a space or a line break"));
        }
        let value = zeroize::Zeroizing::new(format!("{prefix}{value}"));
        let mut header = HeaderValue::from_str(&value).map_err(|_| refuse("cannot be sent in a header"))?;
        header.set_sensitive(true);
        Ok(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_that_cannot_be_one_is_refused_without_its_value() {
        for value in ["", " ", "canary\n", "a\r\ncanary: x", "canary\0", "canary key", "canary-ö"] {
            for kind in [Kind::ApiKey, Kind::Token] {
                let credential = Credential::new(kind, value, "SETTING");
                let error = credential.header().unwrap_err();
                let text = format!("{error} {error:?} {credential:?}");
                assert!(text.contains("SETTING") && !text.contains("canary"), "{text}");
            }
        }
    }

    #[test]
    fn a_key_is_sent_bare_and_a_token_as_bearer() -> Result<()> {
        assert_eq!(Credential::new(Kind::ApiKey, "k", "api_key").header()?, "k");
        assert_eq!(Credential::new(Kind::Token, "t", "token").header()?, "Bearer t");
        Ok(())
    }
}
