package platform

// The operations on what belongs to an account, or a team, and to no project.
const (
	OpListPlans   = "miscellaneous/list-plans"
	OpListRegions = "miscellaneous/list-regions"

	OpAddBackupDestination    = "team/backup-destinations/add-backup-destination"
	OpDeleteBackupDestination = "team/backup-destinations/delete-backup-destination"
	OpGetBackupDestination    = "team/backup-destinations/get-backup-destination"
	OpListBackupDestinations  = "team/backup-destinations/list-backup-destinations"
	OpListDestinationBackups  = "team/backup-destinations/list-destinations-backups"
	OpPatchBackupDestination  = "team/backup-destinations/patch-backup-destination"

	OpCreateEgressIP = "team/egress-ips/create-egress-ip"
	OpDeleteEgressIP = "team/egress-ips/delete-egress-ip"
	OpGetEgressIP    = "team/egress-ips/get-egress-ip"
	OpListEgressIPs  = "team/egress-ips/list-egress-ips"
	OpPatchEgressIP  = "team/egress-ips/patch-egress-ip"
	OpPutEgressIP    = "team/egress-ips/put-egress-ip"

	OpCreateLoadBalancer = "team/load-balancers/create-load-balancer"
	OpDeleteLoadBalancer = "team/load-balancers/delete-load-balancer"
	OpGetLoadBalancer    = "team/load-balancers/get-load-balancer"
	OpListLoadBalancers  = "team/load-balancers/list-load-balancers"
	OpPatchLoadBalancer  = "team/load-balancers/patch-load-balancer"
	OpPutLoadBalancer    = "team/load-balancers/put-load-balancer"

	OpGetDNSID = "team/miscellaneous/get-dns-id"

	OpCreateNetworkPolicy = "team/network-policies/create-network-policy"
	OpDeleteNetworkPolicy = "team/network-policies/delete-network-policy"
	OpGetNetworkPolicy    = "team/network-policies/get-network-policy"
	OpUpdateNetworkPolicy = "team/network-policies/update-network-policy"

	OpCreateRolloutStrategy = "team/rollout-strategies/create-gradual-rollout-strategy"
	OpPutRolloutStrategy    = "team/rollout-strategies/create-or-update-gradual-rollout-strategy"
	OpDeleteRolloutStrategy = "team/rollout-strategies/delete-gradual-rollout-strategy"
	OpUpdateRolloutStrategy = "team/rollout-strategies/update-gradual-rollout-strategy"

	OpCreateGlobalSecret = "team/secrets/create-global-secret"
	OpDeleteGlobalSecret = "team/secrets/delete-global-secret"
	OpGetGlobalSecret    = "team/secrets/get-global-secret"
	OpListGlobalSecrets  = "team/secrets/list-global-secrets"
	OpPatchGlobalSecret  = "team/secrets/patch-global-secret"
	OpPutGlobalSecret    = "team/secrets/put-global-secret"

	OpAddTag    = "team/tags/add-tag"
	OpDeleteTag = "team/tags/delete-tag"
	OpGetTag    = "team/tags/get-tag"
	OpListTags  = "team/tags/list-tags"
	OpPutTag    = "team/tags/put-tag"
	OpUpdateTag = "team/tags/update-tag"
)
