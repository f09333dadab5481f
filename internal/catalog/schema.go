package catalog

import "strings"

// SchemaID names a schema. The zero ID is the schema that accepts every value and says nothing about it.
// IDs are stable within a build only: they may not be written to disk.
type SchemaID uint16

// Schema returns the schema of an ID; an ID that no schema has gives the one that accepts everything. The result is
// shared and must not be changed.
func (id SchemaID) Schema() *Schema {
	if int(id) >= len(schemaTable) {
		id = 0
	}
	return schemaTable[id]
}

// Schema says which values may stand at one place of a template. Bounds are inclusive.
type Schema struct {
	// Types are the accepted JSON types; empty means any.
	Types TypeSet
	// Expr reports that the reference documents a string with ${...} in place of the value.
	Expr bool
	// Closed reports that no member may stand beside Properties.
	Closed bool
	// Node reports that any template node may stand here; what it may hold depends on its kind (see Lookup).
	Node bool
	// Secret reports that a literal value here is a secret, which belongs into an argument override.
	Secret bool
	// HasMinimum and HasMaximum say whether Minimum and Maximum hold.
	HasMinimum, HasMaximum bool
	// Role says what the value means beyond its type: "plan", "region", "addonType" ...; see the Role constants.
	Role Role
	// Additional is the schema of the members that Properties does not name; meaningless if Closed.
	Additional SchemaID
	// Items is the schema of an array's elements.
	Items SchemaID
	// MinLength and MaxLength bound a string in Unicode code points; 0 means no bound.
	MinLength, MaxLength int32
	// MinItems and MaxItems bound an array; 0 means no bound.
	MinItems, MaxItems int32
	// Minimum and Maximum bound a number.
	Minimum, Maximum float64

	// Title and Doc describe the value, in Markdown.
	Title, Doc string
	// Properties are an object's members in the order in which the reference lists them.
	Properties []Property
	// order holds the positions of Properties sorted by name.
	order []uint8
	// Enum lists the only values that may stand here; Except lists texts that may not.
	Enum   []EnumValue
	Except []string
	// ExactlyOne lists properties of which one has to be there, and no other.
	ExactlyOne []string
	// Pattern must match somewhere in a string; nil means no pattern.
	Pattern *Pattern
	// OneOf and AnyOf are alternatives. At most one of the two is set, and then Types, Properties and bounds are not.
	OneOf, AnyOf []SchemaID
	// Discriminator is the property whose value tells object alternatives apart ("kind", "type"), if there is one.
	Discriminator string
	// Format is a JSON Schema format ("uuid", "email", "date-time"); it is documentation and not checked.
	Format string
	// Default is the platform's default as JSON text; empty if there is none.
	Default string
	// Examples are values as JSON text, the most useful first.
	Examples []string
	// Deprecated says what to write instead; empty if the form is current.
	Deprecated string
	// RefKinds are the node kinds whose output RefOutput a value here identifies: a buildId is the id of a Build.
	RefKinds  []string
	RefOutput string
}

// Property is a member that an object may have.
type Property struct {
	Name string
	// Doc describes the property in this very place, in Markdown.
	Doc string
	// Schema constrains the value.
	Schema SchemaID
	// Required reports that the object is refused without it; Expected that it is accepted without it, but should
	// not be written so.
	Required, Expected bool
	// Hidden reports a member that is accepted but not offered, such as an older spelling.
	Hidden bool
}

// EnumValue is one of the values an enumeration lists.
type EnumValue struct {
	// Text is the value: the text of a string, the JSON text of anything else.
	Text string
	// Type is the type of the value.
	Type TypeSet
	// Doc describes the value; it may be empty.
	Doc string
	// Hidden reports a value that is accepted but not offered, such as an older version.
	Hidden bool
}

// Property finds a member by its exact name. It does not allocate.
func (s *Schema) Property(name string) (*Property, bool) {
	lo, hi := 0, len(s.order)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		p := &s.Properties[s.order[mid]]
		switch c := strings.Compare(p.Name, name); {
		case c == 0:
			return p, true
		case c < 0:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return nil, false
}

// PropertyIndex is Property that tells the position in Properties; -1 if there is no such member.
func (s *Schema) PropertyIndex(name string) int {
	lo, hi := 0, len(s.order)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		i := int(s.order[mid])
		switch c := strings.Compare(s.Properties[i].Name, name); {
		case c == 0:
			return i
		case c < 0:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return -1
}

// Alternatives returns OneOf or AnyOf, whichever is set.
func (s *Schema) Alternatives() []SchemaID {
	if len(s.OneOf) > 0 {
		return s.OneOf
	}
	return s.AnyOf
}

// Role says what a value means to the platform, beyond its JSON type.
type Role string

// The roles that the schemas use.
const (
	RoleNone         Role = ""
	RolePlan         Role = "plan"         // the id of a resource plan, see Plans
	RoleRegion       Role = "region"       // the id of a region, see Regions
	RoleAddonType    Role = "addonType"    // an addon type, see AddonTypes
	RoleAddonVersion Role = "addonVersion" // a version of the addon type beside it
	RoleProjectID    Role = "projectId"    // the project that the node works in
	RoleNodeRef      Role = "nodeRef"      // the ref of another node of the document
	RoleRef          Role = "ref"          // the name that a node gives itself
	RoleResourceName Role = "resourceName" // the name that a resource's identifier is made from
	RoleArguments    Role = "arguments"    // argument names to values
	RoleEnvironment  Role = "environment"  // names to values for a container: ${X} may be meant for a shell
	RoleTag          Role = "tag"          // the name of a resource tag
	RoleStage        Role = "stage"        // a pipeline stage
	RoleGPUType      Role = "gpuType"      // a model of GPU, see GPUs
	RoleStorageClass Role = "storageClass" // a kind of disk, see StorageClasses
	RoleAddonKey     Role = "addonKey"     // a connection detail of the addon that the list is for, see AddonType.Keys
)
