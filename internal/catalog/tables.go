package catalog

// Plan is a resource plan of the managed platform. Teams may have plans of their own, so an unknown id is no mistake.
type Plan struct {
	// ID is what a billing.deploymentPlan says. Kind is "compute" or "gpu".
	ID, Kind string
	// CPU is in virtual cores and Memory in MB; 0 where the plan does not fix them.
	CPU, Memory float64
	// Monthly is the price of one instance that runs for a month, Hourly for an hour, in US dollars; 0 if unknown.
	Monthly, Hourly float64
	// Build reports that the plan may be a billing.buildPlan.
	Build bool
	// GPUType and GPUCount say which GPUs come with the plan.
	GPUType  string
	GPUCount int
	// SameAs is the plan that this is another name of; DefaultFor the property that takes this plan if none is given.
	SameAs, DefaultFor string
	// Hidden reports a plan that is accepted but not offered.
	Hidden bool
	Doc    string
}

// GPU is a model of graphics processor.
type GPU struct {
	// Type is what a gpuType says.
	Type, Name string
	// Memory is in GB, Counts the numbers that one instance may have.
	Memory float64
	Counts []int
	// Hourly is the price of one, in US dollars.
	Hourly  float64
	Regions []string
}

// Region is a region of the managed platform. Teams may have more, so an unknown id is no mistake.
type Region struct {
	// ID is what a project's region says.
	ID, Name string
	// Group is the part of the world; Provider and ProviderRegion are where it runs.
	Group, Provider, ProviderRegion string
	GPUTypes                        []string
	Doc                             string
}

// AddonType is a managed stateful service. Teams may have custom types, so an unknown one is no mistake.
type AddonType struct {
	// Type is what an Addon node's type says; AliasOf is the current spelling if this is an older one.
	Type, AliasOf, Name string
	Doc                 string
	// Versions are known ones, newest first and never complete; VersionForms are the ways to write one, such as
	// "latest" or "<major>-latest".
	Versions, VersionForms []string
	// Backups are the kinds of backup that the type has; Fork reports that it can start as a copy of another.
	Backups []string
	Fork    bool
	// TLS is "changeable" or "fixed" after creation.
	TLS string
	// LoadBalancerBackend reports that a load balancer may point at it.
	LoadBalancerBackend bool
	// Settings are the members of typeSpecificSettings that concern this type; FixedAfterCreation are paths in the
	// spec whose values cannot be changed later.
	Settings, FixedAfterCreation []string
	// Keys are the connection details that it offers to secret groups.
	Keys []AddonKey
	// Hidden reports an older spelling that is accepted but not offered.
	Hidden bool
}

// AddonKey is a connection detail of an addon.
type AddonKey struct {
	Name string
	// Secret reports that the value is confidential, or may be.
	Secret bool
	// When says, in words, what has to be set for the key to exist; empty if it always does.
	When string
	Doc  string
}

// AddonKeyPattern describes keys by a regular expression on their names.
type AddonKeyPattern struct {
	Pattern string
	Secret  bool
	When    string
	Doc     string
}

// Plans lists the known plans, the smallest first. The result is shared and must not be changed.
func Plans() []Plan { return planTable[:] }

// LookupPlan finds a plan by its exact id.
func LookupPlan(id string) (*Plan, bool) {
	for i := range planTable {
		if planTable[i].ID == id {
			return &planTable[i], true
		}
	}
	return nil, false
}

// GPUs lists the known GPU models. The result is shared and must not be changed.
func GPUs() []GPU { return gpuTable[:] }

// Regions lists the known regions. The result is shared and must not be changed.
func Regions() []Region { return regionTable[:] }

// StorageClasses lists the known storage classes. The result is shared and must not be changed.
func StorageClasses() []string { return storageClassTable[:] }

// AddonTypes lists the known addon types. The result is shared and must not be changed.
func AddonTypes() []AddonType { return addonTypeTable[:] }

// AddonKeyPatterns describes families of keys that every addon type may have beside its own. The result is shared and
// must not be changed.
func AddonKeyPatterns() []AddonKeyPattern { return addonKeyPatternTable[:] }

// LookupAddonType finds an addon type by its exact name, older spellings included.
func LookupAddonType(name string) (*AddonType, bool) {
	for i := range addonTypeTable {
		if addonTypeTable[i].Type == name {
			return &addonTypeTable[i], true
		}
	}
	return nil, false
}
