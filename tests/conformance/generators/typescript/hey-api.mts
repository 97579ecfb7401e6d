import { client } from "./hey-api/client.gen.js";
import * as api from "./hey-api/index.js";
import { baseUrl, headers, refuse, run } from "./workflow.mjs";

client.setConfig({ baseUrl, headers });

type Reply<T> = { data?: T; error?: unknown; response?: Response };

async function body<T>(pending: Promise<Reply<T>>): Promise<T> {
  const { data, error, response } = await pending;
  return data === undefined ? refuse(response?.status ?? 0, error) : data;
}

await run({
  orgInfo: () => body(api.orgInfo()),
  listClusters: (orgId, projectId) => body(api.listClusters({ path: { orgId, projectId }, query: { page: 1, perPage: 50 } })),
  listSkus: () => body(api.listSkus({ query: { type: "serverless", eloqModule: "eloqkv", cloudProvider: "aws" } })),
  createCluster: (orgId, projectId, request) => body(api.createCluster({ path: { orgId, projectId }, body: request })),
  describeCluster: (orgId, projectId, clusterName) => body(api.describeCluster({ path: { orgId, projectId, clusterName } })),
  deleteCluster: (orgId, projectId, clusterName) => body(api.deleteCluster({ path: { orgId, projectId, clusterName } })),
});
