import * as api from "./orval/client.js";
import { baseUrl, bodyOf, headers, run } from "./workflow.mjs";

// The generated functions call the global fetch with a path.
const send = fetch;
globalThis.fetch = (path, options) => send(`${baseUrl}${path}`, { ...options, headers: { ...options?.headers, ...headers } });

await run({
  orgInfo: () => bodyOf(api.orgInfo()),
  listClusters: (org, project) => bodyOf(api.listClusters(org, project, { page: 1, perPage: 50 })),
  listSkus: () => bodyOf(api.listSkus({ type: "serverless", eloqModule: "eloqkv", cloudProvider: "aws" })),
  createCluster: (org, project, request) => bodyOf(api.createCluster(org, project, request)),
  describeCluster: (org, project, name) => bodyOf(api.describeCluster(org, project, name)),
  deleteCluster: (org, project, name) => bodyOf(api.deleteCluster(org, project, name)),
});
