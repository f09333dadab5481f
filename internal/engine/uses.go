package engine

import (
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/engine/schedule"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// uses finds out whose outputs each node needs: by its own expressions, by the
// arguments that those use, by the project context that it inherits, and by
// `template.` in documents that it carries.
func (c *compiler) uses() {
	around := map[int]bool{}
	for i := range c.program.Arguments {
		c.argumentUses(i, around)
	}
	nested := map[*template.Node][]*template.Scope{}
	for _, s := range c.doc.Scopes {
		if s.Outer == c.doc.Main && s.Owner != nil {
			nested[s.Owner] = append(nested[s.Owner], s)
		}
	}
	for i, n := range c.nodes {
		u := collector{c: c, seen: map[useKey]int{}}
		switch {
		case n == nil: // the document's project
			u.facts(c.doc.Main.Facts, "/project/spec/", false, false)
		case n.Flow != template.NoFlow:
			u.facts(n.Facts, "/skipNodeExecution", true, false)
		default:
			u.facts(n.Facts, "", false, false)
			for _, s := range nested[n] {
				u.facts(s.Facts, "", false, true)
				for _, inner := range s.Nodes {
					u.facts(inner.Facts, "", false, true)
				}
			}
		}
		if ctx := c.program.Nodes[i].Context; ctx >= 0 {
			u.context(n, c.program.Contexts[ctx])
		}
		c.program.Nodes[i].Uses = u.uses
	}
}

type useKey struct {
	ref        string
	soft, gate bool
}

type collector struct {
	c    *compiler
	uses []Use
	seen map[useKey]int
}

// facts adds the uses of the expressions whose pointers begin with the prefix.
// Nested ones count only under `template.`.
func (u *collector) facts(f *template.Facts, prefix string, gate, nested bool) {
	if f == nil {
		return
	}
	for _, e := range f.Expressions {
		if !strings.HasPrefix(e.Pointer, prefix) {
			continue
		}
		isGate := gate || !nested && e.Pointer == "/skipNodeExecution"
		for _, use := range e.Uses {
			if nested == use.Ref.Template {
				u.add(use, isGate, false)
			}
		}
	}
}

// add adds one use. Within an argument's value it is soft where the argument is
// used inside of a call.
func (u *collector) add(use template.Use, gate, soft bool) {
	soft = soft || use.InCall
	if name, ok := use.RefName(); ok {
		u.ref(name, gate, soft)
		return
	}
	if name, ok := use.ArgumentName(); ok {
		if i, ok := u.c.args[name]; ok {
			for _, inner := range u.c.program.Arguments[i].Uses {
				u.ref(inner.Ref, gate, soft || inner.Soft)
			}
		}
	}
}

func (u *collector) ref(name string, gate, soft bool) {
	key := useKey{name, soft, gate}
	if _, ok := u.seen[key]; ok {
		return
	}
	use := Use{Ref: name, Soft: soft, Gate: gate}
	for _, t := range u.c.doc.Main.ByRef(name) {
		if i, ok := u.c.index[t]; ok {
			use.On = append(use.On, i)
		}
	}
	u.seen[key] = len(u.uses)
	if len(use.On) > 0 { // others are outputs of an earlier run, triggers or mistakes
		u.uses = append(u.uses, use)
	}
}

func (u *collector) context(n *template.Node, ctx Context) {
	if ctx.Value == nil {
		key := useKey{"/project", false, false}
		if _, ok := u.seen[key]; !ok {
			u.seen[key] = len(u.uses)
			u.uses = append(u.uses, Use{Ref: "/project", On: []int{ctx.Node}})
		}
		return
	}
	if ctx.Place == "/project/id" {
		u.facts(u.c.doc.Main.Facts, "/project/id", false, false)
		return
	}
	from, ok := n.ProjectContext()
	if !ok || from.Node == nil {
		return
	}
	prefix := strings.TrimPrefix(ctx.Place, from.Node.Path())
	u.facts(from.Node.Facts, prefix, false, false)
}

// argumentUses resolves what an argument's value refers to, through other
// arguments too. Arguments that use each other in a circle are left to the
// evaluation, which names them.
func (c *compiler) argumentUses(i int, around map[int]bool) []Use {
	a, from := &c.program.Arguments[i], &c.sources[i]
	if from.pointer == "" || from.done || around[i] {
		return a.Uses
	}
	around[i] = true
	u := collector{c: c, seen: map[useKey]int{}}
	for _, e := range c.doc.Main.Facts.Expressions {
		if e.Pointer != from.pointer && !strings.HasPrefix(e.Pointer, from.pointer+"/") {
			continue
		}
		for _, use := range e.Uses {
			if name, ok := use.ArgumentName(); ok {
				if other, ok := c.args[name]; ok {
					c.argumentUses(other, around)
				}
			}
			u.add(use, false, false)
		}
	}
	delete(around, i)
	a.Uses, from.done = u.uses, true
	return a.Uses
}

// argumentSource is where in the document an argument's value stands; empty
// where it comes from elsewhere.
type argumentSource struct {
	pointer string
	done    bool
}

// arguments lays the values of all sources over each other.
func (c *compiler) arguments() {
	c.args = map[string]int{}
	set := func(a Argument, pointer string) {
		i, ok := c.args[a.Name]
		if !ok {
			i = len(c.program.Arguments)
			c.args[a.Name] = i
			c.program.Arguments = append(c.program.Arguments, Argument{})
			c.sources = append(c.sources, argumentSource{})
		}
		a.Secret = a.Secret || secretName(a.Name) || c.program.Arguments[i].Secret
		c.program.Arguments[i], c.sources[i] = a, argumentSource{pointer: pointer}
	}
	for m := range c.doc.Main.Value.Get("arguments").Members() {
		set(Argument{Name: m.KeyText(), Value: raw(m.Value())}, "/arguments/"+escapePointer(m.KeyText()))
	}
	for m := range c.doc.Main.Value.Get("argumentOverrides").Members() {
		set(Argument{Name: m.KeyText(), Value: raw(m.Value()), Secret: true}, "/argumentOverrides/"+escapePointer(m.KeyText()))
	}
	for _, layer := range c.opts.Arguments {
		for _, name := range sortedKeys(layer.Values) {
			value, err := marshal(layer.Values[name])
			if err != nil {
				c.problem(nil, CodeNotRunnable, "the value of argument %s cannot be written as JSON: %v", name, err)
				continue
			}
			set(Argument{Name: name, Value: value, Literal: layer.Literal, Secret: layer.Secret}, "")
		}
	}
}

// schedule returns the nodes as the scheduler sees them, impossible soft
// dependencies taken out.
func (p *Program) schedule() []schedule.Node {
	nodes := make([]schedule.Node, len(p.Nodes))
	for i := range p.Nodes {
		n := &p.Nodes[i]
		out := schedule.Node{Parent: n.Parent, Skips: n.Skip != nil}
		switch n.Flow {
		case Sequential:
			out.Flow = schedule.Sequential
		case Parallel:
			out.Flow = schedule.Parallel
		}
		never := map[int]bool{}
		for _, on := range n.Never {
			never[on] = true
		}
		for _, u := range n.Uses {
			// Which of several nodes with one ref is meant shows only when all
			// have ended: whether one has succeeded is looked at then.
			soft := u.Soft || len(u.On) > 1
			for _, on := range u.On {
				if soft && never[on] {
					continue
				}
				d := schedule.Dep{On: on, Soft: soft}
				if u.Gate {
					out.Gate = append(out.Gate, d)
				} else {
					out.Body = append(out.Body, d)
				}
			}
		}
		nodes[i] = out
	}
	return nodes
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
