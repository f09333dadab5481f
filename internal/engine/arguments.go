package engine

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// An Origin is where the value of an argument comes from.
type Origin string

// The sources, the weakest first: what a later one gives replaces what an earlier
// one has given.
const (
	FromArguments   Origin = "arguments"                      // of the document
	FromOverrides   Origin = "argumentOverrides"              // of the document
	FromStored      Origin = "stored"                         // kept for the template, sealed
	FromCreation    Origin = "runOnCreationArgumentOverrides" // of the document, in its first run
	FromEnvironment Origin = "environment"                    // NF_ARG_NAME
	FromFile        Origin = "args-file"
	FromFlag        Origin = "arg"
	FromRequest     Origin = "request" // to the API, to start a run
)

// A Layer is a set of argument values from one source.
type Layer struct {
	// From is told to people; it decides nothing.
	From   Origin
	Values map[string]any
	// Literal values hold no expressions.
	Literal bool
	// Secret values are masked wherever they show, Open ones are not, whatever
	// they are called.
	Secret, Open bool
}

// Codes of problems with arguments.
const (
	CodeMissingArgument = "missing-argument"
	CodeArgumentType    = "wrong-argument-type"
	// CodeUnknownArgument is a warning.
	CodeUnknownArgument = "unknown-argument"
)

// An ArgumentState is how an argument stands before a run: declared by the
// document or not, with a value or without.
type ArgumentState struct {
	Argument
	// From is where the value comes from; empty where there is none.
	From Origin
	// Declared says that the document names it, Required that it has to be given.
	Declared, Required bool
}

// Arguments says which arguments a document has, in file order, and which values
// they get. Unlike Compile it works on documents with mistakes.
func Arguments(doc *template.Document, opts Options) ([]ArgumentState, []Problem) {
	c := newCompiler(doc, opts)
	if doc.Main == nil {
		return nil, nil
	}
	c.program = &Program{}
	c.arguments()
	c.secrecy()
	out := make([]ArgumentState, len(c.slots))
	for i, s := range c.slots {
		out[i] = ArgumentState{Argument: Argument{Name: s.name, Type: s.declaration.Type, Secret: s.secret},
			From: s.from, Declared: s.declared, Required: s.declaration.Required}
		if at, ok := c.args[s.name]; ok {
			out[i].Argument = c.program.Arguments[at]
		}
	}
	return out, c.problems
}

// A slot is an argument while the sources are laid over each other.
type slot struct {
	name        string
	declared    bool
	declaration template.Declaration
	value       json.RawMessage // nil while there is none
	from        Origin
	literal     bool
	open        bool
	layered     bool   // some source said that its value is a secret
	pointer     string // of the value in the document
	at          syntax.Range
	secret      bool
	uses        []template.Use // of the value's expressions
	collected   bool           // Uses of the program's argument are worked out
}

// arguments lays the values of all sources over each other.
func (c *compiler) arguments() {
	slots := map[string]int{}
	slotOf := func(name string) *slot {
		i, ok := slots[name]
		if !ok {
			i = len(c.slots)
			slots[name] = i
			c.slots = append(c.slots, slot{name: name})
		}
		return &c.slots[i]
	}
	main := c.doc.Main
	for m := range main.Value.Get("arguments").Members() {
		s := slotOf(m.KeyText())
		s.declared, s.at = true, m.Key().Range()
		value, pointer := m.Value(), "/arguments/"+escapePointer(s.name)
		if a := main.Argument(s.name); a != nil {
			if d, ok := a.Declaration(); ok {
				s.declaration, value, pointer = d, d.Default, pointer+"/default"
			}
		}
		s.put(FromArguments, value, pointer)
	}
	for m := range main.Value.Get("argumentOverrides").Members() {
		s := slotOf(m.KeyText())
		s.declared, s.layered = true, true
		s.put(FromOverrides, m.Value(), "/argumentOverrides/"+escapePointer(s.name))
	}
	options := main.Value.Get("options")
	runOnCreation, _ := options.Get("runOnCreation").Bool()
	lay := func(layers []Layer) {
		for _, layer := range layers {
			for _, name := range sortedKeys(layer.Values) {
				value, err := marshal(layer.Values[name])
				if err != nil {
					c.problem(nil, CodeNotRunnable, "the value of argument %s cannot be written as JSON: %v", name, err)
					continue
				}
				s := slotOf(name)
				s.value, s.from, s.literal, s.pointer = value, layer.From, layer.Literal, ""
				s.open, s.layered = layer.Open, s.layered || layer.Secret
			}
		}
	}
	lay(c.opts.Stored)
	for m := range options.Get("runOnCreationArgumentOverrides").Members() {
		s := slotOf(m.KeyText())
		s.declared, s.layered = true, true
		if c.opts.First && runOnCreation && !c.opts.Teardown {
			c.program.First = true
			s.put(FromCreation, m.Value(), "/options/runOnCreationArgumentOverrides/"+escapePointer(s.name))
		}
	}
	lay(c.opts.Arguments)
	c.args = map[string]int{}
	for i := range c.slots {
		c.settle(&c.slots[i])
	}
	c.slotsByName = slots
}

// slot returns the slot of a name, or nil.
func (c *compiler) slot(name string) *slot {
	if i, ok := c.slotsByName[name]; ok {
		return &c.slots[i]
	}
	return nil
}

// put lays a value of the document over what was there.
func (s *slot) put(from Origin, v syntax.Value, pointer string) {
	if value := raw(v); value != nil {
		s.value, s.from, s.literal, s.open, s.pointer = value, from, false, false, pointer
	}
}

