package analysis

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// checkTable hints at plans, regions and addon types that the tables do not
// have, and at older names of those that they have. Teams may have their own,
// so only what is one slip of the keyboard away from a known one is more than a
// hint.
func checkTable(r *reporter, noted validate.Noted) {
	v := noted.Value
	if v.Kind() != syntax.KindString {
		return
	}
	text := v.Text()
	if text == "" || strings.Contains(text, "${") {
		return
	}
	table := tableOf(noted.Schema.Role)
	if table.current[text] {
		checkBuildPlan(r, noted, text)
		return
	}
	if newer, ok := table.older[text]; ok {
		r.add(CodeDeprecatedForm, v.Range(), fmt.Sprintf("%q is the older name of %q.", text, newer),
			withFix("Change to "+newer, syntax.Edit{Range: v.Range(), NewText: edit.Quote(newer)}), deprecated)
		return
	}
	near := validate.Closest(text, table.names)
	if near == "" {
		r.add(CodeUnknownPlan, v.Range(),
			fmt.Sprintf("%q is none of the %ss that Northflank offers to everybody; it works only if your team has one of this name.", text, table.what))
		return
	}
	level := Warning
	if withoutDigits(text) == withoutDigits(near) {
		level = Hint // a new size or version of a known one
	}
	r.addAt(level, CodeUnknownPlan, v.Range(),
		fmt.Sprintf("%q is none of the %ss that Northflank offers to everybody; did you mean %q?", text, table.what, near),
		withFix("Change to "+near, syntax.Edit{Range: v.Range(), NewText: edit.Quote(near)}))
}

// checkBuildPlan warns of a plan that is too small to build with.
func checkBuildPlan(r *reporter, noted validate.Noted, id string) {
	plan, ok := catalog.LookupPlan(id)
	if !ok || noted.Member.KeyText() != "buildPlan" || plan.Build || plan.CPU == 0 {
		return
	}
	r.addAt(Warning, CodeUnknownPlan, noted.Value.Range(),
		fmt.Sprintf("%q is no plan that builds can run on; the smallest one is %q.", id, smallestBuildPlan),
		withFix("Change to "+smallestBuildPlan, syntax.Edit{Range: noted.Value.Range(), NewText: edit.Quote(smallestBuildPlan)}))
}

// smallestBuildPlan is the first plan of the table with which the platform builds.
const smallestBuildPlan = "nf-compute-400-16"

func withoutDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) || r == '-' {
			return -1
		}
		return r
	}, s)
}

// table is what is known about one of the lists that the platform keeps.
type table struct {
	what    string
	current map[string]bool
	older   map[string]string // older name → current name
	names   []string          // the current ones, for suggestions
}

func (t *table) add(name, newer string, hidden bool) {
	switch {
	case newer != "":
		t.older[name] = newer
	default:
		t.current[name] = true
		if !hidden {
			t.names = append(t.names, name)
		}
	}
}

func newTable(what string) *table {
	return &table{what: what, current: map[string]bool{}, older: map[string]string{}}
}

func tableOf(role catalog.Role) *table {
	switch role {
	case catalog.RoleRegion:
		return regionTable()
	case catalog.RoleAddonType:
		return addonTypeTable()
	default:
		return planTable()
	}
}
