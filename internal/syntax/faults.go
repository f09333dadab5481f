package syntax

import "strconv"

// closers are the brackets that are missing behind a value because containers
// around it are not closed: the innermost first.
type closers struct {
	kind  Kind
	outer *closers
}

func (c *closers) text() string {
	var b []byte
	for ; c != nil; c = c.outer {
		b = append(b, closerOf(c.kind)...)
	}
	return string(b)
}

func closerOf(container Kind) string {
	if container == KindArray {
		return "]"
	}
	return "}"
}

// value reports what is wrong in a value.
func (f *faults) value(g green, at int, missing *closers) {
	switch {
	case g.flags&flagError == 0:
	case g.kind.isContainer():
		f.container(g, at, missing)
	default:
		f.token(g, at)
	}
}

// item is what container remembers of the part before the one at hand.
type item struct {
	green green
	at    int
	comma bool // no item stands between it and the last comma or the opening bracket
	stray bool // it is a token that belongs elsewhere
}

func (f *faults) container(c green, start int, missing *closers) {
	parts := c.node.children
	open := c.flags&flagOpen != 0
	last := lastSignificant(parts)
	if open {
		missing = &closers{c.kind, missing}
		switch l := parts[last]; {
		case endsOpen(l):
			// Said there.
		case last > 0 && (l.kind == KindCloseBrace || l.kind == KindCloseBracket):
			// A bracket of the other kind stands in its place: said below.
		default:
			f.unclosed(c, start, missing)
		}
	}
	prev := item{comma: true}
	extra := false // a superfluous comma of this run has been reported
	count := 0
	at := start + int(parts[0].width)
	for i := 1; i < len(parts); i++ {
		g := parts[i]
		end := at + int(g.width)
		tail := open && i == last
		switch {
		case g.kind.IsTrivia():
			f.trivia(g, at)
		case g.kind == KindMember || g.kind.IsValue():
			follows := !prev.comma && !prev.stray
			if follows && !spoils(prev.green) && !isJunk(g) {
				f.missingComma(prev, count)
			}
			count++
			var behind *closers
			if tail {
				behind = missing
			}
			quiet := follows && spoils(prev.green) && isJunk(g)
			switch {
			case g.kind == KindMember:
				f.member(g, at, behind, tail, quiet)
			case !quiet:
				f.value(g, at, behind)
			}
			prev, extra = item{green: g, at: at}, false
		case g.kind == KindComma:
			switch {
			case g.flags&flagStandIn != 0:
				extra = true
				f.add(ErrWrongCharacter, at, end, "write a comma instead of `"+f.text(at, end)+"`", replace(at, end, ","))
			case extra:
			case prev.comma && !prev.stray:
				extra = true
				f.add(ErrExtraComma, at, end, "nothing stands before this comma: remove it", replace(at, end, ""))
			case !open && nextSignificant(parts, i) == len(parts)-1:
				f.trailingComma(c.kind, prev, at)
			}
			prev = item{green: g, at: at, comma: true}
		case i == len(parts)-1 && !open:
			// The closing bracket.
		default:
			if !prev.stray {
				f.stray(c, g, at, tail)
			}
			prev = item{green: g, at: at, stray: true, comma: prev.comma}
		}
		at = end
	}
}

func lastSignificant(parts []green) int {
	i := len(parts) - 1
	for i > 0 && parts[i].kind.IsTrivia() {
		i--
	}
	return i
}

func nextSignificant(parts []green, i int) int {
	for i++; i < len(parts) && parts[i].kind.IsTrivia(); i++ {
	}
	return i
}

// endsOpen reports whether a container or a string that is not closed ends g.
func endsOpen(g green) bool {
	if g.kind == KindMember {
		g = g.node.children[len(g.node.children)-1]
	}
	return g.flags&flagOpen != 0
}

// spoils reports whether g is such that a comma missing behind it says nothing
// new: a string that swallowed the rest of its line, a stray word, a member
// without a value.
func spoils(g green) bool {
	if g.kind != KindMember {
		return g.kind == KindWord || g.kind == KindString && g.flags&flagOpen != 0
	}
	parts := g.node.children
	last := parts[len(parts)-1]
	return len(parts) == 1 && last.kind.IsScalar() || !last.kind.IsValue() || spoils(last)
}

// isJunk reports whether g is a word, or a member without a name or a lone word
// or number where a member belongs: one mistake, reported as such.
func isJunk(g green) bool {
	if g.kind != KindMember {
		return g.kind == KindWord
	}
	first := g.node.children[0].kind
	return !first.IsScalar() || first != KindString && len(g.node.children) == 1
}

