//! Behavior of the simulator, tested over plain HTTP.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod access;
#[path = "../connection/child.rs"]
mod child;
mod faults;
mod handle;
mod lifecycle;
#[path = "../support/plain_client.rs"]
mod plain_client;
mod responses;
mod sample;

use eloq_sdk::simulator::{Operation, RecordedRequest, Simulator, SimulatorBuilder};
use reqwest::{Method, Response};
use serde_json::{Value, json};

const CLUSTERS: &str = "orgs/1/projects/147/clusters";
const KV_ON_AWS: i64 = 101;

/// A simulator and a plain HTTP client for it.
struct Harness {
    simulator: Simulator,
    http: reqwest::Client,
}

async fn start(builder: SimulatorBuilder) -> Harness {
    Harness { simulator: builder.start().await.expect("the simulator starts"), http: plain_client::plain_client() }
}

async fn start_default() -> Harness {
    start(Simulator::builder()).await
}

impl Harness {
    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> reqwest::Result<Response> {
        let url = format!("{}{path}", self.simulator.base_url());
        let request = self.http.request(method, url).header("Authorization", self.simulator.api_key());
        match body {
            Some(body) => request.json(&body),
            None => request,
        }
        .send()
        .await
    }

    /// Status and JSON body.
    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let response = self.send(method, path, body).await.expect("a response");
        let status = response.status().as_u16();
        (status, response.json().await.expect("a JSON body"))
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.call(Method::GET, path, None).await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.call(Method::POST, path, Some(body)).await
    }

    async fn create(&self, name: &str) -> (u16, Value) {
        let body = json!({ "clusterName": name, "region": "us-west-1", "skuId": KV_ON_AWS });
        self.post(CLUSTERS, body).await
    }

    async fn delete(&self, name: &str) -> (u16, Value) {
        let path = format!("{CLUSTERS}/{name}/delete");
        self.call(Method::DELETE, &path, None).await
    }

    async fn describe(&self, name: &str) -> (u16, Value) {
        self.get(&format!("{CLUSTERS}/{name}")).await
    }

    async fn status_of(&self, name: &str) -> String {
        let (_, body) = self.describe(name).await;
        body["data"]["status"].as_str().unwrap_or("none").to_owned()
    }

    async fn authorized_by(&self, authorization: &str) -> u16 {
        self.http
            .get(format!("{}org-info", self.simulator.base_url()))
            .header("Authorization", authorization)
            .send()
            .await
            .expect("a response")
            .status()
            .as_u16()
    }
}

fn operations(requests: &[RecordedRequest]) -> Vec<Option<Operation>> {
    requests.iter().map(RecordedRequest::operation).collect()
}
