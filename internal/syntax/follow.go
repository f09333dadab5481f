package syntax

// ParseLines takes the text of l apart as [Parse] does, and shares it with l.
func ParseLines(l *Lines) *Tree {
	t := parse(l.text, usual)
	t.linesOnce.Do(func() { t.lines = l })
	return t
}

// Follow returns the tree of the text of l, as if that had been made from the
// text of t by one edit: t itself where both are the same. Pieces of text that
// an edit of lines has left alone are not looked at, so where l was made from
// the lines of t by edits, the cost is that of what they touched.
func (t *Tree) Follow(l *Lines) *Tree {
	d, differs := t.text.difference(l.text)
	if !differs {
		return t
	}
	var next *Tree
	if t.tooLarge || l.text.size > t.limits.size {
		next = parse(l.text, t.limits)
	} else {
		next = t.reparse(l.text, []damage{d})
	}
	next.linesOnce.Do(func() { next.lines = l })
	return next
}

// difference returns the smallest piece of text that has to be replaced in t to
// make next of it, and false where there is nothing to replace.
func (t *text) difference(next *text) (damage, bool) {
	if t == next {
		return damage{}, false
	}
	a, _ := t.cut()
	b, _ := next.cut()
	head, tail := 0, 0 // bytes that both start and end with
	for len(a) > 0 && len(b) > 0 && a[0].same(b[0]) {
		head += len(a[0].s)
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1].same(b[len(b)-1]) {
		tail += len(a[len(a)-1].s)
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	old, now := t.slice(head, t.size-tail), next.slice(head, next.size-tail)
	n := commonPrefix(old, now)
	old, now, head = old[n:], now[n:], head+n
	n = commonSuffix(old, now)
	old, now = old[:len(old)-n], now[:len(now)-n]
	if old == "" && now == "" {
		return damage{}, false
	}
	return damage{Range{head, head + len(old)}, Range{head, head + len(now)}, now}, true
}

// same reports whether two pieces hold the same text. Strings that are one
// piece of memory are not compared byte by byte.
func (c *chunk) same(d *chunk) bool { return c == d || c.s == d.s }

// block is how many bytes are compared at once: strings are compared much faster
// than bytes one by one.
const block = 64

func commonPrefix(a, b string) int {
	n, most := 0, min(len(a), len(b))
	for n+block <= most && a[n:n+block] == b[n:n+block] {
		n += block
	}
	for n < most && a[n] == b[n] {
		n++
	}
	return n
}

func commonSuffix(a, b string) int {
	n, most := 0, min(len(a), len(b))
	for n+block <= most && a[len(a)-n-block:len(a)-n] == b[len(b)-n-block:len(b)-n] {
		n += block
	}
	for n < most && a[len(a)-n-1] == b[len(b)-n-1] {
		n++
	}
	return n
}
