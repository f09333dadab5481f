package merge

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

var (
	pairs = flag.Int("merge.pairs", 1000, "how many pairs of edits are drawn")
	lines = flag.Int("merge.lines", 200, "how many of them git merge-file merges as well")
	seed  = flag.Uint64("merge.seed", 1, "the first seed")
)

// The oracle of these tests knows nothing of JSON text or of how the merge works. A
// document is a model, an edit an operation on it. Two sides go together where making the
// edits of ours and then those of theirs comes to the same, in decoded values, as the
// other way round: then that is what a merge has to give, or else a conflict. Where it
// does not, there has to be a conflict.
type model struct {
	arguments map[string]any
	root      *node
}

type node struct {
	id       int // 0 for what an edit has added; such nodes are known by their ref
	ref      string
	kind     string
	props    map[string]any
	env      map[string]any
	ports    []map[string]any
	parallel bool
	steps    []*node
}

// operation is an edit. It reports whether it can be made in the document.
type operation struct {
	name string
	make func(*model) bool
	// moves is the node that it moves or removes, into the workflow that it puts one into.
	moves, into int
}

func (o operation) removes() int {
	if strings.HasPrefix(o.name, "remove") {
		return 1
	}
	return 0
}

func (n *node) copy() *node {
	c := *n
	c.props, c.env = maps.Clone(n.props), maps.Clone(n.env)
	c.ports = nil
	for _, p := range n.ports {
		c.ports = append(c.ports, maps.Clone(p))
	}
	c.steps = nil
	for _, s := range n.steps {
		c.steps = append(c.steps, s.copy())
	}
	return &c
}

func (m *model) copy() *model { return &model{maps.Clone(m.arguments), m.root.copy()} }

// find returns a node, the workflow around it and its position there.
func (m *model) find(id int) (n, parent *node, at int) {
	var walk func(w *node) bool
	walk = func(w *node) bool {
		for i, s := range w.steps {
			if s.id == id {
				n, parent, at = s, w, i
				return true
			}
			if walk(s) {
				return true
			}
		}
		return false
	}
	if m.root.id == id {
		return m.root, nil, 0
	}
	walk(m.root)
	return n, parent, at
}

// value is the document as encoding/json decodes it.
func (m *model) value() map[string]any {
	doc := map[string]any{"apiVersion": "v1.2", "name": "Shop", "project": map[string]any{"id": "shop"}, "spec": m.root.value()}
	if len(m.arguments) > 0 {
		doc["arguments"] = m.arguments
	}
	return doc
}

func (n *node) value() map[string]any {
	out := map[string]any{"kind": n.kind}
	if n.ref != "" {
		out["ref"] = n.ref
	}
	spec := map[string]any{}
	for k, v := range n.props {
		spec[k] = v
	}
	if n.kind == "Workflow" {
		spec["type"] = map[bool]string{true: "parallel", false: "sequential"}[n.parallel]
		steps := []any{}
		for _, s := range n.steps {
			steps = append(steps, s.value())
		}
		spec["steps"] = steps
	} else {
		if len(n.env) > 0 {
			spec["runtimeEnvironment"] = n.env
		}
		ports := []any{}
		for _, p := range n.ports {
			ports = append(ports, p)
		}
		spec["ports"] = ports
	}
	out["spec"] = spec
	return out
}

// sortFree sorts what has no order in a decoded document: the steps of parallel workflows
// and ports.
func sortFree(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			v[k] = sortFree(x)
		}
		for _, key := range []string{"steps", "ports"} {
			if list, ok := v[key].([]any); ok && (key == "ports" || v["type"] == "parallel") {
				slices.SortFunc(list, func(x, y any) int { return strings.Compare(encode(x), encode(y)) })
			}
		}
	case []any:
		for i, x := range v {
			v[i] = sortFree(x)
		}
	}
	return v
}

func encode(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func decode(text string) any {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return fmt.Sprintf("no JSON: %v", err)
	}
	return sortFree(v)
}

// generator draws documents and edits.
type generator struct {
	*rand.Rand
	next  int
	ids   []int
	fresh int
}

func (g *generator) document() *model {
	m := &model{arguments: map[string]any{"REGION": "europe-west", "SIZE": 1.0}}
	m.root = &node{id: 1, kind: "Workflow", props: map[string]any{}}
	g.next = 1
	g.ids = []int{1}
	g.fill(m.root, 3+g.IntN(5), 0)
	return m
}

