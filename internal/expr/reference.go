package expr

// reference reads what starts with a name: a literal word, a lambda with one bare parameter, a call, a reference.
func (p *parser) reference() Node {
	start := p.pos
	name := p.name()
	if p.peek() != '.' && p.peek() != '[' {
		switch name {
		case "true", "false":
			return &BoolLit{Pos{start, p.pos}, name == "true"}
		case "null":
			return &NullLit{Pos{start, p.pos}}
		case "undefined":
			return &UndefinedLit{Pos{start, p.pos}}
		}
		ahead := p.lexer
		ahead.space()
		if ahead.peek() == '=' && ahead.peekAt(1) == '>' {
			return p.lambda(start, []LambdaParam{{name, start, p.pos}}, ahead.pos)
		}
	}
	r := &Ref{Pos: Pos{start, p.pos}, Root: name, RootStart: start, RootEnd: p.pos, DotStart: -1, UnclosedFrom: -1}
	if name == "template" && p.peek() == '.' {
		r.Template = true
		r.DotStart = p.pos
		p.pos++
		r.RootStart = p.pos
		r.Root = p.name()
		r.RootEnd = p.pos
		if r.Root == "" {
			r.TrailingDot = true
			r.End = p.pos
			p.missingName(r)
			return r
		}
		r.DotStart = -1
	}
	r.Param = !r.Template && p.isParam(r.Root)
	if r.Root == "fn" && !r.Param && p.peek() == '.' {
		return p.call(r)
	}
	p.segments(r)
	r.End = p.pos
	if p.peek() == '(' && !r.TrailingDot {
		return p.bareCall(r)
	}
	return r
}

func (p *parser) isParam(name string) bool {
	for _, param := range p.params {
		if param == name {
			return true
		}
	}
	return false
}

// missingName reports a dot without a name, unless the text ends there: then the missing end says it all.
func (p *parser) missingName(r *Ref) {
	if p.stop() || p.silentAt == p.pos || p.endless {
		return
	}
	end := r.DotStart + 1
	p.report(r.Start, end, CodeMissingName, "a name is missing behind `"+shorten(p.text[r.Start:end])+"`")
}

// segments reads `.name` and `['name']` as long as they follow.
func (p *parser) segments(r *Ref) {
	for {
		switch p.peek() {
		case '.':
			dot := p.pos
			p.pos++
			start := p.pos
			if name := p.name(); name != "" {
				if r.Segments == nil {
					r.Segments = make([]Segment, 0, 2)
				}
				r.Segments = append(r.Segments, Segment{Name: name, Start: start, End: p.pos})
				continue
			}
			if p.peek() == '[' { // `a.["x"]`
				continue
			}
			r.TrailingDot, r.DotStart = true, dot
			if p.peek() == '.' && !p.stop() {
				// `a..b`: go on behind it, with one error.
				p.missingName(r)
				for p.peek() == '.' {
					p.pos++
				}
				start = p.pos
				if name := p.name(); name != "" {
					r.TrailingDot, r.DotStart = false, -1
					r.Segments = append(r.Segments, Segment{Name: name, Start: start, End: p.pos})
					continue
				}
				return
			}
			p.missingName(r)
			return
		case '[':
			if !p.bracket(r) {
				return
			}
		default:
			return
		}
	}
}

// bracket reads `[0]` or `['name']`; it returns false when it is not closed.
func (p *parser) bracket(r *Ref) bool {
	open := p.pos
	p.pos++
	p.space()
	seg := Segment{Bracket: true, Start: p.pos, End: p.pos}
	switch c := p.peek(); {
	case c == '\'' || c == '"':
		p.open = append(p.open, ']')
		s := p.str().(*StringLit)
		p.open = p.open[:len(p.open)-1]
		seg.Name, seg.Start, seg.End = s.Value, s.Start+1, s.End
		if s.Closed {
			seg.End--
		}
	default:
		seg.Name = p.name()
		seg.End = p.pos
	}
	p.space()
	empty := seg.Start == seg.End && seg.Name == ""
	if !empty {
		r.Segments = append(r.Segments, seg)
	}
	if p.peek() == ']' && !p.stop() {
		if empty {
			p.report(open, p.pos+1, CodeMissingName, "nothing stands in the brackets: write a position or a quoted name")
		}
		p.pos++
		return true
	}
	r.UnclosedFrom = open
	r.TrailingDot = empty
	if empty {
		r.DotStart = open
	}
	p.open = append(p.open, ']')
	p.unclosed(open, open+1, CodeUnclosedBracket, "`[`")
	p.open = p.open[:len(p.open)-1]
	return false
}

// call reads a function's name and arguments behind `fn`.
func (p *parser) call(r *Ref) Node {
	c := &Call{Pos: Pos{Start: r.Start}, Template: r.Template, Open: -1, Close: -1}
	dot := p.pos
	p.pos++
	c.NameStart = p.pos
	for p.name() != "" && p.peek() == '.' && isNameByte(p.peekAt(1)) {
		p.pos++
	}
	c.NameEnd, c.End = p.pos, p.pos
	c.Name = p.text[c.NameStart:p.pos]
	c.Ordinal = p.count(c.Name)
	ahead := p.lexer
	ahead.space()
	switch {
	case ahead.peek() == '(':
		p.pos = ahead.pos
	case c.Name == "":
		if !p.stop() && p.silentAt != p.pos && !p.endless {
			p.report(c.Start, dot+1, CodeMissingName, "the name of a function is missing behind `fn.`")
		}
		return c
	default:
		if !ahead.stop() && p.silentAt != ahead.pos && !p.endless {
			p.report(c.Start, c.NameEnd, CodeMissingParens, "`fn."+shorten(c.Name)+"` has no arguments: write `fn."+shorten(c.Name)+"(...)`")
		}
		return c
	}
	if c.Name == "" {
		p.report(c.Start, dot+1, CodeMissingName, "the name of a function is missing behind `fn.`")
	}
	p.arguments(c)
	return c
}

// bareCall reads the arguments behind a path that is no function.
func (p *parser) bareCall(r *Ref) Node {
	c := &Call{Pos: r.Pos, Template: r.Template, Bare: true, Name: p.text[r.RootStart:r.End], NameStart: r.RootStart, NameEnd: r.End, Open: -1, Close: -1}
	if len(r.Segments) > 0 {
		last := r.Segments[len(r.Segments)-1]
		p.report(r.Start, r.End, CodeMissingFn, "values have no methods here: write `fn."+shorten(last.Name)+"(...)` with the value as an argument")
	} else {
		p.report(r.Start, r.End, CodeMissingFn, "a function is called with `fn.` in front: write `fn."+shorten(r.Root)+"(...)`")
	}
	p.arguments(c)
	return c
}

func (p *parser) arguments(c *Call) {
	c.Open = p.pos
	p.pos++
	p.open = append(p.open, ')')
	c.Args, c.Commas, c.Closed = p.list(')', "an argument")
	if !c.Closed {
		name := c.Name
		if !c.Bare {
			name = "fn." + name
		}
		p.unclosed(c.Start, c.Open+1, CodeUnclosedCall, "`"+shorten(name)+"(`")
	}
	p.open = p.open[:len(p.open)-1]
	if c.Closed {
		c.Close = p.pos
		p.pos++
	}
	c.End = p.pos
}

// count returns how many calls of a function whose values are kept came before in the string.
func (p *parser) count(name string) int {
	for i, kept := range keptFunctions {
		if name == kept {
			p.calls[i]++
			return p.calls[i] - 1
		}
	}
	return 0
}
