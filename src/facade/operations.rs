//! The documented operations: each one call of the engine, from arguments to response.

use serde_json::Value;
use tokio::time::Instant;

use crate::engine::call::{call, call_in_scope};
use crate::engine::{response::Response, session::Session};
use crate::error::Result;
use crate::schema::{
    CloudProvider, ClusterList, ClusterName, CreateClusterRequest, DescClusterDto, EloqModule, SkuInfo, SkuType,
    UserOrgInfoDto,
};
use crate::types::operation::Operation;

pub(super) async fn org_info(session: &Session, deadline: Instant) -> Result<UserOrgInfoDto> {
    let response = call(session, Operation::OrgInfo, deadline, |raw| raw.org_info().build()).await?;
    let account = response.into_data(Operation::OrgInfo)?;
    session.account().store(&account);
    Ok(account)
}

pub(super) async fn list_skus(
    session: &Session,
    deadline: Instant,
    (sku_type, eloq_module, cloud_provider): (SkuType, EloqModule, CloudProvider),
) -> Result<Vec<SkuInfo>> {
    let response = call(session, Operation::ListSkus, deadline, |raw| {
        let filtered = raw.list_skus().type_(sku_type.clone()).eloq_module(eloq_module.clone());
        filtered.cloud_provider(cloud_provider.clone()).build()
    });
    Ok(response.await?.into_list())
}

pub(super) async fn list_clusters(
    session: &Session,
    deadline: Instant,
    page: u32,
    per_page: u32,
) -> Result<Response<Box<ClusterList>>> {
    let response = call_in_scope(session, Operation::ListClusters, deadline, |raw, scope| {
        raw.list_clusters().org_id(scope.org_id).project_id(scope.project_id).page(page).per_page(per_page).build()
    });
    response.await
}

pub(super) async fn describe_cluster(
    session: &Session,
    deadline: Instant,
    name: &ClusterName,
) -> Result<DescClusterDto> {
    let response = call_in_scope(session, Operation::DescribeCluster, deadline, |raw, scope| {
        raw.describe_cluster().org_id(scope.org_id).project_id(scope.project_id).cluster_name(name.clone()).build()
    });
    response.await?.into_data(Operation::DescribeCluster)
}

pub(super) async fn create_cluster(
    session: &Session,
    deadline: Instant,
    request: &CreateClusterRequest,
) -> Result<Response<Value>> {
    let response = call_in_scope(session, Operation::CreateCluster, deadline, |raw, scope| {
        raw.create_cluster().org_id(scope.org_id).project_id(scope.project_id).body(request.clone()).build()
    });
    response.await
}

/// Defines requests about one cluster: their methods of the raw client, with other arguments.
macro_rules! on_cluster {
    ($($method:ident($($argument:ident: $kind:ty)?) => $operation:ident;)+) => {
        $(
            pub(super) async fn $method(
                session: &Session,
                deadline: Instant,
                name: &ClusterName,
                $($argument: $kind,)?
            ) -> Result<Response<Value>> {
                let response = call_in_scope(session, Operation::$operation, deadline, |raw, scope| {
                    let request = raw.$method().org_id(scope.org_id).project_id(scope.project_id);
                    request.cluster_name(name.clone())$(.$argument($argument))?.build()
                });
                response.await
            }
        )+
    };
}

on_cluster! {
    delete_cluster() => DeleteCluster;
    start_cluster() => StartCluster;
    shutdown_cluster() => ShutdownCluster;
    restart_cluster() => RestartCluster;
    config_history() => ConfigHistory;
    apply_config(config_id: i64) => ApplyConfig;
}
