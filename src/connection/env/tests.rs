//! Tests of parsing environment variables.

use super::*;

#[test]
fn empty_and_blank_variables_count_as_unset() -> Result<()> {
    for value in [Err(VarError::NotPresent), Ok(String::new()), Ok(" \t\n".to_owned())] {
        assert_eq!(first(&|_| value.clone(), [API_KEY])?, None);
    }
    assert_eq!(first(&|_| Ok("k".to_owned()), [API_KEY])?, Some((API_KEY, "k".to_owned())));
    Ok(())
}

#[test]
fn an_invalid_value_fails_with_the_name_of_its_variable() {
    let lookup = |_: &str| Err(VarError::NotUnicode("canary".into()));
    let error = first(&lookup, [API_KEY]).unwrap_err();
    assert_eq!(error.to_string(), "configuration: ELOQ_API_KEY: is not valid UTF-8");
    for value in ["canary", "1.5", "99999999999999999999"] {
        let error = id(&|_| Ok(value.to_owned()), PROJECT_ID).unwrap_err();
        assert_eq!(error.to_string(), "configuration: ELOQ_PROJECT_ID: is not a 64-bit integer");
    }
}

#[test]
fn a_timeout_is_milliseconds_or_has_a_unit() {
    let read = |value: &'static str| timeout(&|_| Ok(value.to_owned())).ok().flatten();
    assert_eq!(read("1500"), Some(Duration::from_millis(1500)));
    assert_eq!(read(" 30s "), Some(Duration::from_secs(30)));
    assert_eq!(read("2m 5s"), Some(Duration::from_secs(125)));
    for garbage in ["-1", "soon", "1e9", "1.5"] {
        assert_eq!(read(garbage), None, "{garbage}");
    }
}
