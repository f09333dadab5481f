package analysis_test

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// purpose says what a change is for: where it may make a difference. A place is a
// JSON pointer, a relative one (`.`, `..`, `./NAME`) from the place that the change
// is about; `*` stands for any name, `$` for what the title has in quotes.
type purpose struct{ title, places string }

// elsewhere are the fixes that make a difference elsewhere than at their finding,
// by the start of their title.
var elsewhere = map[analysis.Code][]purpose{
	analysis.CodeAddonFork: {
		{"Make no copy", "../source"},
		{"Take a snapshot", "/spec/spec/steps/*/spec/backupType"},
		{"Take the type and the version", "../type ../version"},
	},
	analysis.CodeAddonUpgrade:        {{"Let this node upgrade", "../../options"}},
	analysis.CodeCommittedOverrides:  {{"Take", ". /arguments"}},
	analysis.CodeDeprecatedForm:      {{`Change to "`, ". ../$"}, {"Move it to", ". ../$/*@new"}},
	analysis.CodeDNSWithoutCondition: {{"Insert a condition", "/spec/spec/steps/*@new"}},
	analysis.CodeDuplicateKey:        {{"Remove the first", ". .#2 ..@order"}},
	analysis.CodeExclusiveProperties: {{"Remove", "../$"}},
	analysis.CodeKindNotAllowed:      {{"Remove the node", "..@gone"}},
	analysis.CodeMissingProjectContext: {
		{"Give the workflow", "/spec/spec/context /spec/spec/steps/*/ref"},
		{"Wrap", "..@wrapped /spec/spec/steps/*/ref"},
	},
	analysis.CodeMissingProperty:     {{"Add", "./$"}},
	analysis.CodeRefBeforeItResolves: {{"Move", "/spec/spec/steps@order"}},
	analysis.CodeRefToSibling:        {{"Run the steps", "/spec/spec/type /spec/spec/steps@order"}},
	analysis.CodeSecretInTemplate:    {{"Move the secret to", ". /arguments /arguments/$"}},
	analysis.CodeSkippedRef:          {{"Let", "/spec/spec/steps/*/skipNodeExecution"}},
	analysis.CodeUndeclaredArgument:  {{"Declare", "/arguments /arguments/$"}},
	analysis.CodeUnknownProperty:     {{"Change to", ". ../$"}},
}

// reach is what a refactoring may make a difference to, by the start of its ID:
// every difference is one of these.
var reach = map[string]string{
	"add-ref":              `/ref$`,
	"convert-version":      `^/apiVersion$|/spec/type$|/spec/message$`, // with the older forms that the cases have
	"dissolve-workflow":    `/steps@unwrapped$`,
	"empty-argument":       `^/arguments/\w+$`,
	"extract-argument":     `/arguments(/\w+)?$|^/spec/.*$`, // with the value itself
	"extract-argument-all": `/arguments(/\w+)?$|/deploymentPlan$`,
	"flow-":                `/spec/type$`,
	"inline-argument":      `/arguments/|^/(teardownSpec|spec)/`,
	"insert-condition:":    `/steps/\d+@new$`,
	"move-secret":          `/arguments(/\w+)?$|/(variables|credentials)/\w+$`,
	"set-context:":         `/spec/context$|/ref$`,
	"sort-":                `@order$`,
	"unquote":              `.`,
	"unquote-all":          `.`,
	"wrap-":                `@wrapped$|/ref$|^/arguments$`,
}

// moves says of refactorings that may make a difference in many places which of
// the values there they change, and to what: was and is are the values at a place
// of a difference, one of which may be absent, and at is where the cursor is.
var moves = map[string]func(was, is syntax.Value, at syntax.Range, place string) bool{
	"extract-argument": func(was, is syntax.Value, at syntax.Range, place string) bool {
		return declares(place) || was.Range().Start <= at.Start && at.End <= was.Range().End && strings.Contains(is.Text(), "args")
	},
	"inline-argument": func(was, is syntax.Value, _ syntax.Range, place string) bool {
		if !was.IsValid() || !is.IsValid() { // a declaration that has gone, a name of which the use was a part, or what that has become
			return declares(place) || strings.Contains(place, "args") || is.IsValid()
		}
		return strings.Contains(was.Text(), "args")
	},
	"unquote": func(was, is syntax.Value, at syntax.Range, _ string) bool {
		return was.Kind() == syntax.KindString && compact(is) == was.Text() && was.Range().Start <= at.Start && at.End <= was.Range().End
	},
	"unquote-all": func(was, is syntax.Value, _ syntax.Range, _ string) bool {
		return was.Kind() == syntax.KindString && compact(is) == was.Text()
	},
}

