package platformtest

import "fmt"

// Specifications of every kind, small and complete. A name is the only thing
// that varies.

func combined(name string, more string) string {
	return fmt.Sprintf(`{"name": %q, "billing": {"deploymentPlan": "nf-compute-20"},
		"deployment": {"instances": 1, "docker": {"configType": "default"}},
		"vcsData": {"projectUrl": "https://github.com/northflank/example", "projectType": "github", "projectBranch": "main"},
		"buildSettings": {"dockerfile": {"dockerFilePath": "/Dockerfile", "dockerWorkDir": "/"}},
		"ports": [{"name": "app", "internalPort": 3000, "public": true, "protocol": "HTTP"}]%s}`, name, more)
}

func builder(name string) string {
	return fmt.Sprintf(`{"name": %q, "billing": {"buildPlan": "nf-compute-400-16"},
		"vcsData": {"projectUrl": "https://github.com/northflank/example", "projectType": "github"},
		"buildSettings": {"dockerfile": {"dockerFilePath": "/Dockerfile", "dockerWorkDir": "/"}}}`, name)
}

func deployment(name, image string) string {
	return fmt.Sprintf(`{"name": %q, "billing": {"deploymentPlan": "nf-compute-20"},
		"deployment": {"instances": 1, %s},
		"ports": [{"name": "web", "internalPort": 80, "public": true, "protocol": "HTTP"},
			{"name": "db", "internalPort": 5432, "public": false, "protocol": "TCP"}],
		"runtimeEnvironment": {"MODE": "test"}}`, name, image)
}

const nginx = `"external": {"imagePath": "nginx:latest"}`

func manualJob(name, image string) string {
	return fmt.Sprintf(`{"name": %q, "billing": {"deploymentPlan": "nf-compute-20"}, "backoffLimit": 0,
		"deployment": {%s}}`, name, image)
}

func cronJob(name string) string {
	return fmt.Sprintf(`{"name": %q, "billing": {"deploymentPlan": "nf-compute-20"}, "backoffLimit": 0,
		"schedule": "0 * * * *", "concurrencyPolicy": "forbid", "deployment": {%s}}`, name, nginx)
}

func job(name string) string {
	return fmt.Sprintf(`{"name": %q, "billing": {"deploymentPlan": "nf-compute-20"},
		"settings": {"backoffLimit": 0, "activeDeadlineSeconds": 600}, "deployment": {%s}}`, name, nginx)
}

func addon(name, kind, version string) string {
	return fmt.Sprintf(`{"name": %q, "type": %q, "version": %q,
		"billing": {"deploymentPlan": "nf-compute-20", "storageClass": "ssd", "storage": 4096, "replicas": 1},
		"tlsEnabled": true, "externalAccessEnabled": false, "ipPolicies": [], "pitrEnabled": false}`, name, kind, version)
}

func secretGroup(name, more string) string {
	return fmt.Sprintf(`{"name": %q, "secretType": "environment-arguments", "priority": 10,
		"secrets": {"variables": {"TOKEN": "hunter2"}}%s}`, name, more)
}

func volume(name, more string) string {
	return fmt.Sprintf(`{"name": %q, "spec": {"accessMode": "ReadWriteOnce", "storageSize": 4096},
		"mounts": [{"containerMountPath": "/data"}]%s}`, name, more)
}

func egressIP(name, mode string) string {
	return fmt.Sprintf(`{"name": %q, "spec": {"provisioningMode": "dedicated", "region": "europe-west", "mode": %q, "rules": []}}`, name, mode)
}

func loadBalancer(name, protocol, backends string) string {
	return fmt.Sprintf(`{"name": %q, "spec": {"type": %q, "target": {"type": "region", "targetId": "europe-west"},
		"ports": [{"id": "port-443", "port": "443", "backends": [%s]}]}}`, name, protocol, backends)
}

func strategy(name string, canary int) string {
	return fmt.Sprintf(`{"name": %q, "type": "canary", "details": {"canaryStrategy": "percentage",
		"config": {"canaryPercentage": %d, "stablePercentage": %d}}}`, name, canary, 100-canary)
}

func registry(name, password string) string {
	return fmt.Sprintf(`{"name": %q, "provider": "custom", "registryUrl": "https://registry.example.com",
		"credentials": {"username": "robot", "password": %q}}`, name, password)
}

func cloud(name, key string) string {
	return fmt.Sprintf(`{"name": %q, "provider": "aws", "features": ["byoc"], "aws": {"authenticationMode": "accessKey"},
		"credentials": {"accessKey": "id", "secretKey": %q}}`, name, key)
}

func cluster(name string, nodes int) string {
	return fmt.Sprintf(`{"name": %q, "provider": "aws", "region": "eu-west-1", "kubernetesVersion": "1.31",
		"nodePools": [{"id": "system", "nodeType": "m6i.large", "nodeCount": %d, "diskSize": 100}]}`, name, nodes)
}

func model(name string) string {
	return fmt.Sprintf(`{"name": %q, "ports": [{"name": "p01", "internalPort": 8000, "public": true, "protocol": "HTTP"}],
		"spec": {"type": "custom", "configuration": {"name": "example/model", "engine": "vllm", "revision": "main"}}}`, name)
}

func customPlan(name string, cpu float64) string {
	return fmt.Sprintf(`{"name": %q, "type": ["deployment"], "configuration": {"type": "northflank",
		"resources": {"cpu": {"resources": {"limit": %g}}, "memory": {"resources": {"limit": 1024}}}}}`, name, cpu)
}

func workloadIdentity(name, integration, bucket string) string {
	return fmt.Sprintf(`{"name": %q, "spec": {"providerLinkInternalId": %q, "roleMode": "managed", "restrictions": {"projects": {"enabled": false}},
		"provider": {"type": "aws", "policyDocument": {"Version": "2012-10-17",
			"Statement": {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::%s/*"}}}}}`, name, integration, bucket)
}
