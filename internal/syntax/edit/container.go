package edit

import (
	"sort"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/syntax"
)

// container is an object or an array together with what is to change in it.
type container struct {
	value   syntax.Value
	parts   []syntax.Part
	items   []item
	inserts [][]insertion // inserts[i] go before items[i], the last ones behind all
}

// item is a member or an element that there is.
type item struct {
	syntax.Range
	part    int // its index in container.parts
	removed bool
}

// insertion is a member or an element that is added.
type insertion struct {
	key   string
	named bool
	json  string
}

func newContainer(v syntax.Value) *container {
	c := &container{value: v}
	for p := range v.Parts() {
		if p.Kind == syntax.KindMember || p.Kind.IsValue() {
			c.items = append(c.items, item{Range: p.Range, part: len(c.parts)})
		}
		c.parts = append(c.parts, p)
	}
	c.inserts = make([][]insertion, len(c.items)+1)
	return c
}

func (c *container) insert(i int, n insertion) { c.inserts[i] = append(c.inserts[i], n) }

// around returns the index of the item that r lies in, -1 if there is none.
func (c *container) around(r syntax.Range) int {
	i := sort.Search(len(c.items), func(i int) bool { return c.items[i].Start > r.Start }) - 1
	if i >= 0 && r.End > c.items[i].End {
		return -1
	}
	return i
}

// changes reports whether anything changes.
func (c *container) changes() bool {
	for i, list := range c.inserts {
		if len(list) > 0 || i < len(c.items) && c.items[i].removed {
			return true
		}
	}
	return false
}

// edits works out the changes gap by gap: what is removed and inserted between
// two items that stay.
func (c *container) edits(s *style) []syntax.Edit {
	if !c.changes() {
		return nil
	}
	var out []syntax.Edit
	prev, stays := -1, false
	for next := 0; next <= len(c.items); next++ {
		if next < len(c.items) && c.items[next].removed {
			continue
		}
		stays = stays || next < len(c.items)
		if !stays {
			return c.refill(s)
		}
		var added []insertion
		for i := prev + 1; i <= next; i++ {
			added = append(added, c.inserts[i]...)
		}
		removes := next > prev+1
		switch {
		case len(added) == 0 && !removes:
		case next < len(c.items):
			out = append(out, c.before(s, prev, next, added)...)
		default:
			out = append(out, c.behind(s, prev, added)...)
		}
		prev = next
	}
	return out
}

// before changes what stands between the items prev (-1 for none) and next.
func (c *container) before(s *style, prev, next int, added []insertion) []syntax.Edit {
	sep := c.separator(s, next)
	var text strings.Builder
	for _, n := range added {
		text.WriteString(c.text(s, n, sep, next))
		text.WriteString(",")
		text.WriteString(sep)
	}
	var out []syntax.Edit
	start, end := c.items[prev+1].Start, c.items[next].Start
	if prev >= 0 && len(added) > 0 {
		if _, ok := c.comma(c.items[prev].part, start); !ok && !c.endsInComma(s, prev) {
			out = append(out, insertAt(c.items[prev].End, ","))
		}
	}
	return append(out, c.replace(start, end, end, text.String())...)
}

// behind changes what stands behind the item prev, the last that stays.
func (c *container) behind(s *style, prev int, added []insertion) []syntax.Edit {
	sep := c.separator(s, prev)
	texts := make([]string, len(added))
	for i, n := range added {
		texts[i] = c.text(s, n, sep, prev)
	}
	text := strings.Join(texts, ","+sep)
	end := c.items[prev].End
	if prev < len(c.items)-1 {
		lastItem := c.items[len(c.items)-1]
		stop := lastItem.End
		if comma, ok := c.comma(lastItem.part, c.value.Range().End); ok {
			stop = comma
		}
		if text != "" {
			text = "," + sep + text
		}
		return c.replace(end, stop, end, text)
	}
	var out []syntax.Edit
	at, lead := end, ","
	if comma, ok := c.comma(c.items[prev].part, c.value.Range().End); ok {
		at, lead = comma, ""
	}
	// A comment on the item's line stays with it.
	if comment := c.commentOnLine(c.items[prev].part); comment > at && strings.ContainsAny(sep, "\r\n") {
		if lead != "" {
			out = append(out, insertAt(end, lead))
		}
		at, lead = comment, ""
	}
	return append(out, insertAt(at, lead+sep+text))
}

// refill changes a container of which nothing stays.
func (c *container) refill(s *style) []syntax.Edit {
	var added []insertion
	for _, list := range c.inserts {
		added = append(added, list...)
	}
	r := c.value.Range()
	start, end := r.Start+1, r.End
	if c.value.Terminated() {
		end--
	}
	l := layout{indent: s.indentAt(r.Start)}
	if c.lastComment() > 0 || strings.ContainsAny(s.src[start:end], "\r\n") {
		l.lines = true
	} else if len(c.items) == 0 {
		l = s.layoutOf(c.value)
	}
	between, head, tail := s.comma, strings.TrimRight(s.src[start:end], " \t"), ""
	switch {
	case l.lines:
		inner := s.newline + l.indent + s.unit
		between, head, tail = ","+inner, inner, s.newline+l.indent
	case head == "" && end > start:
		head, tail = " ", " "
	case c.value.Kind() == syntax.KindObject:
		head, tail = s.pad, s.pad
	default:
		head = ""
	}
	if !c.value.Terminated() {
		tail = ""
	}
	if l.lines {
		l.indent += s.unit
	}
	texts := make([]string, len(added))
	for i, n := range added {
		texts[i] = c.write(s, n, l)
	}
	text := strings.Join(texts, between)
	if comment := c.lastComment(); comment > 0 {
		// Comments are no items: they stay.
		from, to := comment, comment
		if len(c.items) > 0 {
			from, to = c.items[0].Start, c.items[len(c.items)-1].End
			if comma, ok := c.comma(c.items[len(c.items)-1].part, end); ok {
				to = comma
			}
		}
		if text != "" {
			text = s.newline + l.indent + text
		}
		return c.replace(from, to, max(comment, to), text)
	}
	if len(added) == 0 {
		return []syntax.Edit{{Range: syntax.Range{Start: start, End: end}}}
	}
	return []syntax.Edit{{Range: syntax.Range{Start: start, End: end}, NewText: head + text + tail}}
}

