package catalog

import (
	"encoding/json"
	"slices"
	"sort"
	"strings"
	"testing"
)

func TestLookup(t *testing.T) {
	for _, k := range Kinds() {
		if got, ok := Lookup(k.Name); !ok || got != k {
			t.Errorf("Lookup(%q) does not find it", k.Name)
		}
	}
	for _, name := range []string{"", "A", "addon", "Addon ", "Zzz", "Workflows"} {
		if k, ok := Lookup(name); ok {
			t.Errorf("Lookup(%q) finds %s", name, k.Name)
		}
	}
	if len(Kinds()) != 47 {
		t.Errorf("%d kinds, want 47", len(Kinds()))
	}
}

func TestKindsAreDescribed(t *testing.T) {
	categories := strings.Fields("workflow project service job addon secret release action network cloud infrastructure template")
	for _, k := range Kinds() {
		if k.Title == "" || k.Doc == "" || !slices.Contains(categories, k.Category) {
			t.Errorf("%s: title %q, category %q, description %q", k.Name, k.Title, k.Category, k.Doc)
		}
		if k.Node == 0 || k.Spec == 0 || k.Output == 0 {
			t.Errorf("%s lacks a schema", k.Name)
		}
		p, ok := k.Node.Schema().Property("kind")
		if !ok || len(p.Schema.Schema().Enum) != 1 || p.Schema.Schema().Enum[0].Text != k.Name {
			t.Errorf("the node schema of %s does not say its kind", k.Name)
		}
		var snippet struct{ Kind string }
		if err := json.Unmarshal([]byte(k.Snippet), &snippet); err != nil || snippet.Kind != k.Name {
			t.Errorf("the snippet of %s: %v", k.Name, err)
		}
	}
}

func TestDocuments(t *testing.T) {
	for _, name := range []string{"template", "releaseFlow", "previewEnv"} {
		d := Document(name)
		if d == nil || d.Title == "" || d.Doc == "" || d.Root == 0 || len(d.SpecKinds) == 0 {
			t.Fatalf("%s is not complete", name)
		}
		for _, k := range append(slices.Clone(d.SpecKinds), d.TeardownKinds...) {
			if _, ok := Lookup(k); !ok {
				t.Errorf("%s takes a kind %q that does not exist", name, k)
			}
		}
		spec, ok := d.Root.Schema().Property("spec")
		if !ok || !spec.Schema.Schema().Node || spec.Schema != AnyNode {
			t.Errorf("the spec of a %s is no node", name)
		}
	}
	if Document("pipeline") != nil {
		t.Error("Document invents a type")
	}
}

// eachSchema visits every schema that nodes and documents use, by the first path that leads to it.
func eachSchema(visit func(path string, id SchemaID)) {
	seen := map[SchemaID]bool{}
	var walk func(path string, id SchemaID)
	walk = func(path string, id SchemaID) {
		if id == 0 || seen[id] {
			return
		}
		seen[id] = true
		visit(path, id)
		s := id.Schema()
		for _, p := range s.Properties {
			walk(path+"."+p.Name, p.Schema)
		}
		walk(path+"[]", s.Items)
		walk(path+".*", s.Additional)
		for _, a := range s.Alternatives() {
			walk(path, a)
		}
	}
	for _, k := range Kinds() {
		walk(k.Name, k.Node)
		walk(k.Name+" output", k.Output)
	}
	for _, d := range []string{"template", "releaseFlow", "previewEnv"} {
		walk(d, Document(d).Root)
	}
	walk("node", AnyNode)
	walk("trigger", TriggerOutput)
}

// A description has to say more than the name does, and to fit a hover: bytes, Markdown included.
const shortestDoc, longestDoc = 26, 250