// declares reports whether a place is in the arguments of a document.
func declares(place string) bool { return strings.Contains(place+"/", "/arguments/") }

// most says of refactorings at one place how many differences they make at most.
var most = map[string]int{"add-ref": 1, "dissolve-workflow": 1, "empty-argument": 1, "extract-argument": 2, "flow-": 1, "insert-condition:": 1, "move-secret": 2, "unquote": 1}

// reachOf returns the key of what a refactoring may change.
func reachOf(id string) string {
	for _, key := range []string{id, id[:strings.Index(id, ":")+1], id[:strings.Index(id, "-")+1]} {
		if reach[key] != "" {
			return key
		}
	}
	return ""
}

// outside returns the differences that no purpose covers of a change with this
// title that is about the place at; one without a purpose of its own is for that
// place alone.
func outside(found []string, purposes []purpose, title, at string) []string {
	places := "."
	for _, p := range purposes {
		if strings.HasPrefix(title, p.title) {
			places = p.places
			break
		}
	}
	named := ""
	if m := regexp.MustCompile(`"([^"]*)"`).FindStringSubmatch(title); m != nil {
		named = m[1]
	}
	return slices.DeleteFunc(slices.Clone(found), func(pointer string) bool {
		for _, place := range strings.Fields(places) {
			place = strings.ReplaceAll(place, "$", named)
			how := ""
			if i := strings.IndexAny(place, "@#"); i >= 0 {
				place, how = place[:i], place[i:]
			}
			if !strings.HasPrefix(place, "/") {
				place = path.Join("/", at, place)
			}
			if ok, err := path.Match(strings.TrimSuffix(place, "/")+how, pointer); ok && err == nil {
				return true
			}
		}
		return false
	})
}

// placeOf is the place that a finding is about.
func placeOf(s *analysis.Snapshot, f analysis.Finding) string {
	at := f.Range.Start
	if text := s.Tree.Slice(f.Range); strings.HasPrefix(text, "{") {
		at++ // what is missing is missing inside
	}
	where := s.Tree.PathAt(at)
	return where.Pointer()
}

// wordsOf is a text without what JSON puts around its names and values.
func wordsOf(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("{}[],:;\"'` \t\r\n", r) {
			return -1
		}
		return r
	}, text)
}

// differences returns where two documents differ, as JSON pointers into the first:
// of the smallest values that are not spelled alike, and of members that are in
// one only. Of other changes what has happened stands behind an @: elements of a
// list are new or gone, members or elements have another order, a value now
// stands within another, as it was, or has come out of one, whose other nodes are
// named; of a value that means the same its lines or its comments are others.
func differences(before, after syntax.Value) []string {
	var d differ
	d.value(before, after, "")
	return d.found
}

type differ struct{ found []string }

func (d *differ) add(pointer string) {
	if !slices.Contains(d.found, pointer) {
		d.found = append(d.found, pointer)
	}
}

func (d *differ) value(a, b syntax.Value, at string) {
	switch {
	case a.IsValid() && b.IsValid() && compact(a) == compact(b):
		if linesOf(a) != linesOf(b) {
			d.add(at + "@space")
		}
	case within(a, b):
		d.add(at + "@wrapped")
	case within(b, a):
		d.unwrapped([]syntax.Value{b}, []syntax.Value{a}, at)
	case a.Kind() == syntax.KindObject && b.Kind() == syntax.KindObject:
		d.object(a, b, at)
	case a.Kind() == syntax.KindArray && b.Kind() == syntax.KindArray:
		d.array(a, b, at)
	default:
		d.add(at)
	}
}

func (d *differ) object(a, b syntax.Value, at string) {
	was, is := membersOf(a), membersOf(b)
	var order, other []string
	for _, m := range was {
		i := slices.IndexFunc(is, func(n named) bool { return n.name == m.name })
		if i < 0 {
			d.add(at + "/" + m.name)
			continue
		}
		order = append(order, m.name)
		d.value(m.value, is[i].value, at+"/"+m.name)
	}
	for _, m := range is {
		if slices.ContainsFunc(was, func(n named) bool { return n.name == m.name }) {
			other = append(other, m.name)
		} else {
			d.add(at + "/" + m.name)
		}
	}
	if !slices.Equal(order, other) {
		d.add(at + "@order")
	}
	d.comments(a, b, at)
}

// comments adds that a comment of a container, or of one of its members, is not in
// the other one any more.
func (d *differ) comments(a, b syntax.Value, at string) {
	now := b.Raw()
	note := func(p syntax.Part) {
		if (p.Kind == syntax.KindLineComment || p.Kind == syntax.KindBlockComment) && !strings.Contains(now, p.Text()) {
			d.add(at + "@comment")
		}
	}
	for p := range a.Parts() {
		if note(p); p.Kind == syntax.KindMember {
			for q := range p.Member().Parts() {
				note(q)
			}
		}
	}
}

