package validate

import (
	"strings"
	"sync"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// Options tell the walker what it cannot know.
type Options struct {
	// Hole says what is known of a string that may hold expressions; it is called for those that hold "${". Without
	// it nothing is known of them. A string for which it returns false is checked as it is written.
	Hole func(v syntax.Value) (Hole, bool)
	// Skip leaves an object or an array out, with all that is in it: the nodes inside a node, for instance. It is not
	// asked about the value that the walk starts from.
	Skip func(v syntax.Value) bool
	// Note is called for every value whose schema says more than what fits: what the value means, that it is a secret.
	// Values under alternatives are noted under the one that they fit best.
	Note func(Noted)
	// Place is called for every string with expressions whose place takes other types than text: numbers, for instance,
	// or lists. It needs Note to be set where alternatives are to be looked into.
	Place func(v syntax.Value, types catalog.TypeSet)
}

// Noted is a value that the caller wants to hear of.
type Noted struct {
	Value  syntax.Value
	Schema *catalog.Schema
	// Member is the nearest member around the value: its own, or that of the array that it is an element of.
	Member syntax.Member
}

// Hole is what is known of a value that an expression will give.
type Hole struct {
	// Types are the types that the value may have; empty if nothing is known.
	Types catalog.TypeSet
	// MinLength is a number of characters that the text has in any case, from the literal parts around expressions.
	MinLength int
	// Text is the value, if Fixed: an expression that always gives the same. Types says which type it has.
	Text  string
	Fixed bool
}

// Value checks v against a schema and reports what does not fit: of each object first the members that are unknown, then
// what is missing, then what its members hold, in the order of the text. An absent value has no problems.
func Value(v syntax.Value, id catalog.SchemaID, opts Options, report func(Problem)) {
	w := walkers.Get().(*walker)
	defer func() {
		*w = walker{}
		walkers.Put(w)
	}()
	w.opts, w.report, w.members = opts, report, w.room[:0]
	if kv := v.Get("kind"); kv.Kind() == syntax.KindString {
		if kind, ok := catalog.Lookup(kv.Text()); ok && kind.Node == id {
			w.kind = kind.Name // messages name the node, not the document
		}
	}
	w.value(v, id)
}

// Valid reports whether v has no problems. Forms for which there is a newer one are none.
func Valid(v syntax.Value, id catalog.SchemaID, opts Options) bool {
	w := walker{opts: opts, probing: true}
	w.members = w.room[:0]
	w.value(v, id)
	return w.count == 0
}

// walkers are those of walks that have ended: a walk at each keystroke would leave one behind.
var walkers = sync.Pool{New: func() any { return new(walker) }}

// walker holds the state of one walk. In the good case a walk allocates nothing, unless objects with very many members
// stand in each other.
type walker struct {
	opts   Options
	report func(Problem)
	// started is set once the first value has been entered: Skip does not concern that one.
	started bool
	// probing makes the walker count problems instead of reporting them: it tries an alternative.
	probing bool
	count   int
	// patch is set inside a node that changes an existing resource: it need not say what it leaves as it is.
	patch bool
	// kind is the node kind around, title the nearest alternative with a name; both are for messages.
	kind, title string
	// property is the name of the member whose value is looked at; element says that the value is an element of it.
	property string
	element  bool
	required bool          // that member has to be there
	member   syntax.Member // that member, if there is somebody to note it
	// kindOfNode is set while the kind of a node is looked at.
	kindOfNode bool
	// fixed is set while the known result of an expression is looked at.
	fixed bool
	// members is a stack of the positions that the members of the objects around have in their schemas.
	members []int16
	room    [128]int16
}

// problem reports a problem or, while an alternative is tried, counts it. The rest of the problem is made only if it
// is wanted.
func (w *walker) problem(build func() Problem) {
	w.count++
	if !w.probing {
		w.report(build())
	}
}

func (w *walker) value(v syntax.Value, id catalog.SchemaID) {
	if id == 0 {
		return
	}
	k := v.Kind()
	if k == syntax.KindInvalid || k == syntax.KindWord || k == syntax.KindExcess || k == syntax.KindString && !v.Terminated() {
		return
	}
	if (k == syntax.KindObject || k == syntax.KindArray) && w.started && w.opts.Skip != nil && w.opts.Skip(v) {
		return
	}
	w.started = true
	s := id.Schema()
	if w.opts.Note != nil && !w.probing {
		w.note(v, s)
	}
	if s.Node && k == syntax.KindObject {
		w.node(v, id, s)
		return
	}
	if k == syntax.KindString {
		text := v.Text()
		if strings.Contains(text, "${") {
			if w.opts.Hole == nil {
				return
			}
			if h, ok := w.opts.Hole(v); ok {
				w.hole(v, id, s, h)
				return
			}
		}
		w.scalar(v, id, s, text)
		return
	}
	switch k {
	case syntax.KindObject, syntax.KindArray:
		if len(s.Alternatives()) > 0 {
			w.alternatives(v, id, s)
			return
		}
	}
	switch k {
	case syntax.KindObject:
		if s.Types != 0 && !s.Types.Has(catalog.TypeObject) {
			w.wrongType(v, id, s.Types)
			return
		}
		w.object(v, id, s)
	case syntax.KindArray:
		if s.Types != 0 && !s.Types.Has(catalog.TypeArray) {
			w.wrongType(v, id, s.Types)
			return
		}
		w.array(v, id, s)
	default:
		w.scalar(v, id, s, v.Raw())
	}
}

// note passes on a value whose schema says more than what fits.
func (w *walker) note(v syntax.Value, s *catalog.Schema) {
	if s.Role != catalog.RoleNone || s.Secret {
		w.opts.Note(Noted{v, s, w.member})
	}
}

// node checks a template node against the schema of its kind. Without a kind, what all nodes have in common counts.
func (w *walker) node(v syntax.Value, id catalog.SchemaID, s *catalog.Schema) {
	kv := v.Get("kind")
	if kind, ok := catalog.Lookup(kv.Text()); ok && kv.Kind() == syntax.KindString {
		id, s = kind.Node, kind.Node.Schema()
	} else if kv.IsValid() {
		w.unknownKind(kv, s)
		return
	}
	kind, title, property, element, patch := w.kind, w.title, w.property, w.element, w.patch
	w.kind, w.title, w.property, w.element, w.patch = kv.Text(), "", "", false, false
	if w.kind == "" {
		w.title = "node"
	}
	w.object(v, id, s)
	w.kind, w.title, w.property, w.element, w.patch = kind, title, property, element, patch
}

// unknownKind checks the kind of a node that has no valid one.
func (w *walker) unknownKind(v syntax.Value, s *catalog.Schema) {
	if p, ok := s.Property("kind"); ok {
		property, element := w.property, w.element
		w.property, w.element, w.kindOfNode = "kind", false, true
		w.value(v, p.Schema)
		w.property, w.element, w.kindOfNode = property, element, false
	}
}

func (w *walker) array(v syntax.Value, id catalog.SchemaID, s *catalog.Schema) {
	if n := v.Len(); v.Terminated() && (n < int(s.MinItems) || s.MaxItems > 0 && n > int(s.MaxItems)) {
		w.wrongLength(v, id, s, n)
	}
	if s.Items == 0 {
		return
	}
	outer := w.element
	w.element = true
	for e := range v.Elements() {
		w.value(e, s.Items)
	}
	w.element = outer
}
