package engine

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// secrecy decides which arguments are secrets. The first that applies counts:
//
//   - what the declaration says, or who has stored the value;
//   - a name that is one of a secret, such as DB_PASSWORD;
//   - an argument that is declared to be a number or a truth value is none;
//   - an argument that is written in full where everybody can read it, into a
//     name, a region, a plan or another identifier, is none;
//   - a value that came as an override is one, as overrides are for secrets;
//   - so is an argument that a property takes which is for secrets.
func (c *compiler) secrecy() {
	var open []*slot // undecided
	for i := range c.slots {
		s := &c.slots[i]
		switch {
		case s.declaration.SecretKnown:
			s.secret = s.declaration.Secret
		case s.open:
		case secretName(s.name):
			s.secret = true
		case s.declaration.Type == "number" || s.declaration.Type == "integer" || s.declaration.Type == "boolean":
		default:
			open = append(open, s)
		}
	}
	if len(open) > 0 {
		f := c.flows()
		for _, s := range open {
			s.secret = !f.shown[s.name] && (s.layered || f.hidden[s.name])
		}
	}
	for i := range c.slots {
		if at, ok := c.args[c.slots[i].name]; ok {
			c.program.Arguments[at].Secret = c.slots[i].secret
		}
	}
}

// flows say where the document writes its arguments.
type flows struct {
	hidden map[string]bool // into properties for secrets
	shown  map[string]bool // in full into identifiers
}

// flows follows the arguments of the document, through other arguments too.
func (c *compiler) flows() *flows {
	f := &flows{map[string]bool{}, map[string]bool{}}
	for _, s := range c.doc.Scopes() {
		for _, n := range s.Nodes() {
			f.facts(n.Kind, n.Value(), n.Facts, "", s != c.doc.Main)
		}
	}
	f.facts("Project", c.doc.Main.Value.Get("project"), c.doc.Main.Facts, "/project", false)
	for name := range f.hidden {
		c.spread(name, f.hidden)
	}
	return f
}

// spread marks the arguments that the value of a marked one is made of.
func (c *compiler) spread(name string, marked map[string]bool) {
	s := c.slot(name)
	if s == nil {
		return
	}
	for _, u := range s.uses {
		if from, ok := u.ArgumentName(); ok && !marked[from] {
			marked[from] = true
			c.spread(from, marked)
		}
	}
}

// facts looks at the expressions of a node that stand below a pointer. In nested
// documents only what is under `template.` means arguments of this one.
func (f *flows) facts(kind string, node syntax.Value, facts *template.Facts, below string, nested bool) {
	if facts == nil {
		return
	}
	for _, e := range facts.Expressions {
		rest, ok := strings.CutPrefix(e.Pointer, below+"/")
		if !ok {
			continue
		}
		where, looked := anyPlace, false
		for _, u := range e.Uses {
			name, ok := u.ArgumentName()
			if !ok || u.Ref.Template != nested {
				continue
			}
			if !looked {
				where, looked = placeOf(kind, node, rest), true
			}
			switch {
			case where == secretPlace:
				f.hidden[name] = true
			case where == identifierPlace && !u.InCall && len(u.Ref.Segments) == 1:
				f.shown[name] = true
			}
		}
	}
}

// A sort of place says what a property is for.
type sortOfPlace uint8

const (
	anyPlace sortOfPlace = iota
	secretPlace
	// identifierPlace is a name, or a choice among known values.
	identifierPlace
)