func TestEveryPropertyIsDescribed(t *testing.T) {
	properties := 0
	eachSchema(func(path string, id SchemaID) {
		for _, p := range id.Schema().Properties {
			properties++
			if !strings.HasSuffix(p.Doc, ".") && !strings.HasSuffix(p.Doc, "`") && !strings.HasSuffix(p.Doc, ")") {
				t.Errorf("%s.%s: description %q is no sentence", path, p.Name, p.Doc)
			}
			if len(p.Doc) < shortestDoc || len(p.Doc) > longestDoc {
				t.Errorf("%s.%s: description %q has %d bytes, want %d to %d", path, p.Name, p.Doc, len(p.Doc), shortestDoc, longestDoc)
			}
			if repeats(p.Doc, p.Name) {
				t.Errorf("%s.%s: description %q repeats the name", path, p.Name, p.Doc)
			}
		}
	})
	t.Logf("%d properties", properties)
}

// repeats reports whether a description has no words but those of the name, in any form of them.
func repeats(doc, name string) bool {
	const empty = " a an the of or and is are in on at to by as this its it for with from that "
	const stem = 4 // letters that forms of a word have in common
	stemOf := func(word string) string { return strings.ToLower(word[:min(stem, len(word))]) }
	var own []string
	for i, start := 1, 0; i <= len(name); i++ {
		if i == len(name) || name[i] >= 'A' && name[i] <= 'Z' {
			own = append(own, stemOf(name[start:i]))
			start = i
		}
	}
	for _, w := range strings.FieldsFunc(strings.ToLower(doc), func(r rune) bool { return r < 'a' || r > 'z' }) {
		if !strings.Contains(empty, " "+w+" ") && !slices.Contains(own, stemOf(w)) {
			return false
		}
	}
	return true
}

func TestWordsOfTheNameAreNoDescription(t *testing.T) {
	for doc, want := range map[string]bool{
		"The name.":                     true,
		"Kubernetes version.":           true,
		"The version of Kubernetes.":    true,
		"Version that the cluster runs": false,
	} {
		if got := repeats(doc, "kubernetesVersion") || repeats(doc, "name"); got != want {
			t.Errorf("%q repeats the name: %v, want %v", doc, got, want)
		}
	}
}

func TestSchemasAreConsistent(t *testing.T) {
	eachSchema(func(path string, id SchemaID) {
		s := id.Schema()
		if !sort.SliceIsSorted(s.order, func(i, j int) bool { return s.Properties[s.order[i]].Name < s.Properties[s.order[j]].Name }) || len(s.order) != len(s.Properties) {
			t.Errorf("%s: the order of properties is wrong", path)
		}
		for i := range s.Properties {
			name := s.Properties[i].Name
			if p, ok := s.Property(name); !ok || p != &s.Properties[i] || s.PropertyIndex(name) != i {
				t.Errorf("%s: %s is not found", path, name)
			}
		}
		if _, ok := s.Property("no such name"); ok || s.PropertyIndex("no such name") != -1 {
			t.Errorf("%s: a property is invented", path)
		}
		if n := len(s.Alternatives()); n == 1 || n > 0 && (s.Types != 0 || len(s.Properties) > 0) {
			t.Errorf("%s: %d alternatives beside types or properties", path, n)
		}
		if s.HasMinimum && s.HasMaximum && s.Minimum > s.Maximum || s.MaxLength > 0 && s.MinLength > s.MaxLength {
			t.Errorf("%s: bounds exclude every value", path)
		}
		for _, text := range append(slices.Clone(s.Examples), s.Default) {
			if text != "" && !json.Valid([]byte(text)) {
				t.Errorf("%s: %s is no JSON", path, text)
			}
		}
		if s.Pattern != nil && (s.Pattern.Form == "" || s.Pattern.Source == "" || s.Pattern.Regexp() == nil) {
			t.Errorf("%s: the pattern %q is not complete", path, s.Pattern.Source)
		}
		for _, kind := range s.RefKinds {
			k, ok := Lookup(kind)
			if !ok {
				t.Errorf("%s refers to a kind %q that does not exist", path, kind)
				continue
			}
			if _, ok := k.Output.Schema().Property(s.RefOutput); !ok {
				t.Errorf("%s refers to %s.%s, which is no output", path, kind, s.RefOutput)
			}
		}
		if s.Discriminator != "" {
			for _, a := range s.Alternatives() {
				if _, ok := a.Schema().Property(s.Discriminator); !ok {
					t.Errorf("%s: an alternative lacks %s", path, s.Discriminator)
				}
			}
		}
	})
}

