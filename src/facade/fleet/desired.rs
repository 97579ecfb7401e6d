//! `DesiredState`: the clusters that should exist, as a value or as a document.

use std::collections::HashSet;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::facade::clusters::{sku::Sku, spec::ClusterSpec};
use crate::schema::ClusterName;

/// The clusters that should exist, for [`EloqApi::plan`](crate::EloqApi::plan).
///
/// ```
/// use eloq_sdk::{ClusterSpec, DesiredState};
///
/// let desired = DesiredState::new([ClusterSpec::new("orders", "us-west-1", 101)])
///     .project("production")
///     .cluster_in("staging", ClusterSpec::new("orders", "us-west-1", 101));
/// assert_eq!(desired.clusters().count(), 2);
/// ```
///
/// # Document
///
/// It reads a document in any format of serde, such as YAML, TOML or JSON:
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let desired: eloq_sdk::DesiredState = yaml_serde::from_str(
///     "
/// defaults:
///   project: production
///   region: us-west-1
///   sku: { type: serverless, module: eloqkv, cloud: aws }
/// clusters:
///   - name: orders
///     zone: us-west-1a
///   - name: sessions
///     region: ap-northeast-1
///     sku: 201
/// ",
/// )?;
/// assert_eq!(desired.clusters().count(), 2);
/// # Ok(())
/// # }
/// ```
///
/// `defaults` has the values that clusters lack. Its `zone` applies to clusters without a region of their own, since a zone belongs to
/// a region. A project is a name or, as a number, an id; without one, clusters are in the project of the client. A key `$schema` is
/// ignored. Unknown fields, and names that come twice in a project, are errors with the place that the format tells.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(with = "Document"))]
#[cfg_attr(feature = "schemars", schemars(description = "The clusters that should exist."))]
#[must_use]
pub struct DesiredState {
    #[serde(rename = "defaults", skip_serializing_if = "Option::is_none", serialize_with = "as_defaults")]
    pub(super) project: Option<ProjectRef>,
    clusters: Vec<DesiredCluster>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
struct DesiredCluster {
    #[serde(flatten)]
    spec: ClusterSpec,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<ProjectRef>,
}

fn as_defaults<S: Serializer>(project: &Option<ProjectRef>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map([("project", project)])
}

impl DesiredState {
    /// These clusters, in the project of the client.
    pub fn new(clusters: impl IntoIterator<Item = ClusterSpec>) -> Self {
        clusters.into_iter().fold(Self::default(), Self::cluster)
    }

    /// Sets the project of the clusters that name none.
    pub fn project(mut self, project: impl Into<ProjectRef>) -> Self {
        self.project = Some(project.into());
        self
    }

    /// Adds a cluster.
    pub fn cluster(mut self, spec: ClusterSpec) -> Self {
        self.clusters.push(DesiredCluster { spec, project: None });
        self
    }

    /// Adds a cluster of this project.
    pub fn cluster_in(mut self, project: impl Into<ProjectRef>, spec: ClusterSpec) -> Self {
        self.clusters.push(DesiredCluster { spec, project: Some(project.into()) });
        self
    }

    /// Returns the clusters, each with its project; `None` for that of the client.
    pub fn clusters(&self) -> impl Iterator<Item = (Option<&ProjectRef>, &ClusterSpec)> {
        let default = self.project.as_ref();
        self.clusters.iter().map(move |DesiredCluster { spec, project }| (project.as_ref().or(default), spec))
    }
}

/// A project, by id or by name.
///
/// ```
/// use eloq_sdk::ProjectRef;
///
/// assert_eq!(ProjectRef::from(147), ProjectRef::Id(147));
/// assert_eq!(ProjectRef::from("production").to_string(), "production");
/// ```
///
/// It serializes as a number or a string.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(untagged)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(description = "A project, by id or by name."))]
pub enum ProjectRef {
    /// Its id.
    Id(i64),
    /// Its name, which must be that of one project only.
    Name(String),
}

impl From<i64> for ProjectRef {
    fn from(id: i64) -> Self {
        Self::Id(id)
    }
}

impl From<&str> for ProjectRef {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<String> for ProjectRef {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}

impl fmt::Display for ProjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "{id}"),
            Self::Name(name) => f.write_str(&crate::types::text::line(name, 100)),
        }
    }
}

