package analysis

import (
	"fmt"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/template"
)

// Refusal says why something is not renamed, in a sentence for a person.
type Refusal struct{ Reason string }

// Error returns the reason.
func (r *Refusal) Error() string { return r.Reason }

func refuse(format string, args ...any) error { return &Refusal{fmt.Sprintf(format, args...)} }

// Renaming is a name that can be changed.
type Renaming struct {
	// Range is where the name stands, in bytes; Name is what it says.
	Range syntax.Range
	Name  string
}

// PrepareRename returns the name at the byte offset. It is nil, without an
// error, where no name stands at all, and a *Refusal where one stands that
// cannot be changed.
func (s *Snapshot) PrepareRename(offset int) (*Renaming, error) {
	if m, at := s.meantAt(offset); m != nil {
		r, err := m.snapshot.PrepareRename(at)
		if r != nil {
			m.move(&r.Range)
		}
		return r, err
	}
	f, _, err := s.renamable(offset)
	if f == nil || err != nil {
		return nil, err
	}
	return &Renaming{f.at, f.name}, nil
}

// Rename returns the edits that give the thing whose name stands at the byte
// offset another name, everywhere in the file, in the order of the text. Where
// that is not possible, or would change what anything means, it returns a *Refusal.
func (s *Snapshot) Rename(offset int, name string) ([]syntax.Edit, error) {
	if m, at := s.meantAt(offset); m != nil {
		edits, err := m.snapshot.Rename(at, name)
		if err != nil {
			return nil, err
		}
		back, ok := m.edits(edits)
		if !ok {
			return nil, refuse("a mistake in the syntax stands in one of the places: mend it first")
		}
		return back, nil
	}
	f, all, err := s.renamable(offset)
	switch {
	case err != nil:
		return nil, err
	case f == nil:
		return nil, refuse("nothing that has a name of your choice stands here: refs, arguments, Git triggers and parameters of arrow functions can be renamed")
	case name == f.name:
		return nil, nil
	}
	if err := s.admits(&f.entity, name); err != nil {
		return nil, err
	}
	edits := make([]syntax.Edit, len(all))
	for i := range all {
		if edits[i], err = all[i].renamed(name); err != nil {
			return nil, err
		}
	}
	if f.kind != entityParameter && s.places(&f.entity, name, edits) != len(all) {
		return nil, refuse("with the name %q, something else in this document would mean another thing than now", name)
	}
	return edits, nil
}

// places counts where the new name stands once the edits are made. A name that
// is looked up by a path in a string can turn into another one by what is beside
// it, which no look at the name alone tells.
func (s *Snapshot) places(e *entity, name string, edits []syntax.Edit) int {
	after := &Snapshot{Tree: s.Tree.Edit(edits...), Config: s.Config}
	after.Doc = template.Build(after.Tree, s.Doc)
	if len(after.Doc.Scopes()) != len(s.Doc.Scopes()) {
		return -1
	}
	return len(after.occurrences(&entity{kind: e.kind, name: name, scope: after.Doc.Scope(e.scope.Number)}))
}

// renamable returns the thing whose name stands at the offset, and all places
// where it does; nil where none stands there.
func (s *Snapshot) renamable(offset int) (*find, []occurrence, error) {
	if !s.IsTemplate() {
		return nil, nil, nil
	}
	c := s.cursorAt(offset)
	f, ok := s.entityAt(&c)
	if !ok {
		return nil, nil, c.fixedName()
	}
	if f.output {
		return nil, nil, refuse("this is an output of %q, and its name is the platform's; only the name behind %s can be changed", f.name, f.kind.root())
	}
	all := s.occurrences(&f.entity)
	declared := declarations(all)
	if err := s.declaredOnce(&f.entity, declared); err != nil {
		return nil, nil, err
	}
	for _, o := range declared {
		if o.spelled == spelledWhole && !o.str.Terminated() {
			return nil, nil, refuse("the string in line %d that declares %q is not closed; close it first", s.line(o.at), f.name)
		}
	}
	return &f, all, nil
}

