package expr

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// docs/expressions.md is written from the function table, so it cannot lag
// behind it: go test ./internal/expr -run Reference -update
func TestTheReferencePageIsTheFunctionTable(t *testing.T) {
	const page = "../../docs/expressions.md"
	want := referencePage()
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/expressions.md is not what the function table says; run this test with -update")
	}
}

func referencePage() string {
	var b strings.Builder
	b.WriteString(referenceIntroduction)
	family := ""
	for _, f := range Functions() {
		if f.Family != family {
			family = f.Family
			fmt.Fprintf(&b, "\n## %s\n", family)
		}
		fmt.Fprintf(&b, "\n### %s\n\n```\n%s\n```\n\n%s\n", f.Name, f.Signature(), f.Doc)
		for _, p := range f.Params {
			if p.Doc == "" && len(p.Enum) == 0 {
				continue
			}
			fmt.Fprintf(&b, "\n- `%s`", p.Name)
			if p.Optional {
				b.WriteString(" (optional)")
			}
			if p.Doc != "" {
				b.WriteString(": " + p.Doc)
			}
			if len(p.Enum) > 0 {
				fmt.Fprintf(&b, " One of `%s`.", strings.Join(p.Enum, "`, `"))
			}
		}
		if len(f.Params) > 0 {
			b.WriteString("\n")
		}
		switch {
		case f.Example == "":
		case f.Gives == "":
			fmt.Fprintf(&b, "\nExample: `%s`\n", f.Example)
		default:
			fmt.Fprintf(&b, "\nExample: `%s` gives `%s`\n", f.Example, f.Gives)
		}
	}
	return b.String()
}

const referenceIntroduction = `# Expressions

Any string of a template may hold expressions: ` + "`${ ... }`" + `, any number of them. A string that is exactly one expression
keeps the type of its value, so ` + "`\"${fn.if(fn.eq(args.branch, 'main'), 3, 1)}\"`" + ` is the number 3; otherwise the values are joined
into a text.

| form | means |
|---|---|
| ` + "`${refs.NAME.path}`" + ` | a part of the output of the node whose ` + "`ref`" + ` is NAME; positions of lists are written with dots: ` + "`ports.0.dns`" + ` |
| ` + "`${args.NAME}`" + ` | an argument of the document |
| ` + "`${secrets.ID.values.KEY}`" + ` | a value of a global secret |
| ` + "`${fn.NAME(...)}`" + ` | a function; inside, roots are written bare: ` + "`fn.eq(args.branch, 'main')`" + ` |
| ` + "`${iteration.NAME}`" + ` | in a loop: a part of the data of the iteration, as this project takes it (see [fidelity.md](fidelity.md)) |
| ` + "`${template.refs.NAME.id}`" + ` | in a nested document: resolved by the template around it |
| ` + "`${{ ... }}`" + ` | resolved by the platform when a container starts; left as it is |
| ` + "`\\\\${`" + ` in JSON | a literal ` + "`${`" + ` |

Literals are texts in single or double quotes, numbers, ` + "`true`, `false`, `null`, `undefined`" + `, lists ` + "`[1, 2]`" + `, regular
expressions ` + "`/x/gi`" + ` and arrow functions ` + "`(item, index) => ...`" + `.

Outside of a call everything has to resolve. Among the arguments of a function what does not resolve is ` + "`undefined`" + ` and
counts as false. Truth, the text of numbers, ` + "`slice`" + ` and regular expressions are JavaScript's. A value that a secret went into
is a secret, whatever function made it.

This page is written from the function table.
`
