//! The raw client: its hooks run, and an unexpected response keeps its status, headers and body.

use eloq_sdk::ErrorKind;
use eloq_sdk::raw::Error;
use eloq_sdk::simulator::{Fault, Operation, Simulator};

#[tokio::test]
async fn every_request_has_the_bare_key_and_no_header_of_the_generator() {
    let simulator = Simulator::start().await.unwrap();
    let response = simulator.client().raw().org_info().send().await.unwrap();
    assert_eq!(response.data.as_ref().unwrap().org_info.org_name, "default-free-org");

    let requests = simulator.requests();
    assert_eq!(requests[0].header("authorization"), Some(simulator.api_key()));
    assert_eq!(requests[0].header("api-version"), None);
    assert_eq!(requests[0].header("accept"), Some("application/json"));
    assert!(requests[0].header("user-agent").unwrap().starts_with("eloq-sdk-rust/"));
}

#[tokio::test]
async fn an_error_status_keeps_its_headers_and_unread_body() {
    let simulator = Simulator::start().await.unwrap();
    simulator.inject(Fault::on(Operation::OrgInfo).reply(502, "text/html", "<h1>Bad Gateway</h1>").header("via", "g"));
    match simulator.client().raw().org_info().send().await {
        Err(Error::UnexpectedResponse(response)) => {
            assert_eq!(response.status(), 502);
            assert_eq!(response.headers()["via"], "g");
            assert_eq!(response.text().await.unwrap(), "<h1>Bad Gateway</h1>");
        }
        other => panic!("{:?}", other.map(|response| response.status())),
    }
}

#[tokio::test]
async fn a_success_with_another_content_type_keeps_its_headers_and_body() {
    let simulator = Simulator::start().await.unwrap();
    simulator.inject(Fault::on(Operation::OrgInfo).reply(200, "text/html", "<html>log in</html>"));
    match simulator.client().raw().org_info().send().await {
        Err(Error::UnexpectedResponse(response)) => {
            assert_eq!(response.headers()["content-type"], "text/html");
            assert_eq!(response.text().await.unwrap(), "<html>log in</html>");
        }
        other => panic!("{:?}", other.map(|response| response.status())),
    }
}

#[tokio::test]
async fn an_invalid_path_segment_fails_before_any_request() {
    let simulator = Simulator::start().await.unwrap();
    let client = simulator.client();
    let result = client.raw().describe_cluster().org_id(1).project_id(147).cluster_name("..").send().await;
    assert!(matches!(result, Err(Error::InvalidRequest(_))));
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn an_operation_with_an_optional_body_needs_none() {
    let simulator = Simulator::builder().cluster("orders").start().await.unwrap();
    let client = simulator.client();
    macro_rules! on_orders {
        ($operation:ident) => {
            client.raw().$operation().org_id(1).project_id(147).cluster_name("orders").send().await.unwrap()
        };
    }
    assert_eq!(on_orders!(restart_cluster).code, 200);
    assert_eq!(on_orders!(shutdown_cluster).code, 200);
    assert_eq!(on_orders!(start_cluster).code, 200);
    let requests = simulator.requests();
    assert_eq!(requests.len(), 3);
    for request in requests {
        assert_eq!((request.header("content-type"), request.body()), (Some("application/json"), &b"{}"[..]));
    }
}

#[tokio::test]
async fn an_operation_with_a_required_body_does_not_invent_one() {
    let simulator = Simulator::start().await.unwrap();
    let client = simulator.client();
    let subscribed = client.raw().subscribe_plan().send().await;
    assert!(matches!(subscribed, Err(Error::InvalidRequest(_))));
    let created = client.raw().create_cluster().org_id(1).project_id(147).send().await;
    assert!(matches!(created, Err(Error::InvalidRequest(_))));
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn a_body_above_the_limit_is_a_protocol_error_or_the_status() {
    let simulator = Simulator::start().await.unwrap();
    let body = vec![b' '; 9 * 1024 * 1024];
    for status in [200, 501] {
        simulator.inject(Fault::on(Operation::OrgInfo).reply(status, "application/json", body.clone()));
    }
    let client = simulator.client();
    let error = client.info().await.unwrap_err();
    assert!(matches!(error, eloq_sdk::Error::Protocol { .. }), "{error:?}");
    assert!(error.message().contains("too large"), "{error}");
    let error = client.info().await.unwrap_err();
    assert_eq!(error.status(), Some(501), "a huge error body does not hide the status");
}

#[tokio::test(start_paused = true)]
async fn any_request_has_the_limits_retries_and_errors_of_a_call() {
    let simulator = Simulator::builder().cluster("orders").start().await.unwrap();
    let client = simulator.client();
    // Spaces and quotes are encoded, and the query of the path stays.
    simulator.inject(Fault::on_any().status(503));
    let clusters = "/orgs/1/projects/147/clusters";
    let (first, query) = (format!("{clusters}?page=1"), [("perPage", "5"), ("a b", "\"&")]);
    let listed = client.send_request("GET", &first, &query, None).await.unwrap();
    assert_eq!(listed.data.unwrap()["total"], 1);
    let requests = simulator.requests();
    let sent = ["/api/v1/orgs/1/projects/147/clusters", "page=1&perPage=5&a+b=%22%26"];
    assert_eq!((requests.len(), requests[1].path(), requests[1].query()), (2, sent[0], Some(sent[1])));
    assert_eq!(requests[1].header("authorization"), Some(simulator.api_key()));

    // A write whose response is lost is not sent again.
    let body = serde_json::json!({"clusterName": "new", "region": "us-west-1", "skuId": 101});
    simulator.inject(Fault::on(Operation::CreateCluster).drop_after());
    let lost = client.send_request("POST", clusters, &[], Some(&body)).await.unwrap_err();
    assert_eq!((lost.kind(), lost.operation()), (ErrorKind::OutcomeUnknown, Some("request")));
    assert_eq!(simulator.cluster_names(), ["orders", "new"]);
    let refused = client.send_request("POST", clusters, &[], Some(&body)).await.unwrap_err();
    assert_eq!((refused.kind(), simulator.requests().len()), (ErrorKind::Conflict, 4));

    for path in ["org-info", "//host/", "https://host/", "/../x", "/a/%2e%2E", "/a#b", "/a\\b", "/a\n"] {
        let refused = client.send_request("GET", path, &[], None).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{path}");
    }
    assert_eq!(client.send_request("G T", "/a", &[], None).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    assert_eq!(simulator.requests().len(), 4);
}