// declaredOnce refuses what nothing in the file declares, and what several
// things do: which of them a use means is not known then.
func (s *Snapshot) declaredOnce(e *entity, declared []occurrence) error {
	switch {
	case len(declared) == 0 && e.kind == entityRef:
		return refuse("no node and no Git trigger of this document has the ref %q, so there is nothing to rename", e.name)
	case len(declared) == 0:
		return refuse("the argument %q is declared nowhere in this document: it comes from outside, where it would keep its name", e.name)
	case e.kind == entityRef && len(declared) > 1:
		return refuse("%s and %s have the ref %q: which of them a reference means is not known; give one of them another ref by hand first",
			s.declarer(e, declared[0]), s.declarer(e, declared[1]), e.name)
	case e.kind == entityRef && strings.Contains(e.name, "${"):
		return refuse("this ref holds an expression, so what it is called is known only in a run")
	case e.kind == entityParameter:
		if l := e.param.lambda; parameterOf(l, e.name) != e.param.index || repeats(l, e.name) {
			return refuse("two parameters of this function are called %q; give one of them another name by hand first", e.name)
		}
	}
	return nil
}

func repeats(l *expr.Lambda, name string) bool {
	n := 0
	for _, p := range l.Params {
		if p.Name == name {
			n++
		}
	}
	return n > 1
}

// declarer names to a person what carries a ref.
func (s *Snapshot) declarer(e *entity, o occurrence) string {
	for _, t := range e.scope.Triggers() {
		if t.RefValue.Range() == o.str.Range() {
			return fmt.Sprintf("the Git trigger in line %d", s.line(o.at))
		}
	}
	if n := s.Doc.NodeAt(o.at.Start); n != nil && n.Kind != "" {
		return fmt.Sprintf("the %s node in line %d", n.Kind, s.line(o.at))
	}
	return fmt.Sprintf("the node in line %d", s.line(o.at))
}

// line returns the number of the line that a range starts in, as people count.
func (s *Snapshot) line(r syntax.Range) uint32 {
	return s.Tree.Lines().Position(r.Start, syntax.UTF8).Line + 1
}

// fixedName says why the word at the cursor cannot be renamed, nil where there
// is none that looks as if it could.
func (c *cursor) fixedName() error {
	if c.expression == nil {
		return nil
	}
	at := c.str.Decode().TextOffset(c.offset)
	_, path := c.expression.Text.PathAt(at)
	if len(path) == 0 {
		return nil
	}
	switch n := path[len(path)-1].(type) {
	case *expr.Call:
		if n.NameStart <= at && at <= n.NameEnd {
			return refuse("functions belong to the language and keep their names")
		}
	case *expr.Ref:
		switch {
		case n.Root == "secrets" && at > n.RootEnd:
			return refuse("secrets are declared on the platform, where they would keep their names")
		case at <= n.RootEnd && !n.Param:
			return refuse("%q belongs to the language and keeps its name", n.Root)
		}
	}
	return nil
}

// root is what stands in front of the names of a kind.
func (k entityKind) root() string {
	if k == entityArgument {
		return "args."
	}
	return "refs."
}

// admits refuses names that the thing cannot have, and those whose taking would
// change what a reference means.
func (s *Snapshot) admits(e *entity, name string) error {
	if err := validName(name); err != nil {
		return err
	}
	if e.kind == entityParameter {
		return e.param.admits(name)
	}
	other := *e
	other.name = name
	taken := s.occurrences(&other)
	if len(taken) == 0 {
		return nil
	}
	if declared := declarations(taken); len(declared) > 0 {
		if e.kind == entityRef {
			return refuse("%s has the ref %q already", s.declarer(&other, declared[0]), name)
		}
		return refuse("there is an argument %q already, in line %d", name, s.line(declared[0].at))
	}
	return refuse("%s%s is used in line %d, though nothing in this document declares it; that use would get another meaning", e.kind.root(), name, s.line(taken[0].at))
}
