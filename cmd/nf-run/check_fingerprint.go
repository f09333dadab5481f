package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
)

// fingerprints recognise the findings of a file when it is checked again, also
// where lines have moved.
type fingerprints struct {
	file  *checkedFile
	lines []string // by line, made when there is a finding
	seen  map[string]int
}

func newFingerprints(f *checkedFile) *fingerprints {
	return &fingerprints{file: f, seen: map[string]int{}}
}

// of returns the partial fingerprints of a finding:
//
// primaryLocationLineHash is what code scanning goes by. It is worked out as its
// upload does it, for one that differs is reported as inconsistent.
//
// findingHash goes by the node, the rule and the text that is pointed at, so that
// it also stays when something else in the line changes.
func (p *fingerprints) of(x analysis.Finding) map[string]string {
	if p.lines == nil {
		p.lines = lineHashes(p.file.tree.Source())
	}
	out := map[string]string{}
	if line := position(p.file.tree.Lines(), x.Range.Start).Line; line <= len(p.lines) {
		out["primaryLocationLineHash"] = p.lines[line-1]
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{string(x.Code), p.node(x.Node), p.file.tree.Source()[x.Range.Start:x.Range.End]}, "\x00")))
	own := hex.EncodeToString(sum[:8])
	p.seen[own]++
	out["findingHash/v1"] = own + ":" + strconv.Itoa(p.seen[own])
	return out
}

// node names a node by what stays when others are put before it: by the labels
// of the nodes around it.
func (p *fingerprints) node(path string) string {
	if path == "" || p.file.snapshot == nil {
		return ""
	}
	var labels []string
	for n := p.file.snapshot.Doc.NodeOf(p.file.tree.Find(path)); n != nil; {
		labels = append(labels, n.Label())
		if n.Parent != nil {
			n = n.Parent
		} else {
			n = n.Scope.Owner
		}
	}
	return strings.Join(labels, "\x01")
}

// What a line is recognised by in code scanning: a polynomial over the first
// characters from its start on, in other words also over the lines behind it.
const (
	hashedCharacters = 100
	hashBase         = 37
	hashedEnd        = 0xFFFF // stands for the end of the file
)

// lineHashes returns for each line the hash that GitHub's upload of code
// scanning results goes by, and, behind a colon, the how many-eth line it is with
// that hash. Spaces and tabs do not count, and all line ends are one character.
// Source: github/codeql-action, fingerprints.
func lineHashes(text string) []string {
	var units []uint64 // without space
	starts := []int{0}
	put := func(c rune) {
		if c >= 0x10000 {
			c -= 0x10000
			units = append(units, uint64(0xD800+c>>10))
			c = 0xDC00 + c&0x3FF
		}
		units = append(units, uint64(c))
	}
	previous := rune(0)
	for _, c := range text {
		before := previous
		previous = c
		switch {
		case c == ' ' || c == '\t' || c == '\n' && before == '\r':
			continue
		case c == '\r' || c == '\n':
			units = append(units, '\n')
			starts = append(starts, len(units))
			continue
		}
		put(c)
	}
	units = append(units, hashedEnd)
	units = append(units, make([]uint64, hashedCharacters)...)
	seen := map[uint64]int{}
	out := make([]string, len(starts))
	for i, start := range starts {
		var hash uint64 // the arithmetic is that of 64 bits
		for _, u := range units[start : start+hashedCharacters] {
			hash = hash*hashBase + u
		}
		seen[hash]++
		out[i] = fmt.Sprintf("%x:%d", hash, seen[hash])
	}
	return out
}