impl<'de> Deserialize<'de> for ProjectRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Unlike an untagged enum, this keeps the place of an error.
        struct ProjectVisitor;

        impl Visitor<'_> for ProjectVisitor {
            type Value = ProjectRef;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the id or the name of a project")
            }

            fn visit_i64<E: de::Error>(self, id: i64) -> Result<ProjectRef, E> {
                Ok(ProjectRef::Id(id))
            }

            fn visit_u64<E: de::Error>(self, id: u64) -> Result<ProjectRef, E> {
                i64::try_from(id).map(ProjectRef::Id).map_err(|_| E::custom("the id of a project is too large"))
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<ProjectRef, E> {
                Ok(name.into())
            }
        }

        deserializer.deserialize_any(ProjectVisitor)
    }
}

/// The clusters that should exist.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(rename = "DesiredState"))]
struct Document {
    /// The JSON Schema of this document, for editors.
    #[serde(rename = "$schema")]
    #[allow(dead_code, reason = "it is for editors only")]
    schema: Option<String>,
    /// Values that clusters lack.
    #[serde(default)]
    defaults: Defaults,
    /// The clusters. A name comes once in a project.
    #[serde(deserialize_with = "unique")]
    clusters: Vec<Entry>,
}

/// Values that clusters lack.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
struct Defaults {
    /// The project, by id or by name.
    project: Option<ProjectRef>,
    /// The region, as in `us-west-1`.
    region: Option<String>,
    /// The zone of clusters without a region of their own, as in `us-west-1a`.
    zone: Option<String>,
    /// The SKU.
    sku: Option<Sku>,
}

/// A cluster that should exist.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(rename = "DesiredCluster"))]
struct Entry {
    /// The name of the cluster.
    #[cfg_attr(feature = "schemars", schemars(with = "ClusterName"))]
    name: String,
    /// The project, by id or by name.
    project: Option<ProjectRef>,
    /// The region, as in `us-west-1`.
    region: Option<String>,
    /// The zone, as in `us-west-1a`; any if it is absent.
    zone: Option<String>,
    /// The SKU.
    sku: Option<Sku>,
}

/// Reads clusters, and refuses a wrong or repeated name where it stands.
fn unique<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Entry>, D::Error> {
    struct Entries;

    impl<'de> Visitor<'de> for Entries {
        type Value = Vec<Entry>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of clusters")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<Entry>, A::Error> {
            let (mut entries, mut names) = (Vec::<Entry>::new(), HashSet::new());
            while let Some(entry) = list.next_element::<Entry>()? {
                ClusterName::try_from(&entry.name).map_err(de::Error::custom)?;
                if !names.insert((entry.project.clone(), entry.name.clone())) {
                    return Err(de::Error::custom(format_args!("the cluster {:?} comes twice", entry.name)));
                }
                entries.push(entry);
            }
            Ok(entries)
        }
    }

    deserializer.deserialize_seq(Entries)
}

impl<'de> Deserialize<'de> for DesiredState {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Inside a visitor, the format adds the place to errors of the conversion.
        struct DocumentVisitor;

        impl<'de> Visitor<'de> for DocumentVisitor {
            type Value = DesiredState;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with clusters")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<DesiredState, A::Error> {
                let Document { defaults, clusters, .. } = Document::deserialize(MapAccessDeserializer::new(map))?;
                let clusters = clusters.into_iter().map(|entry| merge(entry, &defaults));
                let clusters = clusters.collect::<Result<_, _>>().map_err(de::Error::custom)?;
                Ok(DesiredState { project: defaults.project, clusters })
            }
        }

        deserializer.deserialize_map(DocumentVisitor)
    }
}

fn merge(entry: Entry, defaults: &Defaults) -> Result<DesiredCluster, String> {
    let Entry { name, project, region, zone, sku } = entry;
    let lacks = |what| format!("the cluster {name:?} has no {what}, and `defaults` has none");
    let zone = if region.is_none() { zone.or_else(|| defaults.zone.clone()) } else { zone };
    let region = region.or_else(|| defaults.region.clone()).ok_or_else(|| lacks("region"))?;
    let sku = sku.or_else(|| defaults.sku.clone()).ok_or_else(|| lacks("sku"))?;
    let spec = ClusterSpec::new(name, region, sku);
    Ok(DesiredCluster { project, spec: if let Some(zone) = zone { spec.zone(zone) } else { spec } })
}
