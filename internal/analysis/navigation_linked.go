package analysis

import "github.com/nf-lsp/nf-lsp/internal/syntax"

// LinkedRanges returns the places of the name at the byte offset that may be
// typed over together: all of them, where all are written alike and as a plain
// word, else none. What cannot be renamed is not linked.
func (s *Snapshot) LinkedRanges(offset int) []syntax.Range {
	if m, at := s.meantAt(offset); m != nil {
		return m.ranges(m.snapshot.LinkedRanges(at))
	}
	f, all, err := s.renamable(offset)
	if f == nil || err != nil || !isLinkable(f.name) {
		return nil
	}
	out, source := make([]syntax.Range, len(all)), s.Tree.Source()
	for i, o := range all {
		if source[o.at.Start:o.at.End] != f.name {
			return nil
		}
		out[i] = o.at
	}
	return out
}

// LinkedWord is the regular expression of the names that stay linked while they
// are typed over.
const LinkedWord = "[A-Za-z0-9_-]+"

func isLinkable(name string) bool {
	for i := range len(name) {
		if c := name[i]; !(c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-') {
			return false
		}
	}
	return name != ""
}
