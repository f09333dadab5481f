package syntax

import (
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
)

// text is an immutable text in pieces, so that an edit copies a few kilobytes
// of it and not all. The pieces of an unedited text are parts of its string.
type text struct {
	size int
	// chunk is how long a piece is about.
	chunk int
	// origin is the length of the string that the oldest pieces are parts of
	// and keep in memory.
	origin int

	flat     atomic.Pointer[string] // the whole text in one string, once somebody has asked for it
	flatLock sync.Mutex

	chunkOnce sync.Once
	chunks    []*chunk
	starts    []int // where each chunk starts

	// edited is the short piece in which the last edit was; whole is what has to be
	// put together again once edits are made elsewhere: the pieces from the first
	// to before the second are those of a longer one. Without any, whole is empty.
	edited int
	whole  [2]int
}

// chunk is a piece of text. It never starts within a rune or between CR and LF.
type chunk struct {
	s     string
	index atomic.Pointer[chunkIndex]
}

// chunkSize is how long a piece of text is, save in tests. It is long, for each
// edit copies the list of the pieces; somebody who types edits one place many
// times, so a short piece is cut out there.
const chunkSize = 8 << 10

// short is how long a piece that is being edited is about.
func (t *text) short() int { return t.chunk / 16 }

func newText(s string, chunk int) *text {
	t := &text{size: len(s), chunk: chunk, origin: len(s)}
	t.flat.Store(&s)
	return t
}

// string returns the whole text.
func (t *text) string() string {
	if s := t.flat.Load(); s != nil {
		return *s
	}
	t.flatLock.Lock()
	defer t.flatLock.Unlock()
	if s := t.flat.Load(); s != nil {
		return *s
	}
	var b strings.Builder
	b.Grow(t.size)
	for _, c := range t.chunks {
		b.WriteString(c.s)
	}
	s := b.String()
	t.flat.Store(&s)
	return s
}

// cut returns the pieces.
func (t *text) cut() ([]*chunk, []int) {
	t.chunkOnce.Do(func() {
		if t.chunks == nil && t.size > 0 {
			t.chunks = appendChunks(make([]*chunk, 0, t.size/t.chunk+1), *t.flat.Load(), t.chunk)
			t.starts = chunkStarts(t.chunks)
		}
	})
	return t.chunks, t.starts
}

func chunkStarts(chunks []*chunk) []int {
	starts := make([]int, len(chunks))
	at := 0
	for i, c := range chunks {
		starts[i] = at
		at += len(c.s)
	}
	return starts
}

// appendChunks cuts s into pieces.
func appendChunks(chunks []*chunk, s string, size int) []*chunk {
	for len(s) > 2*size {
		i := size
		for !boundary(s, i) {
			i++
		}
		chunks = append(chunks, &chunk{s: s[:i]})
		s = s[i:]
	}
	if s != "" {
		chunks = append(chunks, &chunk{s: s})
	}
	return chunks
}

// boundary reports whether s can be cut at i: not between CR and LF, and not
// within a rune. Behind three continuation bytes no rune goes on.
func boundary(s string, i int) bool {
	if i <= 0 || i >= len(s) {
		return true
	}
	if s[i] == '\n' && s[i-1] == '\r' {
		return false
	}
	if !continues(s[i]) {
		return true
	}
	return i >= 3 && continues(s[i-1]) && continues(s[i-2]) && continues(s[i-3])
}

func continues(c byte) bool { return c&0xC0 == 0x80 }

// find returns the index of the chunk that holds the byte at offset.
func find(starts []int, offset int) int {
	return sort.Search(len(starts), func(i int) bool { return starts[i] > offset }) - 1
}

// slice returns text[start:end].
func (t *text) slice(start, end int) string {
	if s := t.flat.Load(); s != nil {
		return (*s)[start:end]
	}
	if start >= end {
		return ""
	}
	i := find(t.starts, start)
	from := start - t.starts[i]
	if c := t.chunks[i].s; end-t.starts[i] <= len(c) {
		return c[from : end-t.starts[i]]
	}
	if end-start > t.size/2 {
		return t.string()[start:end]
	}
	var b strings.Builder
	b.Grow(end - start)
	b.WriteString(t.chunks[i].s[from:])
	for i++; b.Len() < end-start; i++ {
		c := t.chunks[i].s
		b.WriteString(c[:min(len(c), end-start-b.Len())])
	}
	return b.String()
}

// equal reports whether s stands at the offset.
func (t *text) equal(start int, s string) bool {
	if flat := t.flat.Load(); flat != nil {
		return (*flat)[start:start+len(s)] == s
	}
	return t.slice(start, start+len(s)) == s
}

// edit returns the text with the damages done.
func (t *text) edit(damages []damage) *text {
	const few = 16
	if len(damages) > few {
		var b strings.Builder
		at, src := 0, t.string()
		for _, d := range damages {
			b.WriteString(src[at:d.old.Start])
			b.WriteString(d.text)
			at = d.old.End
		}
		b.WriteString(src[at:])
		return newText(b.String(), t.chunk)
	}
	for i := len(damages) - 1; i >= 0; i-- {
		t = t.replace(damages[i].old, damages[i].text)
	}
	return t
}

