package architecture

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/nf-lsp/nf-lsp/"

// layer is a set of packages with the same rights.
type layer struct {
	name string
	// packages are paths below the module; each stands for itself and for what lies below it, as far as no other layer
	// names that more closely.
	packages []string
	// uses are the other layers that it may import.
	uses []string
	// pure layers do no I/O: they import nothing that reaches a file, a process or the network.
	pure bool
}

// The layers of docs/architecture.md. A package that is in none of them fails the test: say where it stands.
var layers = []layer{
	{name: "syntax", packages: []string{"internal/syntax"}, pure: true},
	{name: "persistent", packages: []string{"internal/persistent"}, pure: true},
	{name: "expr", packages: []string{"internal/expr"}, uses: []string{"syntax"}, pure: true},
	{name: "catalog", packages: []string{"internal/catalog"}, uses: []string{"syntax", "expr"}, pure: true},
	{name: "schemas", packages: []string{"schemas"}},
	{name: "assertion", packages: []string{"internal/catalog/assert"}, uses: []string{"catalog", "schemas"}},
	{name: "oracle", packages: []string{"internal/catalog/validate/oracle"}, uses: []string{"syntax", "expr", "catalog", "schemas"}},
	{name: "template", packages: []string{"internal/template"}, uses: []string{"persistent", "syntax", "expr", "catalog"}, pure: true},
	{name: "analysis", packages: []string{"internal/analysis"}, uses: []string{"persistent", "syntax", "expr", "catalog", "template"}, pure: true},
	{name: "graph", packages: []string{"internal/graph"}, uses: []string{"syntax", "expr", "catalog", "template"}, pure: true},
	{name: "source", packages: []string{"internal/source"}},
	{name: "settings", packages: []string{"internal/settings"}, uses: []string{"syntax", "catalog", "analysis", "source"}},
	{name: "terminal", packages: []string{"internal/terminal"}},
	{name: "version", packages: []string{"internal/version"}},
	{name: "filelock", packages: []string{"internal/filelock"}},
	{name: "diskfull", packages: []string{"internal/diskfull"}},
	{name: "wal", packages: []string{"internal/wal"}},
	{name: "trigger", packages: []string{"internal/trigger"}, pure: true},
	{name: "platform", packages: []string{"internal/platform"}, uses: []string{"syntax", "expr", "catalog", "trigger"}},
	{name: "local target", packages: []string{"internal/platform/local"}, uses: []string{"syntax", "expr", "catalog", "trigger", "platform", "filelock", "diskfull", "wal"}},
	{name: "hosted target", packages: []string{"internal/platform/northflank"}, uses: []string{"syntax", "expr", "catalog", "platform"}},
	{name: "container target", packages: []string{"internal/platform/container"}, uses: []string{"syntax", "expr", "catalog", "platform"}},
	{name: "stored documents", packages: []string{"internal/platform/stored"}, uses: []string{"syntax", "expr", "catalog", "platform"}},
	{name: "carrier", packages: []string{"internal/platform/carrier"}, uses: []string{"syntax", "expr", "catalog", "platform", "stored documents"}},
	{name: "opentofu", packages: []string{"internal/platform/tofu"}, uses: []string{"platform", "filelock"}},
	{name: "messages", packages: []string{"internal/platform/message"}, uses: []string{"platform"}},
	{name: "importer", packages: []string{"internal/importer"}, uses: []string{"syntax", "expr", "catalog", "platform"}},
	{name: "engine", packages: []string{"internal/engine"}, uses: []string{"syntax", "expr", "catalog", "template", "analysis", "platform", "source", "version", "filelock", "diskfull", "wal"}},
	{name: "picture", packages: []string{"internal/engine/picture"}, uses: []string{"engine", "graph", "platform"}},
	{name: "gitops", packages: []string{"internal/gitops"}, uses: []string{"syntax", "expr", "catalog", "template", "analysis", "platform", "engine", "filelock", "source", "version"}},
	{name: "lsp", packages: []string{"internal/lsp"}, uses: []string{"syntax", "expr", "catalog", "schemas", "template", "analysis", "graph", "platform", "engine", "gitops", "source", "settings", "version"}},
	{name: "api", packages: []string{"internal/api"}, uses: []string{"syntax", "catalog", "trigger", "platform", "local target", "engine", "graph", "picture", "gitops", "version"}},
	{name: "telemetry", packages: []string{"internal/telemetry"}, uses: []string{"engine", "version"}},
	{name: "nf-lsp", packages: []string{"cmd/nf-lsp"}, uses: []string{"lsp", "version"}},
	{name: "nf-run", packages: []string{"cmd/nf-run"}, uses: []string{
		"syntax", "expr", "catalog", "assertion", "template", "analysis", "graph", "trigger", "platform", "local target", "hosted target", "stored documents", "carrier", "messages", "opentofu", "importer", "container target",
		"engine", "picture", "gitops", "api", "telemetry", "terminal", "source", "settings", "version",
	}},
	{name: "measured analysis", packages: []string{"bench/analysis"}, uses: []string{"syntax", "analysis"}},
	{name: "measured commits", packages: []string{"bench/commits"}, uses: []string{"platform", "local target", "engine"}},
	{name: "measured sync", packages: []string{"bench/sync"}, uses: []string{"gitops"}},
	{name: "tools", packages: []string{"internal/catalog/generate", "internal/architecture", "internal/truth", "internal/fuzzing", "scripts", "packaging", "bench"}},
}

