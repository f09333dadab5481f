package catalog

// Plan is a resource plan of the managed platform. Teams may have more.
type Plan struct {
	ID, Name string
	// CPU is in virtual cores, shared or dedicated; Memory and Storage in MB.
	CPU, Memory float64
	// Monthly is the price of one instance that runs for a month, in US dollars.
	Monthly float64
	// Doc adds what the numbers do not say; it may be empty.
	Doc string
}

// Region is a region of the managed platform.
type Region struct {
	ID, Name string
	Doc      string
}

// AddonType is a managed stateful service.
type AddonType struct {
	// Type is what an Addon node's type says.
	Type, Name string
	// Versions are accepted versions, newest first. Teams may have more.
	Versions []string
	// Keys are the names of the connection details that the addon offers to secret groups.
	Keys []AddonKey
	// Hidden reports an older spelling that is accepted but not offered.
	Hidden bool
	Doc    string
}

// AddonKey is a connection detail of an addon.
type AddonKey struct {
	Name string
	// Secret reports that the value is confidential.
	Secret bool
	Doc    string
}

// Plans lists the known plans, the smallest first. The result is shared and must not be changed.
func Plans() []Plan { return planTable[:] }

// Regions lists the known regions. The result is shared and must not be changed.
func Regions() []Region { return regionTable[:] }

// AddonTypes lists the known addon types. The result is shared and must not be changed.
func AddonTypes() []AddonType { return addonTypeTable[:] }

// LookupAddonType finds an addon type by its exact name.
func LookupAddonType(name string) (*AddonType, bool) {
	for i := range addonTypeTable {
		if addonTypeTable[i].Type == name {
			return &addonTypeTable[i], true
		}
	}
	return nil, false
}
