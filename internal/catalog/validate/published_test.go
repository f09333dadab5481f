package validate_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/schemas"
)

// Any editor offers defaults and examples as the files have them, so each has to fit the very schema that it stands in.
func TestPublishedDefaultsAndExamplesFitTheirOwnSchema(t *testing.T) {
	const dir = "../../../schemas"
	c := publishedCompiler(dir)
	checked := 0
	for _, sub := range []string{"definitions", "nodes", "documents"} {
		files, err := filepath.Glob(filepath.Join(dir, sub, "*.json"))
		if err != nil || len(files) == 0 {
			t.Fatal(sub, err)
		}
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			var root any
			if err := json.Unmarshal(text, &root); err != nil {
				t.Fatal(err)
			}
			base := schemas.Base + sub + "/" + filepath.Base(f)
			eachOffer(root, "", func(pointer string, values []any) {
				s, err := c.Compile(base + "#" + pointer)
				if err != nil {
					t.Fatal(err)
				}
				for _, v := range values {
					checked++
					if err := s.Validate(v); err != nil {
						t.Errorf("%s/%s%s: %v does not fit: %v", sub, filepath.Base(f), pointer, v, err)
					}
				}
			})
		}
	}
	if checked == 0 {
		t.Error("there is nothing to check")
	}
	t.Logf("%d defaults and examples", checked)
}

// eachOffer visits each schema in a value that has defaults or examples.
func eachOffer(v any, pointer string, visit func(pointer string, values []any)) {
	switch v := v.(type) {
	case map[string]any:
		var values []any
		if list, ok := v["examples"].([]any); ok {
			values = append(values, list...)
		}
		if d, ok := v["default"]; ok && !strings.HasSuffix(pointer, "/properties") {
			values = append(values, d)
		}
		if len(values) > 0 {
			visit(pointer, values)
		}
		for name, m := range v {
			switch name {
			case "examples", "default", "enum", "const", "x-nf-kind", "x-nf-document":
			default:
				eachOffer(m, pointer+"/"+strings.NewReplacer("~", "~0", "/", "~1").Replace(name), visit)
			}
		}
	case []any:
		for i, m := range v {
			eachOffer(m, pointer+"/"+strconv.Itoa(i), visit)
		}
	}
}