func (g *generator) fill(w *node, n, depth int) {
	for range n {
		g.next++
		x := &node{id: g.next, kind: "Addon", props: map[string]any{}}
		g.ids = append(g.ids, g.next)
		switch {
		case depth < 2 && g.IntN(4) == 0:
			x.kind, x.parallel = "Workflow", g.IntN(2) == 0
			if g.IntN(2) == 0 {
				x.ref = fmt.Sprintf("flow-%d", x.id)
			}
			g.fill(x, g.IntN(4), depth+1)
		default:
			g.dress(x, fmt.Sprint(x.id))
		}
		w.steps = append(w.steps, x)
	}
}

func (g *generator) dress(x *node, name string) {
	x.kind = []string{"Addon", "CombinedService", "CronJob"}[g.IntN(3)]
	if g.IntN(5) > 0 {
		x.ref = "node-" + name
	}
	x.props = map[string]any{"name": "Node " + name, "plan": "nf-compute-20", "replicas": 1.0, "deep": map[string]any{"a": 1.0, "b": map[string]any{"c": "x"}}}
	x.env = map[string]any{"LEVEL": "info"}
	x.ports = []map[string]any{{"name": "web", "internalPort": 80.0}}
}

func (g *generator) value() any {
	g.fresh++
	return []any{fmt.Sprintf("value %d", g.fresh), float64(1000 + g.fresh), true, []any{float64(g.fresh), "x"}}[g.IntN(4)]
}

// operation draws an edit of the base. Anchors are those of the base, so that an edit means
// the same wherever it is made.
func (g *generator) operation(base *model, side string) operation {
	id := g.ids[g.IntN(len(g.ids))]
	n, _, _ := base.find(id)
	// A place in a workflow: behind the nearest that is still there of some nodes.
	flow := base.root
	for _, i := range g.Perm(len(g.ids)) {
		if f, _, _ := base.find(g.ids[i]); f.kind == "Workflow" && g.IntN(2) == 0 {
			flow = f
			break
		}
	}
	at := g.IntN(len(flow.steps) + 1)
	var anchors []int
	for i := at - 1; i >= 0; i-- {
		anchors = append(anchors, flow.steps[i].id)
	}
	flowID := flow.id
	place := func(m *model) (*node, int) {
		f, _, _ := m.find(flowID)
		if f == nil {
			return nil, 0
		}
		for _, a := range anchors {
			if i := slices.IndexFunc(f.steps, func(s *node) bool { return s.id == a }); i >= 0 {
				return f, i + 1
			}
		}
		return f, 0
	}
	on := func(change func(*node)) func(*model) bool {
		return func(m *model) bool {
			x, _, _ := m.find(id)
			if x != nil {
				change(x)
			}
			return x != nil
		}
	}
	plain := n.kind != "Workflow"
	switch v := g.value(); g.IntN(12) {
	case 0, 1:
		key := []string{"plan", "replicas", "extra", "more"}[g.IntN(4)]
		return operation{name: fmt.Sprintf("set %s of %d", key, id), make: on(func(x *node) { x.props[key] = v })}
	case 2:
		if plain {
			return operation{name: fmt.Sprintf("set deep of %d", id), make: on(func(x *node) {
				x.props["deep"] = map[string]any{"a": x.props["deep"].(map[string]any)["a"], "b": map[string]any{"c": v}}
			})}
		}
	case 3:
		if plain {
			return operation{name: fmt.Sprintf("drop replicas of %d", id), make: on(func(x *node) { delete(x.props, "replicas") })}
		}
	case 4:
		if plain {
			key := fmt.Sprintf("%s_%d", []string{side, "SHARED"}[g.IntN(2)], g.IntN(3))
			return operation{name: fmt.Sprintf("variable %s of %d", key, id), make: on(func(x *node) { x.env[key] = v })}
		}
	case 5:
		if plain {
			name := fmt.Sprintf("port-%s-%d", side, g.IntN(100))
			return operation{name: fmt.Sprintf("port %s of %d", name, id), make: on(func(x *node) {
				x.ports = append(x.ports, map[string]any{"name": name, "internalPort": 81.0})
			})}
		}
	case 6, 7:
		x := &node{}
		g.fresh++
		g.dress(x, fmt.Sprintf("%s-%d", side, g.fresh))
		return operation{name: fmt.Sprintf("add %s to %d at %d", x.props["name"], flowID, at), into: flowID, make: func(m *model) bool {
			f, i := place(m)
			if f == nil {
				return false
			}
			f.steps = slices.Insert(f.steps, i, x.copy())
			return true
		}}
	case 8:
		if id != 1 {
			return operation{name: fmt.Sprintf("remove %d", id), moves: id, make: func(m *model) bool {
				if _, parent, i := m.find(id); parent != nil {
					parent.steps = slices.Delete(parent.steps, i, i+1)
				}
				return true
			}}
		}
	case 9, 10:
		inside := false
		for x := flow; x != nil; {
			inside = inside || x.id == id
			_, x, _ = base.find(x.id)
		}
		if id != 1 && !inside && !slices.Contains(anchors, id) {
			return operation{name: fmt.Sprintf("move %d to %d at %d", id, flowID, at), moves: id, into: flowID, make: func(m *model) bool {
				x, parent, i := m.find(id)
				if parent == nil {
					return false
				}
				parent.steps = slices.Delete(parent.steps, i, i+1)
				f, j := place(m)
				if f == nil {
					return false
				}
				f.steps = slices.Insert(f.steps, j, x)
				return true
			}}
		}
	case 11:
		key := []string{"REGION", "SIZE", "NEW_" + side}[g.IntN(3)]
		return operation{name: "argument " + key, make: func(m *model) bool { m.arguments[key] = v; return true }}
	}
	return g.operation(base, side)
}

