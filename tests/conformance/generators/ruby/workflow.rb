require "base64"
require "uri"
require "eloq"

def check(envelope)
  code = envelope.code
  abort "HTTP 200, code #{code}: #{envelope.message}" unless code == 0 || (200..299).cover?(code)
  envelope.data if envelope.respond_to?(:data)
end

config = Eloq::Configuration.new
url = URI(ENV.fetch("ELOQ_BASE_URL"))
config.scheme = url.scheme
config.host = "#{url.host}:#{url.port}"
config.base_path = url.path
config.server_index = nil
config.api_key["Authorization"] = ENV.fetch("ELOQ_API_KEY")
config.timeout = 30
client = Eloq::ApiClient.new(config)
clusters = Eloq::ClustersApi.new(client)

begin
  org = check(Eloq::OrganizationApi.new(client).org_info).org_info
  project = [org.org_id, org.projects.first.project_id]

  listed = check(clusters.list_clusters(*project, 1, 50)).cluster_list || []
  unless listed.any? { |each| each.cluster_name == "demo" }
    skus = check(Eloq::SKUApi.new(client).list_skus("serverless", "eloqkv", "aws"))
    request = Eloq::CreateClusterRequest.new(cluster_name: "demo", region: "us-west-1", sku_id: skus.first.sku_id)
    check(clusters.create_cluster(*project, request))
  end

  cluster = check(clusters.describe_cluster(*project, "demo"))
  until cluster.status == "available" && cluster.elb_state == "active"
    abort "demo is #{cluster.status}" unless %w[creating provisioning updating available].include?(cluster.status)
    sleep 0.1
    cluster = check(clusters.describe_cluster(*project, "demo"))
  end
  user, password = [cluster.admin_user, cluster.admin_password].map { |text| Base64.strict_decode64(text) }
  puts "#{user} at #{cluster.elb_addr}:#{cluster.elb_port}, with #{password.length} characters of password"

  check(clusters.delete_cluster(*project, "demo"))
rescue Eloq::ApiError => error
  abort "HTTP #{error.code}: #{error.response_body}"
end
