package syntax

import "strconv"

// closers are the brackets that are missing behind a value because containers
// around it are not closed: the innermost first.
type closers struct {
	kind    Kind
	outer   *closers
	follows bool // an item stands behind the outermost, without a comma
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

// value reports what is wrong in a value. follows says that an item stands behind
// it without a comma.
func (f *faults) value(v Value, missing *closers, follows bool) {
	switch {
	case !v.HasErrors():
	case v.green.kind.isContainer():
		f.container(v, missing, follows)
	default:
		f.token(v.green, v.start)
	}
}

// item is what container remembers of the part before the one at hand.
type item struct {
	Part
	greens []green // of the item
	comma  bool    // no item stands between it and the last comma or the opening bracket
	stray  bool    // it is a token that belongs elsewhere
}

// greens returns the tokens and values of an item.
func (p Part) greens() []green {
	if p.Kind == KindMember {
		return p.member.greens()
	}
	return []green{p.value.green}
}

func (f *faults) container(v Value, missing *closers, follows bool) {
	open := !v.Terminated()
	last := v.node.parts[lastSignificant(v.node.parts)]
	end := v.Range().End
	if open {
		if missing != nil {
			follows = missing.follows
		}
		missing = &closers{v.green.kind, missing, follows}
		switch {
		case last.flags&flagOpen != 0:
			// A string or a container that is not closed: said there.
		case last.kind == KindCloseBrace || last.kind == KindCloseBracket:
			// A bracket of the other kind stands in its place: said below.
		default:
			f.unclosed(v, missing, last)
		}
	}
	prev := item{comma: true}
	extra := false // a superfluous comma of this run has been reported
	sound := soundPart(v.node)
	count := sound.items
	for p := range (walked{v.tree, v.node, sound.parts, len(v.node.parts) - 1, v.start + sound.width, sound.nodes, false}).each {
		tail := open && p.Range.End == end
		switch {
		case p.Kind.IsTrivia():
			f.trivia(p.value.green, p.Range.Start)
		case p.Kind == KindMember || p.Kind.IsValue():
			this := item{Part: p, greens: p.greens()}
			noComma := !prev.comma && !prev.stray
			quiet := noComma && prev.spoils() && this.isJunk()
			if noComma && !prev.spoils() && !this.isJunk() {
				f.missingComma(prev, count)
			}
			count++
			var behind *closers
			if tail {
				behind = missing
			}
			switch {
			case p.Kind == KindMember:
				f.member(this, behind, quiet, itemBehind(v.node, p.last))
			case !quiet:
				f.value(p.value, behind, itemBehind(v.node, p.last))
			}
			prev, extra = this, false
		case p.Kind == KindComma:
			at := p.Range.Start
			switch {
			case p.value.green.flags&flagStandIn != 0:
				extra = true
				f.add(ErrWrongCharacter, at, at+1, "write a comma instead of `"+p.Text()+"`", replace(at, at+1, ","))
			case extra:
			case prev.comma && !prev.stray:
				extra = true
				f.add(ErrExtraComma, at, at+1, "nothing stands before this comma: remove it", replace(at, at+1, ""))
			case !open && nextSignificant(v.node.parts, p.last) == len(v.node.parts)-1:
				f.trailingComma(v.green.kind, prev, at)
			}
			prev = item{Part: p, comma: true}
		case p.Range.End == end && !open:
			// The closing bracket.
		default:
			if !prev.stray {
				f.stray(v, p, tail)
			}
			prev = item{Part: p, stray: true, comma: prev.comma}
		}
	}
}

// sound is the start of a container in which there is no mistake: its opening
// bracket, and items with a comma behind each.
type sound struct{ parts, nodes, items, width int }

// soundPart returns such a start, all but one item of the longest one: of its
// last comma, what follows tells whether it is one too many. In a list that is
// being written, most of what there is has been looked at many times before.
func soundPart(n *Node) sound {
	now := sound{parts: 1, width: int(n.parts[0].width)}
	last, lastButOne := now, now
	f := formOpened
	for ; now.parts < len(n.parts); now.parts++ {
		g := n.parts[now.parts]
		if f = f.behind(n.kind, n.parts[now.parts:now.parts+1]); g.flags&flagError != 0 || f == formBroken {
			break
		}
		now.width += int(g.width)
		if g.kind.isContainer() {
			now.nodes++
		}
		if g.kind == KindComma {
			now.items++
			last, lastButOne = now, last
			last.parts++
		}
	}
	return lastButOne
}

// nextSignificant returns the index of the first part behind part i that is no
// trivia.
func nextSignificant(parts []green, i int) int {
	for i++; i < len(parts) && parts[i].kind.IsTrivia(); i++ {
	}
	return i
}

// itemBehind reports whether the first part behind part i that is no trivia is
// an item.
func itemBehind(n *Node, i int) bool {
	i = nextSignificant(n.parts, i)
	return i < len(n.parts) && (n.parts[i].flags&flagMember != 0 || n.kind == KindArray && n.parts[i].kind.IsValue())
}

// spoils reports whether an item is such that a comma missing behind it says
// nothing new: a string that swallowed the rest of its line, a container that
// is not closed, a stray word, a member without a value.
func (i item) spoils() bool {
	last := i.greens[len(i.greens)-1]
	if last.kind == KindWord || last.flags&flagOpen != 0 {
		return true
	}
	return i.Kind == KindMember && (!last.kind.IsValue() || len(i.greens) == 1 && isName(last))
}

// isJunk reports whether an item is a word, or a member without a name, or
// words or a number where a member belongs: one mistake, reported as such.
func (i item) isJunk() bool {
	first := i.greens[0]
	if i.Kind != KindMember {
		return first.kind == KindWord
	}
	return !isName(first) || i.isText()
}

// isText reports whether a member is a word or a number, or two words.
func (i item) isText() bool {
	if first := i.greens[0]; !isName(first) || first.kind == KindString {
		return false
	}
	last := i.greens[len(i.greens)-1]
	return len(i.greens) == 1 || last.kind == KindWord && !i.member.HasColon()
}

// unclosed reports a container that is not closed and ends with the part last.
func (f *faults) unclosed(v Value, missing *closers, last green) {
	opener := "{"
	if v.green.kind == KindArray {
		opener = "["
	}
	add := missing.text()
	shown := add
	if len(add) > 10 {
		shown = add[:10] + "…"
	}
	message := "this `" + opener + "` is never closed: add `" + shown + "`"
	if more := len(add) - 1; more > 0 {
		message = "this `" + opener + "` and " + strconv.Itoa(more) + " more around it are never closed: add `" + shown + "`"
	}
	fix := insert(v.Range().End, add)
	if last.kind == KindComma {
		fix.Start--
	}
	if missing.follows {
		fix.NewText += ","
	}
	f.add(ErrUnclosedBracket, v.start, v.start+1, message, fix)
}

func (f *faults) missingComma(prev item, count int) {
	end := prev.Range.End
	after := "element " + strconv.Itoa(count)
	if prev.Kind == KindMember {
		after = "the member before this one"
		if name := prev.member.Key(); name.IsValid() {
			after = "the value of " + f.name(name)
		}
	}
	f.add(ErrMissingComma, end, end, "expected a comma after "+after, insert(end, ","))
}

func (f *faults) trailingComma(container Kind, prev item, at int) {
	what := "the last element"
	if container == KindObject {
		what = "the last member"
		if name := prev.member.Key(); name.IsValid() {
			what = "the last member, " + f.name(name)
		}
	}
	f.add(ErrExtraComma, at, at+1, "remove the comma after "+what, replace(at, at+1, ""))
}

// stray reports a token that has no place among the parts of a container. At
// the end of an open one it stands for the right bracket.
func (f *faults) stray(v Value, p Part, tail bool) {
	at, end := p.Range.Start, p.Range.End
	text := "`" + p.Text() + "`"
	closer := closerOf(v.green.kind)
	switch {
	case p.Kind == KindColon:
		f.add(ErrExtraColon, at, end, "elements of an array have no names: remove "+text+", or write {\"name\": value}")
	case tail:
		f.add(ErrUnexpectedBracket, at, end, "expected `"+closer+"` here instead of "+text, replace(at, end, closer))
	default:
		f.add(ErrUnexpectedBracket, at, end, "this "+text+" closes nothing: remove it", replace(at, end, ""))
	}
}

// member reports what is wrong in a member. missing is not nil if it is the last
// part of an object that is not closed, which is reported; quiet says that it
// goes on with what has been reported.
func (f *faults) member(i item, missing *closers, quiet, follows bool) {
	m, tail := i.member, missing != nil
	name := m.Key()
	start, nameEnd := i.Range.Start, name.Range().End
	openName := name.IsValid() && !name.Terminated()
	lone := len(i.greens) == 1
	switch {
	case !name.IsValid() && quiet:
	case !name.IsValid():
		what := "colon"
		if v := m.Value(); v.IsValid() && i.greens[0].kind != KindColon {
			what = v.Kind().String()
		}
		f.add(ErrMissingName, start, start+1, "expected a name in double quotes before this "+what)
	case name.Kind() == KindString:
		f.token(name.green, start)
		if lone && !openName && !tail {
			f.add(ErrMissingColon, nameEnd, nameEnd, "expected a colon and a value after "+f.name(name))
		}
	case i.isText():
		if !quiet {
			f.add(ErrInvalidWord, start, i.Range.End, "expected a member, \"name\": value, instead of `"+f.short(start, i.Range.End)+"`")
		}
		return
	default:
		f.add(ErrUnquotedName, start, nameEnd, "put the name "+f.short(start, start+len(name.Text()))+" in double quotes", replace(start, nameEnd, Quote(name.Text())))
	}
	colons, valued := 0, false
	for p := range m.walked().each {
		at, end := p.Range.Start, p.Range.End
		switch {
		case p.Kind.IsTrivia():
			f.trivia(p.value.green, at)
		case at == start && name.IsValid():
		case p.Kind == KindColon:
			colons++
			switch {
			case at == start:
			case p.Text() == ",":
				f.add(ErrExtraComma, at, end, "a value follows, not the next member: remove this comma", replace(at, end, ""))
			case p.Text() == "}":
				f.add(ErrUnexpectedBracket, at, end, "a value follows, and this `}` closes nothing: remove it", replace(at, end, ""))
			case colons == 2:
				f.add(ErrExtraColon, at, end, "there is a colon already: remove this one", replace(at, end, ""))
			case colons == 1 && p.value.green.flags&flagStandIn != 0:
				f.add(ErrWrongCharacter, at, end, "write a colon instead of `"+p.Text()+"`", replace(at, end, ":"))
			}
		default:
			valued = true
			if name.IsValid() && colons == 0 && !openName {
				f.add(ErrMissingColon, nameEnd, nameEnd, "expected a colon after "+f.name(name), insert(nameEnd, ":"))
			}
			f.value(p.value, missing, follows)
		}
	}
	if name.IsValid() && colons > 0 && !valued && !tail && !openName {
		f.add(ErrMissingValue, i.Range.End, i.Range.End, "expected a value after "+f.name(name)+":")
	}
}