// libraries that have one place in the house: path prefix to the layers that may import it.
var libraries = map[string][]string{
	"go.lsp.dev/":                {"lsp"},
	"github.com/tliron/glsp":     {}, // only tests
	"github.com/spf13/cobra":     {"nf-run"},
	"modernc.org/sqlite":         {"engine", "local target", "diskfull"},
	"filippo.io/age":             {"engine"},
	"github.com/zalando/":        {"engine"},
	"github.com/dlclark/regexp2": {"expr"},
	"github.com/bmatcuk/":        {"settings"},
	"github.com/fsnotify/":       {"gitops", "lsp"},
	"github.com/rivo/uniseg":     {"terminal"},
}

// What reaches outside of the process. net/url only parses.
var impure = []string{"os", "net", "io/fs", "io/ioutil", "syscall", "database/sql", "log", "plugin"}

// violations checks a graph of packages, paths below the module for our own and full ones for others, and answers a
// sentence for each import that breaks a rule, sorted.
func violations(graph map[string][]string) []string {
	var found []string
	for pkg, imports := range graph {
		from := layerOf(pkg)
		if from == nil {
			found = append(found, fmt.Sprintf("%s stands in no layer: add it to the table", pkg))
			continue
		}
		for _, imported := range imports {
			if own, ok := strings.CutPrefix(imported, module); ok {
				to := layerOf(own)
				if to != nil && to.name != from.name && !slices.Contains(from.uses, to.name) {
					found = append(found, fmt.Sprintf("%s (%s) imports %s (%s)", pkg, from.name, own, to.name))
				}
				continue
			}
			if from.pure && reachesOutside(imported) {
				found = append(found, fmt.Sprintf("%s (%s) imports %s, and does no I/O", pkg, from.name, imported))
			}
			for library, allowed := range libraries {
				if strings.HasPrefix(imported, library) && !slices.Contains(allowed, from.name) {
					found = append(found, fmt.Sprintf("%s (%s) imports %s", pkg, from.name, imported))
				}
			}
		}
	}
	slices.Sort(found)
	return found
}

// layerOf finds the layer that names a package most closely.
func layerOf(pkg string) *layer {
	var best *layer
	length := 0
	for i := range layers {
		for _, prefix := range layers[i].packages {
			if (pkg == prefix || strings.HasPrefix(pkg, prefix+"/")) && len(prefix) > length {
				best, length = &layers[i], len(prefix)
			}
		}
	}
	return best
}

func reachesOutside(imported string) bool {
	return imported != "net/url" && slices.ContainsFunc(impure, func(root string) bool {
		return imported == root || strings.HasPrefix(imported, root+"/")
	})
}

const root = "../.."