// replace returns the text with r replaced. r has to lie within the text.
func (t *text) replace(r Range, s string) *text {
	size := t.size - (r.End - r.Start) + len(s)
	if size < t.origin/2 {
		// Most of what the pieces keep alive is gone: start afresh.
		return newText(strings.Join([]string{t.slice(0, r.Start), s, t.slice(r.End, t.size)}, ""), t.chunk)
	}
	chunks, starts := t.cut()
	if len(chunks) == 0 {
		return newText(s, t.chunk)
	}
	if n := t.replaceShort(r, s); n != nil {
		return n
	}
	if t.whole[1] > 0 {
		chunks = t.calm()
		starts = chunkStarts(chunks)
	}
	// Chunks first to last-1 are replaced. A neighbour is taken in where the
	// new text could not be cut from it.
	first := max(find(starts, r.Start), 0)
	last := max(find(starts, r.End-1), first) + 1
	var b strings.Builder
	head, tail := starts[first], t.size
	if last < len(chunks) {
		tail = starts[last]
	}
	b.Grow(r.Start - head + len(s) + tail - r.End)
	b.WriteString(t.slice(head, r.Start))
	b.WriteString(s)
	b.WriteString(t.slice(r.End, tail))
	middle := b.String()
	for first > 0 && !seam(chunks[first-1].s, middle) {
		first--
		middle = chunks[first].s + middle
	}
	for last < len(chunks) && !seam(middle, chunks[last].s) {
		middle += chunks[last].s
		last++
	}
	if len(middle) < t.chunk/2 && last < len(chunks) {
		middle += chunks[last].s
		last++
	}
	out := make([]*chunk, 0, len(chunks)+3+len(middle)/t.chunk)
	out = append(out, chunks[:first]...)
	out = appendChunks(out, middle, t.chunk)
	out = append(out, chunks[last:]...)
	n := &text{size: size, chunk: t.chunk, origin: max(t.origin, size), chunks: out}
	n.starts = chunkStarts(out)
	if size == 0 {
		n.flat.Store(new(string))
		return n
	}
	n.cutOut(r.Start, r.Start+len(s))
	return n
}

// replaceShort replaces within the piece that was edited last; nil where the edit
// reaches beyond it, or makes it long or empty.
func (t *text) replaceShort(r Range, s string) *text {
	if t.whole[1] == 0 {
		return nil
	}
	i := t.edited
	c := t.chunks[i].s
	from, to := r.Start-t.starts[i], r.End-t.starts[i]
	length := len(c) - (to - from) + len(s)
	if from < 0 || to > len(c) || length == 0 || length > 2*t.short() {
		return nil
	}
	now := c[:from] + s + c[to:]
	if i > 0 && !seam(t.chunks[i-1].s, now) || i+1 < len(t.chunks) && !seam(now, t.chunks[i+1].s) {
		return nil
	}
	n := &text{size: t.size + length - len(c), chunk: t.chunk, edited: i, whole: t.whole}
	n.origin = max(t.origin, n.size)
	n.chunks = slices.Clone(t.chunks)
	n.chunks[i] = &chunk{s: now}
	n.starts = slices.Clone(t.starts)
	for k := i + 1; k < len(n.starts); k++ {
		n.starts[k] += length - len(c)
	}
	return n
}

// calm returns the pieces with those put together that were one before somebody
// typed in it.
func (t *text) calm() []*chunk {
	from, to := t.whole[0], t.whole[1]
	end := t.size
	if to < len(t.starts) {
		end = t.starts[to]
	}
	out := make([]*chunk, 0, len(t.chunks))
	out = append(out, t.chunks[:from]...)
	out = appendChunks(out, t.slice(t.starts[from], end), t.chunk)
	return append(out, t.chunks[to:]...)
}

// cutOut cuts a short piece around start to end out of the piece that this lies
// in, if that is long. No text is copied.
func (t *text) cutOut(start, end int) {
	i := max(find(t.starts, start), 0)
	c := t.chunks[i].s
	start, end = start-t.starts[i], end-t.starts[i]
	around := t.short() / 2
	if end > len(c) || end-start+2*around >= len(c)/2 || end-start > t.short() {
		return
	}
	from, to := max(start-around, 0), min(end+around, len(c))
	for from > 0 && !boundary(c, from) {
		from--
	}
	for to < len(c) && !boundary(c, to) {
		to++
	}
	if from == to {
		return
	}
	out := make([]*chunk, 0, len(t.chunks)+2)
	out = append(out, t.chunks[:i]...)
	if from > 0 {
		out = append(out, &chunk{s: c[:from]})
	}
	t.edited = len(out)
	out = append(out, &chunk{s: c[from:to]})
	if to < len(c) {
		out = append(out, &chunk{s: c[to:]})
	}
	t.whole = [2]int{i, len(out)}
	t.chunks = append(out, t.chunks[i+1:]...)
	t.starts = chunkStarts(t.chunks)
}

// seam reports whether a text may be cut where a ends and b starts.
func seam(a, b string) bool {
	if len(a) == 0 || len(b) == 0 {
		return false
	}
	a = a[max(0, len(a)-3):]
	return boundary(a+b[:1], len(a))
}
