//! `Sku`: a SKU by its id, or by what it is.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde::{Deserialize as DeriveDeserialize, Serialize};

use crate::schema::{CloudProvider, EloqModule, SkuInfo, SkuType};
use crate::types::{setters::setters, text};

/// The SKU of a desired cluster, by id or by what it is.
///
/// ```
/// use eloq_sdk::schema::{CloudProvider, EloqModule, SkuType};
/// use eloq_sdk::{ClusterSpec, SkuDescription};
///
/// let by_id = ClusterSpec::new("orders", "us-west-1", 101);
/// let sku = SkuDescription::new(SkuType::Dedicated, EloqModule::EloqKv, CloudProvider::Aws).cpu(4.0);
/// let described = ClusterSpec::new("sessions", "us-west-1", sku);
/// assert_eq!(described.sku().to_string(), "dedicated eloqkv on aws, 4 CPU");
/// ```
///
/// It serializes as the id, or as an object with the fields of [`SkuDescription`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(description = "The SKU of a cluster: its id, or what it is."))]
#[non_exhaustive]
pub enum Sku {
    /// The id of a SKU of [`get_skus`](crate::EloqApi::get_skus).
    #[cfg_attr(feature = "schemars", schemars(description = "The id of a SKU."))]
    Id(#[cfg_attr(feature = "schemars", schemars(range(min = 0)))] i64),
    /// What the SKU is. Exactly one SKU of the catalogue must match.
    Described(SkuDescription),
}

impl From<i64> for Sku {
    fn from(id: i64) -> Self {
        Self::Id(id)
    }
}

impl From<SkuDescription> for Sku {
    fn from(description: SkuDescription) -> Self {
        Self::Described(description)
    }
}

impl fmt::Display for Sku {
    /// As in `101`, or `dedicated eloqkv on aws, 4 CPU`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "{id}"),
            Self::Described(description) => write!(f, "{description}"),
        }
    }
}

impl<'de> Deserialize<'de> for Sku {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Unlike an untagged enum, this keeps the place of an error.
        struct SkuVisitor;

        impl<'de> Visitor<'de> for SkuVisitor {
            type Value = Sku;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the id of a SKU, or an object with its type, module and cloud")
            }

            fn visit_i64<E: de::Error>(self, id: i64) -> Result<Sku, E> {
                if id < 0 { Err(E::custom("the id of a SKU must not be negative")) } else { Ok(Sku::Id(id)) }
            }

            fn visit_u64<E: de::Error>(self, id: u64) -> Result<Sku, E> {
                i64::try_from(id).map(Sku::Id).map_err(|_| E::custom("the id of a SKU is too large"))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Sku, A::Error> {
                Deserialize::deserialize(MapAccessDeserializer::new(map)).map(Sku::Described)
            }
        }

        deserializer.deserialize_any(SkuVisitor)
    }
}

/// What a SKU is: its type, module and cloud, and as far as needed its name and size.
///
/// ```
/// use eloq_sdk::SkuDescription;
/// use eloq_sdk::schema::{CloudProvider, EloqModule, SkuType};
///
/// let sku = SkuDescription::new(SkuType::Serverless, EloqModule::EloqDoc, CloudProvider::Aws).memory_mi(1024.0);
/// assert_eq!(serde_json::to_value(&sku)?["memory_mi"], 1024.0);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// It serializes under the names of the setters, with `type`, `module` and `cloud`.
#[derive(Clone, Debug, PartialEq, Serialize, DeriveDeserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(description = "What a SKU is. Exactly one SKU of the catalogue must match."))]
#[must_use]
pub struct SkuDescription {
    /// How the SKU provides its resources.
    #[serde(rename = "type")]
    sku_type: SkuType,
    /// The database.
    module: EloqModule,
    /// The cloud provider.
    cloud: CloudProvider,
    /// The name of the SKU.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// CPU limit of a transaction node, in cores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cpu: Option<f64>,
    /// Memory limit of a transaction node, in Mi.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    memory_mi: Option<f64>,
    /// Number of transaction nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    replicas: Option<u32>,
}

setters! {
    SkuDescription;

    /// Sets the name, as `sku_name` of [`SkuInfo`] has it.
    name(name: impl Into<String>) => Some(name.into());

    /// Sets the CPU limit of a transaction node in cores, `tx_cpu_limit` of [`SkuInfo`].
    cpu(cores: f64) => Some(cores);

    /// Sets the memory limit of a transaction node in Mi, `tx_memory_mi_limit` of [`SkuInfo`].
    memory_mi(mi: f64) => Some(mi);

    /// Sets the number of transaction nodes, `tx_replica` of [`SkuInfo`].
    replicas(nodes: u32) => Some(nodes);
}

impl SkuDescription {
    /// A SKU of this type, module and cloud, with any name and size.
    pub fn new(sku_type: SkuType, module: EloqModule, cloud: CloudProvider) -> Self {
        Self { sku_type, module, cloud, name: None, cpu: None, memory_mi: None, replicas: None }
    }

    /// The filters of the query that returns it.
    pub(super) fn filters(&self) -> (SkuType, EloqModule, CloudProvider) {
        (self.sku_type.clone(), self.module.clone(), self.cloud.clone())
    }

    /// Whether a SKU with its type, module and cloud matches.
    pub(super) fn matches(&self, sku: &SkuInfo) -> bool {
        self.name.as_ref().is_none_or(|name| *name == sku.sku_name)
            && self.cpu.is_none_or(|cpu| cpu == sku.tx_cpu_limit)
            && self.memory_mi.is_none_or(|memory| memory == sku.tx_memory_mi_limit)
            && self.replicas.is_none_or(|replicas| i64::from(replicas) == i64::from(sku.tx_replica))
    }
}

impl fmt::Display for SkuDescription {
    /// As in `dedicated eloqkv on aws, 4 CPU, 3 replicas`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} on {}", self.sku_type, self.module, self.cloud)?;
        self.name.iter().try_for_each(|name| write!(f, ", named {}", text::line(name, 100)))?;
        self.cpu.iter().try_for_each(|cpu| write!(f, ", {cpu} CPU"))?;
        self.memory_mi.iter().try_for_each(|memory| write!(f, ", {memory} Mi"))?;
        self.replicas.iter().try_for_each(|replicas| write!(f, ", {replicas} replicas"))
    }
}