func (f *faults) unclosed(c green, start int, missing *closers) {
	opener := "{"
	if c.kind == KindArray {
		opener = "["
	}
	add := missing.text()
	message := "this `" + opener + "` is never closed: add `" + add + "`"
	if more := len(add) - 1; more > 0 {
		if len(add) > 10 {
			add = add[:10] + "…"
		}
		message = "this `" + opener + "` and " + strconv.Itoa(more) + " more around it are never closed: add `" + add + "`"
	}
	end := start + int(c.width)
	f.add(ErrUnclosedBracket, start, start+1, message, insert(end, missing.text()))
}

func (f *faults) missingComma(prev item, count int) {
	end := prev.at + int(prev.green.width)
	after := "element " + strconv.Itoa(count)
	if prev.green.kind == KindMember {
		after = "the member before this one"
		if name := prev.green.node.children[0]; name.kind.IsScalar() {
			after = "the value of " + f.name(name, prev.at)
		}
	}
	f.add(ErrMissingComma, end, end, "expected a comma after "+after, insert(end, ","))
}

func (f *faults) trailingComma(container Kind, prev item, at int) {
	what := "the last element"
	if container == KindObject {
		what = "the last member"
		if prev.green.kind == KindMember {
			if name := prev.green.node.children[0]; name.kind.IsScalar() {
				what = "the last member, " + f.name(name, prev.at)
			}
		}
	}
	f.add(ErrExtraComma, at, at+1, "remove the comma after "+what, replace(at, at+1, ""))
}

// stray reports a token that has no place among the parts of a container. At
// the end of an open one it stands for the right bracket.
func (f *faults) stray(c, g green, at int, tail bool) {
	end := at + int(g.width)
	text := "`" + f.text(at, end) + "`"
	closer := closerOf(c.kind)
	switch {
	case g.kind == KindColon:
		f.add(ErrExtraColon, at, end, "elements of an array have no names: remove "+text+", or write {\"name\": value}")
	case tail:
		f.add(ErrUnexpectedBracket, at, end, "expected `"+closer+"` here instead of "+text, replace(at, end, closer))
	default:
		f.add(ErrUnexpectedBracket, at, end, "this "+text+" closes nothing: remove it", replace(at, end, ""))
	}
}

// member reports what is wrong in a member. tail says that it is the last part
// of an object that is not closed, which is reported; quiet, that it goes on
// with what has been reported.
func (f *faults) member(m green, start int, missing *closers, tail, quiet bool) {
	if m.flags&flagError == 0 {
		return
	}
	parts := m.node.children
	name := parts[0]
	nameEnd := start + int(name.width)
	named := name.kind.IsScalar()
	openName := named && name.flags&flagOpen != 0
	at := start
	switch {
	case !named && name.kind == KindColon:
		f.add(ErrMissingName, start, nameEnd, "expected a name in double quotes before this colon")
	case !named:
		f.add(ErrMissingName, start, start+1, "expected a name and a colon before this "+name.kind.String())
	case name.kind == KindString:
		f.token(name, start)
		if len(parts) == 1 && !openName && !tail {
			f.add(ErrMissingColon, nameEnd, nameEnd, "expected a colon and a value after "+f.name(name, start))
		}
	case len(parts) > 1:
		text := f.text(start, nameEnd)
		f.add(ErrUnquotedName, start, nameEnd, "put the name "+f.short(start, nameEnd)+" in double quotes", replace(start, nameEnd, `"`+text+`"`))
	case quiet:
	default:
		f.add(ErrInvalidWord, start, nameEnd, "expected a member, \"name\": value, instead of `"+f.short(start, nameEnd)+"`")
	}
	colons, valued := 0, false
	for i, g := range parts {
		end := at + int(g.width)
		switch {
		case g.kind.IsTrivia():
			f.trivia(g, at)
		case i == 0 && named:
		case g.kind == KindColon:
			colons++
			switch {
			case i == 0:
			case colons == 2:
				f.add(ErrExtraColon, at, end, "there is a colon already: remove this one", replace(at, end, ""))
			case colons == 1 && g.flags&flagStandIn != 0:
				f.add(ErrWrongCharacter, at, end, "write a colon instead of `"+f.text(at, end)+"`", replace(at, end, ":"))
			}
		default:
			valued = true
			if named && colons == 0 && !openName {
				f.add(ErrMissingColon, nameEnd, nameEnd, "expected a colon after "+f.name(name, start), insert(nameEnd, ":"))
			}
			f.value(g, at, missing)
		}
		at = end
	}
	if named && colons > 0 && !valued && !tail && !openName {
		f.add(ErrMissingValue, at, at, "expected a value after "+f.name(name, start)+":")
	}
}
