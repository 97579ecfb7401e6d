//! YAML, as far as openapi.yaml uses it: one document, without anchors, aliases and tags. `tests/yaml.rs` holds it against
//! another reader.

use std::error::Error;

use saphyr_parser::{Event, Parser, ScalarStyle, StrInput};
use serde_json::{Map, Value};

/// Reads a document. Unquoted scalars are what they are in JSON, or else text.
pub(crate) fn read(text: &str) -> Result<Value, Box<dyn Error>> {
    let mut events = Parser::new_from_str(text);
    // Before the first value, the stream starts, and the document.
    events.nth(1);
    value(&mut events)?.ok_or_else(|| "YAML without a value".into())
}

/// The next value; none where a list or a map ends.
fn value<'a>(events: &mut Parser<'a, StrInput<'a>>) -> Result<Option<Value>, Box<dyn Error>> {
    let (event, span) = events.next().ok_or("YAML that ends early")??;
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
                    (name, _) => Err(format!("the key {name} of the map at line {line} is no text, or there twice"))?,
                };
            }
            Value::Object(fields)
        }
        Event::SequenceEnd | Event::MappingEnd => return Ok(None),
        event => Err(format!("line {line} has YAML that build.rs does not read: {event:?}"))?,
    }))
}