// named is a member; a name that stands there before has a number.
type named struct {
	name  string
	value syntax.Value
}

func membersOf(v syntax.Value) []named {
	var out []named
	seen := map[string]int{}
	for m := range v.Members() {
		name := m.KeyText()
		if seen[name]++; seen[name] > 1 {
			name += "#" + strconv.Itoa(seen[name])
		}
		out = append(out, named{name, m.Value()})
	}
	return out
}

// array compares what is left of two lists without what both start and end with.
func (d *differ) array(a, b syntax.Value, at string) {
	d.comments(a, b, at)
	was, is := slices.Collect(a.Elements()), slices.Collect(b.Elements())
	first := 0
	for len(was) > 0 && len(is) > 0 && compact(was[0]) == compact(is[0]) {
		was, is, first = was[1:], is[1:], first+1
	}
	for len(was) > 0 && len(is) > 0 && compact(was[len(was)-1]) == compact(is[len(is)-1]) {
		was, is = was[:len(was)-1], is[:len(is)-1]
	}
	switch {
	case len(was) > 1 && sameElements(was, is):
		d.add(at + "@order")
	case len(was) == len(is):
		for i := range was {
			d.value(was[i], is[i], fmt.Sprintf("%s/%d", at, first+i))
		}
	case len(was) == 0:
		d.add(fmt.Sprintf("%s/%d@new", at, first))
	case len(is) == 0:
		d.add(fmt.Sprintf("%s/%d@gone", at, first))
	case allWithin(was, b):
		d.add(at + "@wrapped")
	case allWithin(is, a):
		d.unwrapped(is, was, at)
	default:
		d.add(at)
	}
}

// unwrapped adds that values have come out of others, and the nodes in those
// which are in none of them and are not around them.
func (d *differ) unwrapped(values, from []syntax.Value, at string) {
	d.add(at + "@unwrapped")
	var lost func(v syntax.Value)
	lost = func(v syntax.Value) {
		text := compact(v)
		if slices.ContainsFunc(values, func(kept syntax.Value) bool { return compact(kept) == text }) {
			return
		}
		around := slices.ContainsFunc(values, func(kept syntax.Value) bool { return within(kept, v) })
		if kind := v.Get("kind"); kind.IsValid() && !around {
			d.add(at + "@lost " + kind.Text())
		}
		for m := range v.Members() {
			lost(m.Value())
		}
		for e := range v.Elements() {
			lost(e)
		}
	}
	for _, v := range from {
		lost(v)
	}
}

// linesOf is a value as it stands in the file, but for where its lines start and
// whether a comma stands behind it.
func linesOf(v syntax.Value) string {
	lines := strings.Split(v.Raw(), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, "\n")
}

// allWithin reports whether each of the values stands somewhere in another one.
func allWithin(values []syntax.Value, in syntax.Value) bool {
	return !slices.ContainsFunc(values, func(v syntax.Value) bool { return !within(v, in) })
}

func sameElements(a, b []syntax.Value) bool {
	texts := func(values []syntax.Value) (out []string) {
		for _, v := range values {
			out = append(out, compact(v))
		}
		slices.Sort(out)
		return out
	}
	return slices.Equal(texts(a), texts(b))
}

// within reports whether an object stands somewhere in another value.
func within(v, in syntax.Value) bool {
	if v.Kind() != syntax.KindObject || v.Len() == 0 {
		return false
	}
	found := func(part syntax.Value) bool {
		return part.Kind() == syntax.KindObject && compact(part) == compact(v) || within(v, part)
	}
	for m := range in.Members() {
		if found(m.Value()) {
			return true
		}
	}
	for e := range in.Elements() {
		if found(e) {
			return true
		}
	}
	return false
}

// compact is a value as it is spelled, without the space around its parts.
func compact(v syntax.Value) string {
	var b []byte
	for p := range v.Parts() {
		switch {
		case p.Kind == syntax.KindSpace:
		case p.Kind == syntax.KindMember:
			for q := range p.Member().Parts() {
				switch {
				case q.Kind == syntax.KindSpace:
				case q.Value().IsValid():
					b = append(b, compact(q.Value())...)
				default:
					b = append(b, q.Text()...)
				}
			}
		case p.Value().IsValid():
			b = append(b, compact(p.Value())...)
		default:
			b = append(b, p.Text()...)
		}
	}
	if b == nil {
		return v.Raw()
	}
	return string(b)
}