// sources calls visit for each Go file that ships, with the path of its package below the module.
func sources(t *testing.T, below string, mode parser.Mode, visit func(pkg string, file *ast.File)) {
	t.Helper()
	files := token.NewFileSet()
	err := filepath.WalkDir(filepath.Join(root, below), func(name string, entry fs.DirEntry, err error) error {
		base := entry.Name()
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (base == "testdata" || base == "node_modules" || base != ".." && strings.HasPrefix(base, ".")):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(base, ".go") || strings.HasSuffix(base, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(files, name, nil, mode)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, filepath.Dir(name))
		visit(filepath.ToSlash(relative), file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestImportsRunOneWay(t *testing.T) {
	graph := map[string][]string{}
	sources(t, ".", parser.ImportsOnly, func(pkg string, file *ast.File) {
		graph[pkg] = slices.Grow(graph[pkg], len(file.Imports))
		for _, imported := range file.Imports {
			graph[pkg] = append(graph[pkg], strings.Trim(imported.Path.Value, `"`))
		}
	})
	for _, needed := range []string{"cmd/nf-lsp", "cmd/nf-run", "internal/syntax", "internal/analysis", "internal/engine"} {
		if len(graph[needed]) == 0 {
			t.Errorf("%s was not found: the test looks in the wrong place", needed)
		}
	}
	for _, violation := range violations(graph) {
		t.Error(violation)
	}
}

func TestSyntaxAndExpressionsKnowNothingOfNorthflank(t *testing.T) {
	for _, below := range []string{"internal/syntax", "internal/expr"} {
		sources(t, below, parser.SkipObjectResolution, func(pkg string, file *ast.File) {
			ast.Inspect(file, func(n ast.Node) bool {
				word := ""
				switch n := n.(type) {
				case *ast.ImportSpec:
					return false
				case *ast.Ident:
					word = n.Name
				case *ast.BasicLit:
					word = n.Value
				}
				if strings.Contains(strings.ToLower(word), "northflank") {
					t.Errorf("%s says %s", pkg, word)
				}
				return true
			})
		})
	}
}

func TestViolations(t *testing.T) {
	cases := []struct {
		name    string
		from    string
		imports string
		want    string // part of the sentence; empty: allowed
	}{
		{"a layer may use what stands left of it", "internal/analysis", module + "internal/expr", ""},
		{"a layer may use its own parts", "internal/lsp", module + "internal/lsp/wire", ""},
		{"a layer may not use what stands right of it", "internal/syntax", module + "internal/expr", "internal/syntax (syntax) imports internal/expr (expr)"},
		{"the model knows no analysis", "internal/template", module + "internal/analysis", "(template) imports internal/analysis"},
		{"the platform knows no templates", "internal/platform", module + "internal/template", "(platform) imports internal/template"},
		{"a target knows no templates", "internal/platform/local", module + "internal/template", "(local target) imports internal/template"},
		{"the contract knows no target", "internal/platform", module + "internal/platform/local", "(platform) imports internal/platform/local"},
		{"a target knows no other target", "internal/platform/northflank", module + "internal/platform/local", "imports internal/platform/local"},
		{"the engine knows the contract and no target", "internal/engine", module + "internal/platform/local", "(engine) imports internal/platform/local"},
		{"the engine knows the contract", "internal/engine/journal", module + "internal/platform", ""},
		{"the server's main needs only the server", "cmd/nf-lsp", module + "internal/analysis", "(nf-lsp) imports internal/analysis"},
		{"the runner needs no server", "cmd/nf-run", module + "internal/lsp", "(nf-run) imports internal/lsp"},
		{"nothing imports a main", "internal/lsp", module + "cmd/nf-lsp", "imports cmd/nf-lsp"},
		{"the analysis opens no file", "internal/analysis", "os", "does no I/O"},
		{"the analysis starts no process", "internal/analysis", "os/exec", "does no I/O"},
		{"the catalogue's look-up makes no request", "internal/catalog", "net/http", "does no I/O"},
		{"parsing an address is no I/O", "internal/analysis", "net/url", ""},
		{"the generator of the catalogue is a tool and reads files", "internal/catalog/generate", "os", ""},
		{"the analysis knows no LSP type", "internal/analysis", "go.lsp.dev/protocol", "imports go.lsp.dev/protocol"},
		{"the old LSP types are for tests alone", "internal/lsp", "github.com/tliron/glsp/protocol_3_16", "imports github.com/tliron/glsp"},
		{"the analysis reads no settings", "internal/analysis", module + "internal/settings", "(analysis) imports internal/settings"},
		{"the engine reads no settings", "internal/engine", module + "internal/settings", "(engine) imports internal/settings"},
		{"the command library stays in the command", "internal/engine", "github.com/spf13/cobra", "imports github.com/spf13/cobra"},
		{"a package that nobody has placed is found", "internal/newcomer", "fmt", "stands in no layer"},
		{"a name that only begins like a layer's is not in it", "internal/lspclient", "fmt", "stands in no layer"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			found := violations(map[string][]string{c.from: {c.imports}})
			switch {
			case c.want == "" && len(found) > 0:
				t.Errorf("found %q", found)
			case c.want != "" && (len(found) != 1 || !strings.Contains(found[0], c.want)):
				t.Errorf("found %q, want one with %q", found, c.want)
			}
		})
	}
}

// The table is read from left to right: a layer that may use another never stands before it.
func TestTheTableRunsOneWayItself(t *testing.T) {
	place := map[string]int{}
	for i, l := range layers {
		place[l.name] = i
	}
	for i, l := range layers {
		for _, used := range l.uses {
			if at, ok := place[used]; !ok || at >= i {
				t.Errorf("%s may use %s, which does not stand before it", l.name, used)
			}
		}
		for _, pkg := range l.packages {
			if path.Clean(pkg) != pkg || layerOf(pkg).name != l.name {
				t.Errorf("%s is not the package of %s alone", pkg, l.name)
			}
		}
	}
}
