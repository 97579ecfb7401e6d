import * as api from "./oazapfts/client.js";
import { baseUrl, bodyOf, headers, run } from "./workflow.mjs";

Object.assign(api.defaults, { baseUrl, headers });

await run({
  orgInfo: () => bodyOf(api.orgInfo()),
  listClusters: (org, project) => bodyOf(api.listClusters(org, project, 1, 50)),
  listSkus: () => bodyOf(api.listSkus("serverless", "eloqkv", "aws")),
  createCluster: (org, project, request) => bodyOf(api.createCluster(org, project, request)),
  describeCluster: (org, project, name) => bodyOf(api.describeCluster(org, project, name)),
  deleteCluster: (org, project, name) => bodyOf(api.deleteCluster(org, project, name)),
});
