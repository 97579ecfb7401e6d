//! Reads JSON objects: the known fields into a data type, the others into its `Extra`.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{CowStrDeserializer, MapAccessDeserializer};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

use super::{extra::Extra, text::Text};

/// A data type that keeps unknown fields. `build.rs` implements it for the generated structs.
///
/// `#[serde(flatten)]` would do the same, but buffers every unknown value in a form that needs many times the memory of its text.
pub(crate) trait Object<'de>: Sized {
    /// The names of the known fields.
    const FIELDS: &'static [&'static str];

    /// Reads an object that has known fields only.
    fn read_known<D: Deserializer<'de>>(known: D) -> Result<Self, D::Error>;

    fn extra(&mut self) -> &mut Extra;
}

/// Reads an object. Unlike the implementation that serde derives, it refuses an array.
pub(crate) fn read<'de, T: Object<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_map(ObjectVisitor(PhantomData))
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Object<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        let mut extra = Extra::default();
        let known = KnownFields { map, names: T::FIELDS, extra: &mut extra };
        let mut object = T::read_known(MapAccessDeserializer::new(known))?;
        extra.finish();
        *object.extra() = extra;
        Ok(object)
    }
}

/// The known fields of an object.
struct KnownFields<'a, A> {
    map: A,
    names: &'static [&'static str],
    extra: &'a mut Extra,
}

impl<'de, A: MapAccess<'de>> KnownFields<'_, A> {
    /// The name of the next known field. Keeps the unknown ones before it.
    fn next_name(&mut self) -> Result<Option<Cow<'de, str>>, A::Error> {
        while let Some(Text(name)) = self.map.next_key()? {
            if self.names.contains(&&*name) {
                return Ok(Some(name));
            }
            self.extra.read(&name, &mut self.map)?;
        }
        Ok(None)
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for KnownFields<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        self.next_name()?.map(|name| seed.deserialize(CowStrDeserializer::new(name))).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}