// placeOf says what the property of a node is for; rest is its pointer from the
// node, without the first slash.
func placeOf(kind string, node syntax.Value, rest string) sortOfPlace {
	path := strings.Split(rest, "/")
	for i := range path {
		path[i] = unescapePointer(path[i])
	}
	name := path[len(path)-1]
	switch {
	case kind == "SecretGroup" && len(path) > 2 && path[0] == "spec" && path[1] == "secrets":
		if node.Get("spec").Get("type").Text() == "config" && !secretName(name) {
			return anyPlace
		}
		return secretPlace
	case matchesAny(path, catalog.SecretPaths(kind), 0):
		return secretPlace
	}
	if matchesAny(path, platform.SecretProperties(kind), 1) && path[0] == "spec" {
		if !settings(path) || secretName(name) {
			return secretPlace
		}
		return anyPlace
	}
	k, ok := catalog.Lookup(kind)
	if !ok {
		return anyPlace
	}
	for _, id := range validate.At(node, k.Node, path) {
		if identifies(id.Schema()) {
			return identifierPlace
		}
	}
	return anyPlace
}

// settings tells whether a property is one of an environment, where most values
// are no secrets.
func settings(path []string) bool {
	for _, name := range path {
		switch name {
		case "runtimeEnvironment", "buildArguments", "templateValues":
			return true
		}
	}
	return false
}

func identifies(s *catalog.Schema) bool {
	switch s.Role {
	case catalog.RoleNone, catalog.RoleArguments, catalog.RoleEnvironment:
	default:
		return true
	}
	if len(s.Enum) > 0 || len(s.RefKinds) > 0 {
		return true
	}
	return s.Types != 0 && s.Types&(catalog.TypeString|catalog.TypeObject|catalog.TypeArray) == 0
}

// matchesAny tells whether a path leads to what one of the patterns names, or to
// something in it; skip is how many of its names stand before where the patterns
// begin.
func matchesAny(path []string, patterns []string, skip int) bool {
	for _, p := range patterns {
		if matches(path[min(skip, len(path)):], strings.Split(p, "/")[1:]) {
			return true
		}
	}
	return false
}

func matches(path, pattern []string) bool {
	if len(path) < len(pattern) {
		return false
	}
	for i, name := range pattern {
		if name != "*" && unescapePointer(name) != path[i] {
			return false
		}
	}
	return true
}

// telling reports whether a text in a property for secrets is one by itself, so
// that it is hidden wherever else it shows: its name says so, or it looks like
// one. Other values of such properties are settings as often as not, and words
// such as "production" stand everywhere.
func telling(name, text string) bool {
	return secretName(name) || looksSecret(text)
}

// looksSecret tells whether a text is made up by a program, is a key, or holds
// the password of an address.
func looksSecret(text string) bool {
	if strings.Contains(text, "-----BEGIN ") {
		return true
	}
	if scheme, rest, ok := strings.Cut(text, "://"); ok && scheme != "" {
		authority, _, _ := strings.Cut(rest, "/")
		user, _, ok := strings.Cut(authority, "@")
		return ok && strings.Contains(user, ":")
	}
	return analysis.LooksRandom(text)
}

// secretName tells whether an argument is called like a secret, as in
// DB_PASSWORD or apiKey. What it holds is masked, whoever gave it.
func secretName(name string) bool {
	var words []string
	start := 0
	for i, r := range name {
		switch {
		case r == '_' || r == '-' || r == '.':
			words = append(words, name[start:i])
			start = i + 1
		case i > start && r >= 'A' && r <= 'Z' && name[i-1] >= 'a' && name[i-1] <= 'z':
			words = append(words, name[start:i])
			start = i
		}
	}
	words = append(words, name[start:])
	last := strings.ToUpper(words[len(words)-1])
	switch last {
	case "PASSWORD", "PASSWD", "PASSPHRASE", "PWD", "PASS", "SECRET", "SECRETS", "TOKEN", "TOKENS", "CREDENTIAL", "CREDENTIALS", "APIKEY":
		return true
	case "KEY", "KEYS":
		// A public key or a key of a map is none.
		if len(words) < 2 {
			return false
		}
		switch strings.ToUpper(words[len(words)-2]) {
		case "API", "PRIVATE", "ACCESS", "SECRET", "ENCRYPTION", "SIGNING", "AUTH", "MASTER", "SERVICE", "ACCOUNT":
			return true
		}
	}
	return false
}
