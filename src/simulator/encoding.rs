//! Percent-decoding of path segments and query parameters, exactly once.

/// The decoded text; `None` if an escape is invalid or the bytes are not UTF-8.
pub(super) fn percent_decode(raw: &str) -> Option<String> {
    let mut bytes = raw.bytes();
    let mut decoded = Vec::with_capacity(raw.len());
    while let Some(byte) = bytes.next() {
        decoded.push(if byte == b'%' { hex(bytes.next()?)? << 4 | hex(bytes.next()?)? } else { byte });
    }
    String::from_utf8(decoded).ok()
}

/// The first parameter with this name, decoded as a form value (`+` is a space).
pub(super) fn query_parameter(query: &str, name: &str) -> Option<String> {
    query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .find(|(key, _)| percent_decode(key).as_deref() == Some(name))
        .map(|(_, value)| percent_decode(&value.replace('+', " ")).unwrap_or_else(|| value.to_owned()))
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_exactly_once() {
        assert_eq!(percent_decode("a%2Fb%2525+c").as_deref(), Some("a/b%25+c"));
        assert_eq!(percent_decode("%E2%98%83").as_deref(), Some("☃"));
    }

    #[test]
    fn rejects_invalid_encodings() {
        for raw in ["%", "%2", "%zz", "%ff", "%+1"] {
            assert_eq!(percent_decode(raw), None, "{raw}");
        }
    }

    #[test]
    fn the_first_parameter_wins() {
        assert_eq!(query_parameter("page=2&page=3&x", "page").as_deref(), Some("2"));
        assert_eq!(query_parameter("a=1+2", "a").as_deref(), Some("1 2"));
        assert_eq!(query_parameter("a=1&x", "x").as_deref(), Some(""));
        assert_eq!(query_parameter("a=1", "page"), None);
    }
}