// drawn is a base with two sides, and what comes of making the edits one after the other.
type drawn struct {
	base, ours, theirs string
	// wanted is what both orders come to, in decoded values; nil where they differ.
	wanted any
	edits  []string
}

func draw(seed uint64) drawn {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 7))}
	base := g.document()
	var edits [2][]operation
	var d drawn
	for i, side := range []string{"OURS", "THEIRS"} {
		for range 1 + g.IntN(3) {
			edits[i] = append(edits[i], g.operation(base, side))
		}
	}
	apply := func(m *model, lists ...[]operation) (*model, bool) {
		m = m.copy()
		for _, list := range lists {
			for _, o := range list {
				if !o.make(m) {
					return m, false
				}
			}
		}
		return m, true
	}
	write := func(m *model) string {
		text, err := json.MarshalIndent(m.value(), "", "  ")
		if err != nil {
			panic(err)
		}
		return string(text) + "\n"
	}
	// An edit that cannot be made on its side, that changes nothing there, that moves or
	// removes what that side has moved, or that puts a second node into one workflow, where what it stands
	// behind would depend on the first, is none.
	for i := range edits {
		// What is removed is not changed before: that would be no edit of the side.
		slices.SortStableFunc(edits[i], func(x, y operation) int { return cmp.Compare(y.removes(), x.removes()) })
		now, moved, filled := base, map[int]bool{}, map[int]bool{}
		var made []operation
		for _, o := range edits[i] {
			next, ok := apply(now, []operation{o})
			if !ok || reflect.DeepEqual(decode(write(next)), decode(write(now))) || o.moves > 0 && moved[o.moves] || o.into > 0 && filled[o.into] {
				continue
			}
			moved[o.moves], filled[o.into] = true, true
			now, made = next, append(made, o)
			d.edits = append(d.edits, fmt.Sprintf("%d: %s", i, o.name))
		}
		edits[i] = made
	}
	ours, _ := apply(base, edits[0])
	theirs, _ := apply(base, edits[1])
	d.base, d.ours, d.theirs = write(base), write(ours), write(theirs)
	one, first := apply(base, edits[0], edits[1])
	two, second := apply(base, edits[1], edits[0])
	if first && second {
		x, y := decode(write(one)), decode(write(two))
		if reflect.DeepEqual(x, y) {
			d.wanted = x
		}
	}
	return d
}