// text writes an insertion beside an item.
func (c *container) text(s *style, n insertion, sep string, neighbour int) string {
	it := c.items[neighbour]
	l := layout{indent: s.indentAt(it.Start)}
	if i := strings.LastIndexAny(sep, "\r\n"); i >= 0 {
		l.lines, l.indent = n.named || !c.onOneLine(s, neighbour), sep[i+1:]
	} else {
		l.lines = strings.ContainsAny(s.src[it.Start:it.End], "\r\n")
	}
	return c.write(s, n, l)
}

// onOneLine reports whether an item is an object or an array that is written on
// one line, though it has room for lines of its own.
func (c *container) onOneLine(s *style, i int) bool {
	v := c.parts[c.items[i].part].Value()
	return v.Len() > 0 && !strings.ContainsAny(s.src[v.Range().Start:v.Range().End], "\r\n")
}

func (c *container) write(s *style, n insertion, l layout) string {
	value := s.value(n.json, l)
	if !n.named {
		return value
	}
	colon := s.colon
	for i := len(c.items) - 1; i >= 0; i-- {
		if text, ok := colonOf(s.src, c.parts[c.items[i].part].Member()); ok {
			colon = text
			break
		}
	}
	return Quote(n.key) + colon + value
}

// separator returns the space between two items, as it is at item i.
func (c *container) separator(s *style, i int) string {
	for _, k := range []int{i, 1} {
		if k >= len(c.items) {
			break
		}
		start := c.items[k].Start
		if s.startsLine(start) && s.lineStart(start) > c.value.Range().Start {
			return s.newline + s.indentAt(start)
		}
		if k > 0 {
			before := s.src[c.items[k-1].End:start]
			return before[len(strings.TrimRight(before, " \t")):]
		}
	}
	return strings.TrimPrefix(s.comma, ",")
}

// comma returns where the last comma ends that stands behind a part and before
// an offset, with no item in between.
func (c *container) comma(part, before int) (end int, ok bool) {
	for _, p := range c.parts[part+1:] {
		switch {
		case p.Range.Start >= before || p.Kind == syntax.KindMember || p.Kind.IsValue():
			return end, ok
		case p.Kind == syntax.KindComma:
			end, ok = p.Range.End, true
		}
	}
	return end, ok
}

// endsInComma reports whether the last thing in an item that is not closed is a
// comma: it will part the item from the next one once the item is closed.
func (c *container) endsInComma(s *style, i int) bool {
	p := c.parts[c.items[i].part]
	v := p.Value()
	if !v.IsValid() {
		v = p.Member().Value()
	}
	return v.IsValid() && !v.Terminated() && strings.HasSuffix(strings.TrimRight(s.src[:c.items[i].End], " \t\r\n"), ",")
}

// commentOnLine returns where the comment ends that stands behind a part on its
// line, 0 if there is none.
func (c *container) commentOnLine(part int) int {
	end := 0
	for _, p := range c.parts[part+1:] {
		switch {
		case isComment(p.Kind):
			end = p.Range.End
		case p.Kind == syntax.KindComma || p.Kind == syntax.KindSpace && !p.HasNewline():
		default:
			return end
		}
	}
	return end
}

func (c *container) lastComment() int {
	end := 0
	for _, p := range c.parts {
		if isComment(p.Kind) {
			end = p.Range.End
		}
	}
	return end
}

func isComment(k syntax.Kind) bool {
	return k == syntax.KindLineComment || k == syntax.KindBlockComment
}

// replace takes out the bytes from start to end, save for comments and the line
// ends behind them, and puts text at the offset at.
func (c *container) replace(start, end, at int, text string) []syntax.Edit {
	var out []syntax.Edit
	from := start
	cut := func(to int) {
		if to > from {
			out = append(out, syntax.Edit{Range: syntax.Range{Start: from, End: to}})
		}
	}
	kept := false
	first := sort.Search(len(c.parts), func(i int) bool { return c.parts[i].Range.Start >= start })
	for _, p := range c.parts[first:] {
		if p.Range.End > end {
			break
		}
		if isComment(p.Kind) || kept && p.HasNewline() {
			cut(p.Range.Start)
			from = p.Range.End
		}
		kept = isComment(p.Kind)
	}
	cut(end)
	if text == "" {
		return out
	}
	if len(out) == 1 && (out[0].Start == at || out[0].End == at) {
		out[0].NewText = text
		return out
	}
	return append(out, insertAt(at, text))
}

func insertAt(at int, text string) syntax.Edit {
	return syntax.Edit{Range: syntax.Range{Start: at, End: at}, NewText: text}
}
