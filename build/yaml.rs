//! Parses the YAML that openapi.yaml uses: one document without anchors, aliases and tags. `tests/yaml.rs` compares the result
//! with another parser's.

use std::error::Error;

use saphyr_parser::{Event, Parser, ScalarStyle, StrInput};
use serde_json::{Map, Value};

/// Parses a document. An unquoted scalar is a JSON value if it parses as one, otherwise a string.
pub(crate) fn read(text: &str) -> Result<Value, Box<dyn Error>> {
    let mut events = Parser::new_from_str(text);
    // Skips the starts of the stream and of the document.
    events.nth(1);
    value(&mut events)?.ok_or_else(|| "the YAML document is empty".into())
}

/// Returns the next value; `None` at the end of a list or a map.
fn value<'a>(events: &mut Parser<'a, StrInput<'a>>) -> Result<Option<Value>, Box<dyn Error>> {
    let (event, span) = events.next().ok_or("the YAML ends early")??;
    let line = span.start.line();
    Ok(Some(match event {
        Event::Scalar(text, ScalarStyle::Plain, 0, None) => text.parse().unwrap_or_else(|_| text.into()),
        Event::Scalar(text, _, 0, None) => text.into(),
        Event::SequenceStart(0, None) => {
            let mut items = Vec::new();
            while let Some(item) = value(events)? {
                items.push(item);
            }
            Value::Array(items)
        }
        Event::MappingStart(0, None) => {
            let mut fields = Map::new();
            while let Some(name) = value(events)? {
                match (name, value(events)?) {
                    (Value::String(name), Some(field)) if !fields.contains_key(&name) => fields.insert(name, field),
                    (name, _) => Err(format!("the map at line {line} has a duplicate or non-string key {name}"))?,
                };
            }
            Value::Object(fields)
        }
        Event::SequenceEnd | Event::MappingEnd => return Ok(None),
        event => Err(format!("line {line} has unsupported YAML: {event:?}"))?,
    }))
}
