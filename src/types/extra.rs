//! `Extra`: the fields of a response that this version does not know.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::ops::Deref;
use std::sync::OnceLock;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The fields of a response that this version does not know, unchanged.
///
/// It dereferences to a map, which is built when it is first used. Until then the fields are kept as the text of their JSON, so
/// that they cost no more memory than that text.
///
/// An unknown field can be a secret: `Debug` prints the names only, and serializing a data type leaves its unknown fields out. To
/// write them, serialize the map.
///
/// ```
/// use eloq_sdk::schema::SimpleProjectInfo;
///
/// # fn main() -> Result<(), serde_json::Error> {
/// let project: SimpleProjectInfo = serde_json::from_str(
///     r#"{"create_at": "2025-08-20 08:20:21", "project_id": 147, "project_name": "project1", "color": "red"}"#,
/// )?;
/// assert_eq!(project.extra["color"], "red");
/// assert_eq!(serde_json::to_string(&*project.extra)?, r#"{"color":"red"}"#);
/// assert!(!serde_json::to_string(&project)?.contains("red"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Extra(Option<Box<Fields>>);

#[derive(Clone, Default)]
struct Fields {
    /// The members of a JSON object, with the brace before them.
    members: Vec<u8>,
    map: OnceLock<Map<String, Value>>,
}

impl Extra {
    /// Keeps the value that comes next as a field of this name.
    pub(super) fn read<'de, A: MapAccess<'de>>(&mut self, name: &str, fields: &mut A) -> Result<(), A::Error> {
        let Fields { members, .. } = &mut **self.0.get_or_insert_default();
        members.push(if members.is_empty() { b'{' } else { b',' });
        write_text(members, name);
        members.push(b':');
        fields.next_value_seed(Transcoder(members))
    }

    /// Ends the reading.
    pub(super) fn finish(&mut self) {
        if let Some(fields) = &mut self.0 {
            fields.members.push(b'}');
            fields.members.shrink_to_fit();
        }
    }

    /// The names, without their values.
    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        let members = self.0.as_ref().map_or(&b"{}"[..], |fields| &fields.members);
        // What `read` wrote is an object.
        serde_json::from_slice::<BTreeMap<_, IgnoredAny>>(members).unwrap_or_default().into_keys()
    }
}

impl Deref for Extra {
    type Target = Map<String, Value>;

    fn deref(&self) -> &Self::Target {
        static EMPTY: OnceLock<Map<String, Value>> = OnceLock::new();
        match &self.0 {
            None => EMPTY.get_or_init(Map::new),
            Some(fields) => fields.map.get_or_init(|| serde_json::from_slice(&fields.members).unwrap_or_default()),
        }
    }
}

impl From<Map<String, Value>> for Extra {
    fn from(map: Map<String, Value>) -> Self {
        if map.is_empty() {
            return Self::default();
        }
        let members = serde_json::to_vec(&map).unwrap_or_default();
        Self(Some(Box::new(Fields { members, map: map.into() })))
    }
}

impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Debug for Extra {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

/// Appends a scalar. Writing to memory does not fail.
fn write<E>(json: &mut Vec<u8>, scalar: &Value) -> Result<(), E> {
    let _ = write!(json, "{scalar}");
    Ok(())
}

fn write_text(json: &mut Vec<u8>, text: &str) {
    let _ = serde_json::to_writer(json, text);
}

/// Writes a value that it reads as JSON.
struct Transcoder<'a>(&'a mut Vec<u8>);

impl<'de> DeserializeSeed<'de> for Transcoder<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Transcoder<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        write(self.0, &value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        write(self.0, &value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        write(self.0, &value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        write(self.0, &value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        write_text(self.0, value);
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        write(self.0, &Value::Null)
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.0.push(b'[');
        let start = self.0.len();
        while items.next_element_seed(Transcoder(self.0))?.is_some() {
            self.0.push(b',');
        }
        close(self.0, start, b']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        self.0.push(b'{');
        let start = self.0.len();
        while fields.next_key_seed(Transcoder(self.0))?.is_some() {
            self.0.push(b':');
            fields.next_value_seed(Transcoder(self.0))?;
            self.0.push(b',');
        }
        close(self.0, start, b'}');
        Ok(())
    }
}

/// Ends an array or object, without the comma after its last member.
fn close(json: &mut Vec<u8>, start: usize, end: u8) {
    if json.len() > start {
        json.pop();
    }
    json.push(end);
}
