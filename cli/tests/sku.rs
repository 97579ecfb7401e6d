//! `eloq sku`.

mod support;

use support::Eloq;

#[test]
fn lists_the_skus_of_a_type_a_database_and_a_cloud() {
    let eloq = Eloq::new();
    let skus = eloq.json(&["sku", "list", "--type", "serverless", "--module", "kv", "--cloud", "aws"]);
    assert!(skus.as_array().is_some_and(|skus| !skus.is_empty() && skus[0]["sku_id"].is_i64()), "{skus}");
    let table = eloq.ok(&["sku", "list", "--type", "serverless", "--module", "eloqkv", "--cloud", "aws"]);
    assert!(table.starts_with("ID"), "{table}");
}
