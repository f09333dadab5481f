package local

import (
	"cmp"
	"regexp"
	"slices"
	"sync"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// A setting is a value of a variable or a file, and where it comes from.
type setting struct {
	value    any
	group    string // the secret group that it is inherited from, empty for the resource's own
	addon    string // that the group has it from
	priority float64
}

// settings are the values that names have, the one that counts last.
type settings map[string][]setting

func (s settings) add(values map[string]any, from setting) {
	for name, v := range values {
		from.value = v
		s[name] = append(s[name], from)
	}
}

// values are those that count, of a resource's own and of inherited ones.
func (s settings) values(own, inherited bool) map[string]any {
	values := map[string]any{}
	for name, candidates := range s {
		for _, v := range candidates {
			if v.group == "" && own || v.group != "" && inherited {
				values[name] = v.value
			}
		}
	}
	return values
}

// details tell of each name where its value comes from, and which ones it hides.
func (s settings) details() map[string]any {
	details := map[string]any{}
	for name, candidates := range s {
		last := candidates[len(candidates)-1]
		row := last.row()
		hidden := []any{}
		for _, v := range slices.Backward(candidates[:len(candidates)-1]) {
			hidden = append(hidden, v.row())
		}
		row["overriding"] = hidden
		details[name] = row
	}
	return details
}

func (v setting) row() map[string]any {
	row := map[string]any{"value": v.value}
	if v.group != "" {
		row["inheritedFrom"], row["priority"] = v.group, v.priority
	}
	if v.addon != "" {
		row["addonId"] = v.addon
	}
	return row
}

// A scope says what of a resource is asked for: the environment of what runs, or the
// arguments of builds.
type scope struct {
	secretType       string // "environment"
	variables, files string // properties of the specification
}

var (
	runtimeScope = scope{"environment", "runtimeEnvironment", "runtimeFiles"}
	buildScope   = scope{"arguments", "buildArguments", "buildFiles"}
)

// settingsOf collects what a resource gets from the secret groups that apply to it,
// the one of the highest priority last, and its own on top.
func (c *call) settingsOf(r *record, s scope) (variables, files settings, err error) {
	groups, err := c.tx.all("projects/" + r.projectID() + "/secrets")
	if err != nil {
		return nil, nil, err
	}
	groups = slices.DeleteFunc(groups, func(g *record) bool { return !applies(g, r, s.secretType) })
	slices.SortStableFunc(groups, func(a, b *record) int { return cmp.Compare(priority(a), priority(b)) })
	variables, files = settings{}, settings{}
	for _, g := range groups {
		linked, _, err := c.addonSecrets(g)
		if err != nil {
			return nil, nil, err
		}
		from := setting{group: g.id(), priority: priority(g)}
		for _, l := range linked {
			inherited := from
			inherited.addon = jsonvalue.String(l, "id")
			variables.add(jsonvalue.Object(l, "variables"), inherited)
		}
		variables.add(jsonvalue.Object(g.spec, "secrets.variables"), from)
		files.add(jsonvalue.Object(g.spec, "secrets.files"), from)
	}
	variables.add(jsonvalue.Object(r.spec, s.variables), setting{})
	files.add(jsonvalue.Object(r.spec, s.files), setting{})
	return variables, files, nil
}

func priority(group *record) float64 {
	n, _ := jsonvalue.Number(group.spec, "priority")
	return n
}

// applies tells whether a secret group is for a service or a job.
func applies(group, r *record, secretType string) bool {
	if of := jsonvalue.String(group.spec, "secretType"); of != secretType && of != "environment-arguments" {
		return false
	}
	if !jsonvalue.Bool(group.spec, "restrictions.restricted") {
		return true
	}
	for _, object := range jsonvalue.List(group.spec, "restrictions.nfObjects") {
		if jsonvalue.String(object, "id") == r.id() && jsonvalue.String(object, "type") == nounOf(r) {
			return true
		}
	}
	wanted, tags := jsonvalue.List(group.spec, "restrictions.tags"), jsonvalue.List(r.spec, "tags")
	has := func(tag any) bool { return slices.Contains(tags, tag) }
	if jsonvalue.String(group.spec, "restrictions.tagMatchCondition") == "and" {
		return len(wanted) > 0 && !slices.ContainsFunc(wanted, func(tag any) bool { return !has(tag) })
	}
	return slices.ContainsFunc(wanted, has)
}

// templated is a reference to another variable in a variable's value.
var templated = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`) })

// replaced puts values in the place of references to them. Unknown names stay.
func replaced(values, known map[string]any) map[string]any {
	out := map[string]any{}
	for name, v := range values {
		if text, ok := v.(string); ok {
			v = templated().ReplaceAllStringFunc(text, func(reference string) string {
				if value, ok := known[reference[2:len(reference)-1]].(string); ok {
					return value
				}
				return reference
			})
		}
		out[name] = v
	}
	return out
}

// showsSettings answers with the values of a scope.
func showsSettings(owner func(*call) (*record, error), s scope) handler {
	return func(c *call) (any, error) {
		r, err := owner(c)
		if err != nil {
			return nil, err
		}
		show := orDefault(c.params.Query["show"], "all")
		if !slices.Contains([]string{"this", "inherited", "all"}, show) {
			return nil, platform.Invalid("show", "is %q; it is one of this, inherited, all", show)
		}
		variables, files, err := c.settingsOf(r, s)
		if err != nil {
			return nil, err
		}
		own, inherited := show != "inherited", show != "this"
		values := variables.values(own, inherited)
		if c.params.Query["replaceTemplatedValues"] == "true" {
			values = replaced(values, variables.values(true, true))
		}
		return map[string]any{s.variables: values, s.files: files.values(own, inherited)}, nil
	}
}

// showsSettingDetails answers with where the values of a scope come from.
func showsSettingDetails(owner func(*call) (*record, error), s scope) handler {
	return func(c *call) (any, error) {
		r, err := owner(c)
		if err != nil {
			return nil, err
		}
		variables, files, err := c.settingsOf(r, s)
		if err != nil {
			return nil, err
		}
		return map[string]any{s.variables: variables.details(), s.files: files.details()}, nil
	}
}