func TestGeneratedPairsOfEdits(t *testing.T) {
	var together, merged, apart, byLines, needless, solved int
	reasons := map[string]int{}
	options := Options{AllowErrors: true} // the model knows no schema
	count := *pairs
	if testing.Short() {
		count = (count + 9) / 10
	}
	for i := range count {
		n := *seed + uint64(i)
		d := draw(n)
		r := Merge(d.base, d.ours, d.theirs, false, options)
		back := Merge(d.base, d.theirs, d.ours, false, options)
		fail := func(format string, args ...any) {
			t.Helper()
			t.Fatalf("-merge.seed %d -merge.pairs 1: %s\nedits:\n%s\nconflicts: %+v\nbase:\n%s\nours:\n%s\ntheirs:\n%s\nmerged:\n%s", n, fmt.Sprintf(format, args...), strings.Join(d.edits, "\n"), r.Conflicts, d.base, d.ours, d.theirs, r.Text)
		}
		if len(r.Conflicts) == 0 {
			got := decode(r.Text)
			switch {
			case d.wanted == nil:
				fail("edits that do not go together were merged")
			case !reflect.DeepEqual(got, d.wanted):
				fail("the merge means something else:\n%s\nwanted:\n%s", encode(got), encode(d.wanted))
			case !reflect.DeepEqual(decode(back.Text), got):
				fail("it means something else with the sides exchanged:\n%s", back.Text)
			}
		} else {
			for _, c := range r.Conflicts {
				reasons[c.Why[:min(len(c.Why), 60)]]++
				if c.ID == "" || c.Why == "" || c.Base == "" && c.Ours == "" && c.Theirs == "" {
					fail("a conflict says nothing: %+v", c)
				}
			}
		}
		if (len(back.Conflicts) == 0) != (len(r.Conflicts) == 0) {
			fail("with the sides exchanged: %+v", back.Conflicts)
		}
		if d.wanted == nil {
			apart++
		} else if together++; len(r.Conflicts) == 0 {
			merged++
		}
		if i < *lines && mergeByLines(t, d) {
			byLines++
			if d.wanted != nil {
				needless++
			}
			if len(r.Conflicts) == 0 {
				solved++
			}
		}
		// Whoever settles all conflicts with a side gets JSON, and no node is lost that both have.
		for _, side := range []Side{Ours, Theirs} {
			s := Merge(d.base, d.ours, d.theirs, false, Options{Choose: func(Conflict) Side { return side }, AllowErrors: true})
			if len(s.Conflicts) == 0 {
				if _, wrong := decode(s.Text).(string); wrong {
					fail("settled by side %d it is no JSON:\n%s", side, s.Text)
				}
			}
		}
	}
	if merged*10 < together*8 {
		t.Errorf("only %d of %d pairs that go together were merged", merged, together)
	}
	if count > 1 && (apart == 0 || together == 0) {
		t.Errorf("%d pairs go together and %d do not: the test sees one kind only", together, apart)
	}
	t.Logf("of %d pairs of edits %d go together: %d of these were merged (%.1f %%), none wrongly; all of the %d others are conflicts", count, together, merged, 100*float64(merged)/float64(max(together, 1)), apart)
	if byLines > 0 {
		t.Logf("git merge-file has conflicts in %d of %d pairs: %d of these go together, and %d were merged by meaning (%.1f %% of all, %.1f %% of those)", byLines, min(*lines, count), needless, solved,
			100*float64(solved)/float64(byLines), 100*float64(solved)/float64(max(needless, 1)))
	}
	for _, why := range slices.Sorted(maps.Keys(reasons)) {
		t.Logf("%5d conflicts: %s", reasons[why], why)
	}
}

// mergeByLines reports whether git merge-file has conflicts.
func mergeByLines(t *testing.T, d drawn) bool {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		return false
	}
	dir := t.TempDir()
	var paths []string
	for _, f := range [][2]string{{"ours", d.ours}, {"base", d.base}, {"theirs", d.theirs}} {
		path := filepath.Join(dir, f[0])
		if err := os.WriteFile(path, []byte(f[1]), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return exec.Command("git", append([]string{"merge-file", "-p", "-q"}, paths...)...).Run() != nil
}

// No texts whatever make the merge panic, and what it gives is JSON that means the same
// with the sides exchanged.
func FuzzMerge(f *testing.F) {
	for i := range uint64(20) {
		d := draw(i)
		f.Add(d.base, d.ours, d.theirs)
	}
	f.Add(`{"a":[1,2]}`, `{"a":[2,1]}`, `{"a":[1,2,3]}`)
	f.Add(`{"a":1,"a":2}`, `{"a":1,"a":3}`, `{"a":2,"b":1}`)
	f.Fuzz(func(t *testing.T, base, ours, theirs string) {
		if len(base)+len(ours)+len(theirs) > 1<<16 {
			return
		}
		options := Options{AllowErrors: true} // the analysis has fuzz targets of its own
		r := Merge(base, ours, theirs, false, options)
		back := Merge(base, theirs, ours, false, options)
		if (len(r.Conflicts) == 0) != (len(back.Conflicts) == 0) {
			t.Fatalf("%d conflicts, with the sides exchanged %d: %+v %+v", len(r.Conflicts), len(back.Conflicts), r.Conflicts, back.Conflicts)
		}
		if len(r.Conflicts) > 0 || ours == theirs || base == ours || base == theirs {
			return
		}
		x, y := newSide(strings.TrimPrefix(r.Text, byteOrderMark)), newSide(strings.TrimPrefix(back.Text, byteOrderMark))
		if len(x.tree.Errors()) > 0 {
			t.Fatalf("the result is no JSON: %q", r.Text)
		}
		if x.sum(x.root) != y.sum(y.root) {
			t.Fatalf("%q and %q mean different things", r.Text, back.Text)
		}
	})
}