// settle brings an argument's value into its declared type and adds it to the
// program. Nothing is said of the value itself: it may be a secret.
func (c *compiler) settle(s *slot) {
	if s.declaration.Required && (s.value == nil || string(s.value) == `""`) {
		what := "has no value"
		if s.value != nil {
			what = fmt.Sprintf("has an empty value (from %s)", s.from.describe(s.name))
		}
		c.problemAt(s.at, CodeMissingArgument, "argument %s is required and %s: %s", s.name, what, waysToGive(s.name))
		return
	}
	if s.value == nil {
		return
	}
	v, err := expr.ParseJSON(s.value)
	if err != nil {
		c.problemAt(s.at, CodeNotRunnable, "the value of argument %s cannot be read: %v", s.name, err)
		return
	}
	if s.literal || !s.dynamic(v) {
		if v, err = coerceArgument(v, s.declaration.Type); err != nil {
			c.problemAt(s.at, CodeArgumentType, "argument %s has to be %v, and what %s gives is not", s.name, err, s.from.describe(s.name))
			return
		}
		if s.declaration.Type != "" {
			s.value = v.JSON()
		}
	}
	c.args[s.name] = len(c.program.Arguments)
	c.program.Arguments = append(c.program.Arguments, Argument{Name: s.name, Type: s.declaration.Type, Value: s.value, Literal: s.literal, from: s.from})
}

// dynamic tells whether a value holds expressions and collects what they use.
func (s *slot) dynamic(v expr.Value) bool {
	found := false
	texts(v, func(text string) {
		if !strings.Contains(text, "${") {
			return
		}
		found = true
		expr.Parse(text).Walk(func(n expr.Node, inCall bool) bool {
			if r, ok := n.(*expr.Ref); ok {
				s.uses = append(s.uses, template.Use{Ref: r, InCall: inCall})
			}
			return true
		})
	})
	return found
}

// texts visits all strings of a value, names of members included.
func texts(v expr.Value, visit func(string)) {
	switch v.Kind() {
	case expr.KindString:
		s, _ := v.AsString()
		visit(s)
	case expr.KindArray:
		for _, item := range v.Items() {
			texts(item, visit)
		}
	case expr.KindObject:
		for _, m := range v.Members() {
			visit(m.Key)
			texts(m.Value, visit)
		}
	}
}

// describe names a source to people.
func (s Origin) describe(name string) string {
	switch s {
	case FromArguments:
		return `"arguments"`
	case FromOverrides:
		return `"argumentOverrides"`
	case FromStored:
		return "the stored override"
	case FromCreation:
		return `"runOnCreationArgumentOverrides"`
	case FromEnvironment:
		return "the environment (NF_ARG_" + name + ")"
	case FromFile:
		return "the arguments file"
	case FromFlag:
		return "--arg"
	case FromRequest:
		return "the request"
	}
	return "what was given"
}

// waysToGive says how an argument gets a value.
func waysToGive(name string) string {
	return fmt.Sprintf("give it with --arg %s=VALUE, in a file with --args-file, in the environment as NF_ARG_%s, or keep it with 'nf-run args set FILE %s'", name, name, name)
}

// unknown warns of arguments that were given and that the document neither
// declares nor uses: mostly their names are mistyped. What the environment gives
// may be meant for others, and what the document uses has a finding of its own.
func (c *compiler) unknown() {
	var names []string
	var used map[string]bool
	for i := range c.slots {
		s := &c.slots[i]
		if s.declared || s.from == FromEnvironment || s.from == "" {
			continue
		}
		if used == nil {
			if used = c.used(); used == nil {
				return
			}
			for j := range c.slots {
				if c.slots[j].declared {
					names = append(names, c.slots[j].name)
				}
			}
			names = append(names, sortedKeys(used)...)
		}
		if used[s.name] {
			continue
		}
		text := fmt.Sprintf("the template has no argument %s, which %s gives", s.name, s.from.describe(s.name))
		if near := validate.Closest(s.name, names); near != "" {
			text += fmt.Sprintf("; did you mean %s?", near)
		}
		c.program.warnings = append(c.program.warnings, Problem{Code: CodeUnknownArgument, Message: text})
	}
}

// used returns the names of the arguments that any expression of the document
// uses; nil where one uses arguments whose names it works out.
func (c *compiler) used() map[string]bool {
	used, all := map[string]bool{}, false
	take := func(uses []template.Use) {
		for _, u := range uses {
			if name, ok := u.ArgumentName(); ok {
				used[name] = true
			} else if !u.Ref.Param && u.Ref.Root == "args" {
				all = true
			}
		}
	}
	facts := func(f *template.Facts) {
		if f != nil {
			for _, e := range f.Expressions {
				take(e.Uses)
			}
		}
	}
	for _, s := range c.doc.Scopes() {
		facts(s.Facts)
		for _, n := range s.Nodes() {
			facts(n.Facts)
		}
	}
	for i := range c.slots {
		take(c.slots[i].uses)
	}
	if all {
		return nil
	}
	return used
}

// argumentUses resolves what an argument's value refers to, through other
// arguments too. Arguments that use each other in a circle are left to the
// evaluation, which names them.
func (c *compiler) argumentUses(s *slot, around map[string]bool) []Use {
	at, ok := c.args[s.name]
	if !ok {
		return nil
	}
	a := &c.program.Arguments[at]
	if s.collected || around[s.name] || a.Literal {
		return a.Uses
	}
	around[s.name] = true
	u := collector{c: c, seen: map[useKey]int{}}
	for _, use := range s.uses {
		if name, ok := use.ArgumentName(); ok {
			if other := c.slot(name); other != nil {
				c.argumentUses(other, around)
			}
		}
		u.add(use, false, false)
	}
	delete(around, s.name)
	a.Uses, s.collected = u.uses, true
	return a.Uses
}
