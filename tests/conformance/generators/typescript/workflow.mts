import { setTimeout as sleep } from "node:timers/promises";

export interface Envelope<T> {
  code: number;
  message: string;
  data?: T | null;
}

/** What the workflow needs; a generated client must fit without casts. */
export interface Api {
  orgInfo(): Promise<Envelope<{ org_info: { org_id: number; projects?: { project_id: number }[] | null } }>>;
  listClusters(org: number, project: number): Promise<Envelope<{ cluster_list?: { cluster_name: string }[] | null }>>;
  listSkus(): Promise<Envelope<{ sku_id: number }[]>>;
  createCluster(org: number, project: number, body: { clusterName: string; region: string; skuId: number }): Promise<Envelope<unknown>>;
  describeCluster(org: number, project: number, name: string): Promise<Envelope<Cluster>>;
  deleteCluster(org: number, project: number, name: string): Promise<Envelope<unknown>>;
}

interface Cluster {
  status: string;
  elb_state: string;
  elb_addr: string;
  elb_port: number;
  admin_user: string;
  admin_password: string;
}

const passing = ["creating", "provisioning", "updating", "available"];

export const baseUrl = process.env.ELOQ_BASE_URL!;
export const headers = { Authorization: process.env.ELOQ_API_KEY! };

export function refuse(status: number, body: unknown): never {
  throw new Error(`HTTP ${status}: ${typeof body === "string" ? body : JSON.stringify(body)}`);
}

type Success<R> = Extract<R, { status: 200 }> extends { data: infer T } ? T : never;

/** The body of HTTP 200, for clients that return the status beside the body. */
export async function bodyOf<R extends { status: number; data: unknown }>(pending: Promise<R>): Promise<Success<R>> {
  const { status, data } = await pending;
  return status === 200 ? (data as Success<R>) : refuse(status, data);
}

function check<T>({ code, message, data }: Envelope<T>): T {
  if (code !== 0 && (code < 200 || code > 299)) throw new Error(`HTTP 200, code ${code}: ${message}`);
  return data!;
}

export async function run(api: Api): Promise<void> {
  const org = check(await api.orgInfo()).org_info;
  const project = [org.org_id, org.projects![0].project_id] as const;

  const clusters = check(await api.listClusters(...project)).cluster_list ?? [];
  if (!clusters.some((each) => each.cluster_name === "demo")) {
    const [sku] = check(await api.listSkus());
    check(await api.createCluster(...project, { clusterName: "demo", region: "us-west-1", skuId: sku.sku_id }));
  }

  let cluster = check(await api.describeCluster(...project, "demo"));
  while (cluster.status !== "available" || cluster.elb_state !== "active") {
    if (!passing.includes(cluster.status)) throw new Error(`demo is ${cluster.status}`);
    await sleep(100);
    cluster = check(await api.describeCluster(...project, "demo"));
  }
  const [user, password] = [cluster.admin_user, cluster.admin_password].map((text) => Buffer.from(text, "base64").toString());
  console.log(`${user} at ${cluster.elb_addr}:${cluster.elb_port}, with ${password.length} characters of password`);

  check(await api.deleteCluster(...project, "demo"));
}
