package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"eloq"
)

type envelope interface {
	GetCode() int64
	GetMessage() string
}

// must ends the program unless the response is a success.
func must[T envelope](value T, response *http.Response, err error) T {
	if response == nil {
		log.Fatal(err)
	}
	if err != nil {
		log.Fatalf("HTTP %s: %v", response.Status, err)
	}
	if code := value.GetCode(); code != 0 && (code < 200 || code > 299) {
		log.Fatalf("HTTP %s, code %d: %s", response.Status, code, value.GetMessage())
	}
	return value
}

func decode(text string) string {
	bytes, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		log.Fatal(err)
	}
	return string(bytes)
}

func main() {
	config := eloq.NewConfiguration()
	config.HTTPClient = &http.Client{Timeout: 30 * time.Second}
	config.Servers[0].URL = os.Getenv("ELOQ_BASE_URL")
	client := eloq.NewAPIClient(config)
	key := map[string]eloq.APIKey{"apiKey": {Key: os.Getenv("ELOQ_API_KEY")}}
	ctx := context.WithValue(context.Background(), eloq.ContextAPIKeys, key)

	account := must(client.OrganizationAPI.OrgInfo(ctx).Execute()).GetData().OrgInfo
	if len(account.Projects) == 0 {
		log.Fatal("the organization has no project")
	}
	org, project, name := account.OrgId, account.Projects[0].ProjectId, "demo"

	exists := false
	listed := must(client.ClustersAPI.ListClusters(ctx, org, project).Page(1).PerPage(50).Execute()).GetData()
	for _, cluster := range listed.ClusterList {
		exists = exists || cluster.ClusterName == name
	}
	if !exists {
		skus := client.SKUAPI.ListSkus(ctx).Type_(eloq.SERVERLESS).EloqModule(eloq.ELOQKV).CloudProvider(eloq.AWS)
		found := must(skus.Execute()).Data
		if len(found) == 0 {
			log.Fatal("no SKUs available")
		}
		request := eloq.NewCreateClusterRequest(name, "us-west-1", found[0].SkuId)
		must(client.ClustersAPI.CreateCluster(ctx, org, project).CreateClusterRequest(*request).Execute())
	}

	cluster := must(client.ClustersAPI.DescribeCluster(ctx, org, project, name).Execute()).GetData()
	for cluster.Status != "available" || cluster.ElbState != "active" {
		switch cluster.Status {
		case "creating", "provisioning", "updating", "available":
		default:
			log.Fatalf("%s is %s", name, cluster.Status)
		}
		time.Sleep(100 * time.Millisecond)
		cluster = must(client.ClustersAPI.DescribeCluster(ctx, org, project, name).Execute()).GetData()
	}
	user, password := decode(cluster.AdminUser), decode(cluster.AdminPassword)
	fmt.Printf("%s at %s:%d, with %d characters of password\n", user, cluster.ElbAddr, cluster.ElbPort, len(password))

	must(client.ClustersAPI.DeleteCluster(ctx, org, project, name).Execute())
}