func TestTablesAreComplete(t *testing.T) {
	for _, p := range Plans() {
		if got, ok := LookupPlan(p.ID); !ok || got.ID != p.ID || p.Kind == "" {
			t.Errorf("plan %+v", p)
		}
	}
	for _, r := range Regions() {
		if r.ID == "" || r.Name == "" {
			t.Errorf("region %+v", r)
		}
	}
	for _, a := range AddonTypes() {
		if got, ok := LookupAddonType(a.Type); !ok || got.Type != a.Type || a.Name == "" || len(a.Versions) == 0 || len(a.Keys) == 0 {
			t.Errorf("addon type %s is not complete", a.Type)
		}
	}
	if a, ok := LookupAddonType("postgres"); !ok || !a.Hidden || a.AliasOf != "postgresql" {
		t.Error("postgres is not the older name of postgresql")
	}
	if _, ok := LookupPlan("nf-compute-0"); ok {
		t.Error("a plan is invented")
	}
	if len(Plans()) == 0 || len(Regions()) == 0 || len(AddonTypes()) == 0 || len(GPUs()) == 0 || len(StorageClasses()) == 0 || len(AddonKeyPatterns()) == 0 {
		t.Error("a table is empty")
	}
}

func TestTypeSets(t *testing.T) {
	tests := []struct {
		set  TypeSet
		want string
	}{{0, "any value"}, {TypeString, "string"}, {TypeNumber | TypeInteger, "integer or number"}, {TypeArray | TypeNull, "array or null"}}
	for _, tt := range tests {
		if got := tt.set.String(); got != tt.want {
			t.Errorf("%08b is %q, want %q", tt.set, got, tt.want)
		}
	}
	if (TypeString | TypeNull).Has(TypeBoolean) || !(TypeString | TypeNull).Has(TypeNull) {
		t.Error("Has is wrong")
	}
}

func TestAnUnknownIDAcceptsEverything(t *testing.T) {
	if s := SchemaID(65535).Schema(); s.Types != 0 || s.Closed || len(s.Properties) > 0 {
		t.Errorf("schema of no ID is %+v", s)
	}
}

func BenchmarkLookup(b *testing.B) {
	for b.Loop() {
		k, _ := Lookup("CombinedService")
		p, _ := k.Spec.Schema().Property("healthChecks")
		if p == nil {
			b.Fatal("not found")
		}
	}
}

func TestSecretPathsLeadToWhatSchemasMarkAsSecret(t *testing.T) {
	for kind, want := range map[string]string{
		"Volume":                  "",
		"NoSuchKind":              "",
		"CustomDockerCredentials": "/spec/credentials/password",
		"AddonImport":             "/spec/connectionString",
		"Message":                 "/spec/spec/webhookUrl",
		"Project":                 "/spec/networking/tailscale/secrets/clientSecret",
		"BYOCIntegration": "/spec/credentials/accessToken /spec/credentials/apiKey /spec/credentials/applicationKey /spec/credentials/clientSecret " +
			"/spec/credentials/clientToken /spec/credentials/keyfileJson /spec/credentials/kubeconfig /spec/credentials/passphrase " +
			"/spec/credentials/privateKey /spec/credentials/secret /spec/credentials/secretKey",
	} {
		if got := strings.Join(SecretPaths(kind), " "); got != want {
			t.Errorf("%s takes secrets at %s, want %s", kind, got, want)
		}
	}
	if !slices.Contains(SecretPaths("CombinedService"), "/spec/ports/*/security/credentials/*/password") {
		t.Errorf("%v", SecretPaths("CombinedService"))
	}
}
