package changes

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

const shop = `{
  "apiVersion": "v1.2",
  "name": "Shop",
  "arguments": { "SIZE": 1.0 },
  "spec": {
    "kind": "Workflow",
    "spec": {
      "type": "sequential",
      "steps": [
        {
          "kind": "Addon",
          "ref": "db",
          "spec": { "name": "database", "plan": "small" }
        },
        {
          "kind": "Addon",
          "spec": { "name": "The cache", "plan": "small" }
        },
        {
          "kind": "Workflow",
          "ref": "jobs",
          "spec": {
            "type": "parallel",
            "steps": [
              { "kind": "Condition", "spec": { "kind": "Service" } }
            ]
          }
        }
      ]
    }
  }
}
`

func swap(old, new string, more ...string) string {
	return strings.NewReplacer(append([]string{old, new}, more...)...).Replace(shop)
}

var cases = []struct{ name, after, want string }{
	{"nothing", shop, ""},
	{"another formatting", strings.ReplaceAll(shop, "\n  ", "\n    "), ""},
	{"another spelling", swap("1.0", "1", `"small"`, `"sm\u0061ll"`), ""},
	{"a comma alone", swap(`"plan": "small" }
        },`, `"plan": "small"
          }
        }
        ,`), ""},
	{"one node", swap(`"database", "plan": "small"`, `"database", "plan": "large"`), "changed db (Addon) /spec/spec/steps/0"},
	{"a node without a ref", swap(`"The cache", "plan": "small"`, `"The cache", "plan": "large"`), "changed The cache (Addon) /spec/spec/steps/1"},
	{"an argument", swap(`"SIZE": 1.0`, `"SIZE": 2`), "changed arguments /arguments"},
	{"a workflow's type, and not its steps", swap("parallel", "sequential"), "changed jobs (Workflow) /spec/spec/steps/2"},
	{"a node in a workflow, and not the workflow", swap(`{ "kind": "Service" }`, `{ "kind": "Job" }`), "changed Condition (Condition) /spec/spec/steps/2/spec/steps/0"},
	{"a node that came", swap(`"steps": [
        {`, `"steps": [
        { "kind": "Addon", "ref": "new", "spec": { "name": "new one" } },
        {`), "added new (Addon) /spec/spec/steps/0"},
	{"a node that went", swap(`        {
          "kind": "Addon",
          "spec": { "name": "The cache", "plan": "small" }
        },
`, ""), "removed The cache (Addon) /spec/spec/steps/1"},
	{"a ref that is another one", swap(`"ref": "db"`, `"ref": "database"`), "added database (Addon) /spec/spec/steps/0; removed db (Addon) /spec/spec/steps/0"},
}

func show(list []Change) string {
	var out []string
	for _, c := range list {
		kind := ""
		if c.Kind != "" {
			kind = " (" + c.Kind + ")"
		}
		out = append(out, fmt.Sprintf("%s %s%s %s", c.What, c, kind, c.Path))
	}
	return strings.Join(out, "; ")
}

func TestBetween(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := show(Between(syntax.Parse(shop), syntax.Parse(c.after))); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// With Git's own hunks the same is found.
func TestFromDiff(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("there is no git")
	}
	dir := t.TempDir()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for name, text := range map[string]string{"a": shop, "b": c.after} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.Command("git", "diff", "--no-index", "-U0", "--no-color", "a", "b")
			cmd.Dir = dir
			out, _ := cmd.Output() // it exits with 1 where there is a difference
			list, err := FromDiff(syntax.Parse(shop), syntax.Parse(c.after), out)
			if err != nil {
				t.Fatal(err)
			}
			if got := show(list); got != c.want {
				t.Errorf("got  %s\nwant %s\nof\n%s", got, c.want, out)
			}
		})
	}
	if _, err := FromDiff(syntax.Parse(shop), syntax.Parse(shop), []byte("no diff\n@@ at all")); err == nil {
		t.Error("what is no diff was read")
	}
}

func TestAMovedNode(t *testing.T) {
	db := shop[strings.Index(shop, "        {\n          \"kind\": \"Addon\",\n          \"ref\""):strings.Index(shop, "        {\n          \"kind\": \"Addon\",\n          \"spec\"")]
	after := strings.Replace(strings.Replace(shop, db, "", 1), `        {
          "kind": "Workflow",`, db+`        {
          "kind": "Workflow",`, 1)
	list := Between(syntax.Parse(shop), syntax.Parse(after))
	for _, c := range list {
		if c.What != Moved {
			t.Errorf("%s is %s", c, c.What)
		}
	}
	if len(list) == 0 {
		t.Error("nothing was moved")
	}
}

func TestSummary(t *testing.T) {
	for want, list := range map[string][]Change{
		"":                          nil,
		"change db":                 {{What: Changed, Node: "db"}},
		"add a, change b, remove c": {{What: Removed, Node: "c"}, {What: Added, Node: "a"}, {What: Changed, Node: "b"}},
		"change a, b, c and 2 more": {{What: Changed, Node: "a"}, {What: Changed, Node: "b"}, {What: Changed, Node: "c"}, {What: Changed, Node: "d"}, {What: Changed, Node: "e"}},
		"change arguments and db":   {{What: Changed, Property: "arguments"}, {What: Changed, Node: "db"}},
	} {
		if got := Summary(list); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func FuzzBetween(f *testing.F) {
	for _, c := range cases {
		f.Add(shop, c.after)
	}
	f.Add("{", "[")
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := syntax.Parse(a), syntax.Parse(b)
		if list := Between(x, syntax.Parse(a)); len(list) > 0 {
			t.Fatalf("a text differs from itself: %s", show(list))
		}
		Between(x, y)
	})
}
