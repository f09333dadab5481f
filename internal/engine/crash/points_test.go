package crash

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestEveryPointIsListedAndPassed reads the source: each constant of type Point is
// in Points, so that the tests of crashes walk over it, and stands in the engine.
func TestEveryPointIsListedAndPassed(t *testing.T) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "crash.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	declared := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if typ, ok := spec.Type.(*ast.Ident); ok && typ.Name == "Point" {
			declared[spec.Names[0].Name] = strings.Trim(spec.Values[0].(*ast.BasicLit).Value, `"`)
		}
		return true
	})
	if len(declared) != len(Points()) {
		t.Errorf("%d points are declared, %d are listed", len(declared), len(Points()))
	}
	passed := passedPoints(t, files)
	for name, value := range declared {
		if !slices.Contains(Points(), Point(value)) {
			t.Errorf("Points does not list %s", name)
		}
		if !passed[name] {
			t.Errorf("no code passes %s", name)
		}
	}
}

// passedPoints are the names of the points that the engine's code passes.
func passedPoints(t *testing.T, files *token.FileSet) map[string]bool {
	t.Helper()
	passed := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 1 {
				return true
			}
			here, _ := call.Fun.(*ast.SelectorExpr)
			point, _ := call.Args[0].(*ast.SelectorExpr)
			if here != nil && point != nil && here.Sel.Name == "Here" {
				passed[point.Sel.Name] = true
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return passed
}
