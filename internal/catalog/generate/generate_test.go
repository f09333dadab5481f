package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

const (
	schemasDir = "../../../schemas"
	catalogDir = ".."
)

// generated is what the schemas of the repository compile to.
var generated = sync.OnceValues(func() (map[string][]byte, error) { return Generate(os.DirFS(schemasDir)) })

func TestGeneratedFilesAreUpToDate(t *testing.T) {
	files, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(catalogDir, name))
		if err != nil {
			t.Errorf("%s is missing: run `go generate ./internal/catalog`", name)
		} else if !bytes.Equal(got, want) {
			t.Errorf("%s differs from what the schemas say: run `go generate ./internal/catalog`", name)
		}
	}
	on, err := filepath.Glob(filepath.Join(catalogDir, "*_gen.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range on {
		if _, ok := files[filepath.Base(path)]; !ok {
			t.Errorf("%s has no source any more: run `go generate ./internal/catalog`", filepath.Base(path))
		}
	}
}

func TestSchemasForEditorsAreUpToDate(t *testing.T) {
	src, err := load(os.DirFS(schemasDir))
	if err != nil {
		t.Fatal(err)
	}
	files, err := src.EditorSchemas()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		if got, err := os.ReadFile(filepath.Join(schemasDir, "editor", name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("editor/%s differs from what the schemas say: run `go generate ./internal/catalog`", name)
		}
	}
}

func TestGenerationDependsOnTheSourcesOnly(t *testing.T) {
	first, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	second, err := Generate(os.DirFS(schemasDir))
	if err != nil {
		t.Fatal(err)
	}
	for name := range first {
		if !bytes.Equal(first[name], second[name]) {
			t.Errorf("two generations of %s differ", name)
		}
	}
}

func TestPatternsMeanTheSameInRE2(t *testing.T) {
	tests := []struct {
		name, pattern string
		match, refuse []string
	}{
		{"white space is Unicode's", `^a\sb$`, []string{"a b", "a\u00a0b", "a\vb", "a\u2028b"}, []string{"ab", "a-b"}},
		{"white space in a class", `^[a\s]+$`, []string{"a a", "\ufeff"}, []string{"b"}},
		{"every character", `^[\s\S]*$`, []string{"", "a\nb", "\u2028"}, nil},
		{"a dot ends at any line end", `^.$`, []string{"a", "é"}, []string{"\n", "\r", "\u2029"}},
		{"a dot in a class is a dot", `^[.]$`, []string{"."}, []string{"a"}},
		{"an escaped dot is a dot", `^\.$`, []string{"."}, []string{"a"}},
		{"an opening bracket in a class", `^[()[\]]+$`, []string{"[]()"}, []string{"{"}},
		{"a hyphen after a range", `^[0-9-._]+$`, []string{"0-9._"}, []string{"a"}},
		{"named groups", `^(?<a>x)$`, []string{"x"}, []string{"y"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			text, err := toRE2(tt.pattern)
			if err != nil {
				t.Fatal(err)
			}
			re := regexp.MustCompile(text)
			for _, s := range tt.match {
				if !re.MatchString(s) {
					t.Errorf("%s does not match %q", text, s)
				}
			}
			for _, s := range tt.refuse {
				if re.MatchString(s) {
					t.Errorf("%s matches %q", text, s)
				}
			}
		})
	}
}

func TestPatternsThatRE2CannotSayAreRefused(t *testing.T) {
	for _, p := range []string{`^(?!a)b$`, `\bword\b`, `^\S+$`, `(`} {
		if got, err := toRE2(p); err == nil {
			t.Errorf("toRE2(%q) = %q, want an error", p, got)
		}
	}
}

func TestMistakesInSchemasAreRefused(t *testing.T) {
	tests := []struct{ name, schema, err string }{
		{"a keyword that is not compiled", `{"type":"object","dependentRequired":{}}`, "not part of the vocabulary"},
		{"a required member that is no property", `{"type":"object","properties":{"a":{}},"required":["b"]}`, `"b" is required but no property`},
		{"a reference to no file", `{"type":"object","properties":{"a":{"$ref":"nothing.json"}}}`, "there is no file"},
		{"a reference to nothing", `{"type":"object","properties":{"a":{"$ref":"#/$defs/b"}}}`, "nothing stands at"},
		{"a schema within itself", `{"type":"object","properties":{"a":{"$ref":"#"}}}`, "refers to itself"},
		{"a key that stands twice", `{"type":"object","type":"object"}`, "stands twice"},
		{"a deprecation without advice", `{"type":"object","properties":{"a":{"type":"string","deprecated":true}}}`, "deprecationMessage"},
		{"texts that do not fit the values", `{"enum":["a","b"],"enumDescriptions":["A"],"type":"string"}`, "1 texts for 2 values"},
		{"look-around", `{"type":"string","pattern":"^(?!a)"}`, "pattern"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fsys := fstest.MapFS{}
			for _, dir := range []string{"definitions", "nodes", "documents", "outputs", "tables"} {
				fsys[dir+"/README.md"] = &fstest.MapFile{}
			}
			for _, name := range []string{"tables/plans.json", "tables/regions.json", "tables/addons.json", "outputs/trigger.json", "definitions/node.json"} {
				fsys[name] = &fstest.MapFile{Data: []byte(`{}`)}
			}
			fsys["definitions/x.json"] = &fstest.MapFile{Data: []byte(tt.schema)}
			_, err := Generate(fsys)
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error = %v, want one that says %q", err, tt.err)
			}
		})
	}
}
