package settings

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nf-lsp/nf-lsp/internal/analysis"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
	"github.com/nf-lsp/nf-lsp/internal/syntax"
	"github.com/nf-lsp/nf-lsp/internal/syntax/edit"
)

// Parse reads a settings file. It never fails: mistakes are findings, and a part
// with a mistake counts for nothing. Where the text is not JSON, save for
// comments, all of it counts for nothing, for it cannot be told which parts
// belong together.
func Parse(path string, tree *syntax.Tree) *File {
	f := &File{Path: path, Tree: tree}
	p := parser{file: f}
	p.syntax()
	f.broken = len(f.Findings) > 0
	if f.broken || !tree.Root().IsValid() {
		return f
	}
	p.root(tree.Root())
	f.relevel()
	slices.SortStableFunc(f.Findings, func(a, b Finding) int { return a.Range.Start - b.Range.Start })
	return f
}

type parser struct{ file *File }

// syntax reports what is not JSON. Comments and a byte order mark are let be, as
// in other files of this name, and so is a file with nothing in it.
func (p *parser) syntax() {
	for _, e := range p.file.Tree.Errors() {
		switch e.Code {
		case syntax.ErrComment, syntax.ErrByteOrderMark, syntax.ErrEmptyDocument:
			continue
		}
		f := p.invalid(e.Range, "%s Until this is mended, nothing in the file counts.", e.Message)
		if e.Fix != nil {
			f.Fixes = []analysis.Fix{{Title: "Correct the text", Edits: e.Fix}}
		}
	}
}

// invalid reports a mistake. The finding may be changed until the next one.
func (p *parser) invalid(at syntax.Range, format string, args ...any) *Finding {
	return p.report(CodeInvalidSettings, at, format, args...)
}

// unknown reports what this version does not know.
func (p *parser) unknown(at syntax.Range, format string, args ...any) *Finding {
	return p.report(CodeUnknownSetting, at, format, args...)
}

func (p *parser) report(code analysis.Code, at syntax.Range, format string, args ...any) *Finding {
	message := format
	if len(args) > 0 {
		message = fmt.Sprintf(format, args...)
	}
	f := p.file
	f.Findings = append(f.Findings, Finding{Finding: analysis.Finding{Code: code, Severity: f.level(code), Range: at, Message: message}})
	return &f.Findings[len(f.Findings)-1]
}

// relevel gives unknown settings the level that the file itself wants, which is
// known only when all of it is read.
func (f *File) relevel() {
	level := f.level(CodeUnknownSetting)
	f.Findings = slices.DeleteFunc(f.Findings, func(x Finding) bool {
		return x.Code == CodeUnknownSetting && level == analysis.Off
	})
	for i := range f.Findings {
		if f.Findings[i].Code == CodeUnknownSetting {
			f.Findings[i].Severity = level
		}
	}
}

func (p *parser) root(v syntax.Value) {
	members, _ := p.members(v, "the file", "", "$schema", "diagnostics")
	p.text(members["$schema"], "$schema")
	if d := members["diagnostics"]; d.IsValid() {
		members, _ = p.members(d, `"diagnostics"`, "", "severity", "overrides", "suppressions")
		if s := members["severity"]; s.IsValid() {
			p.file.severity, _ = p.severity(s, false)
		}
		for _, o := range p.list(members["overrides"], `"overrides"`) {
			p.override(o)
		}
		for _, s := range p.list(members["suppressions"], `"suppressions"`) {
			p.suppression(s)
		}
	}
}

// notCounting is what follows from a member of an entry that is not understood:
// it may have been meant to limit what the entry hides.
const notCounting = " Until that is mended, the entry counts for nothing."

// members returns the values of an object's members. whole is false where there
// is anything about the object that is not understood; members that stand twice
// are left out. consequence is said about members that are not known.
func (p *parser) members(v syntax.Value, what, consequence string, known ...string) (members map[string]syntax.Value, whole bool) {
	if v.Kind() != syntax.KindObject {
		p.invalid(v.Range(), "%s is an object in braces.", what)
		return nil, false
	}
	members, whole = map[string]syntax.Value{}, true
	twice := map[string]bool{}
	for m := range v.Members() {
		name := m.KeyText()
		switch {
		case !slices.Contains(known, name):
			whole = false
			f := p.unknown(m.Key().Range(), "%s has no member %q; it has %s.", what, name, listed(known))
			if near := validate.Closest(name, known); near != "" {
				f.Message = fmt.Sprintf("%s has no member %q; did you mean %q?", what, name, near)
				f.Fixes = change(m.Key(), near)
			}
			f.Message += consequence
		case members[name].IsValid() || twice[name]:
			whole, twice[name] = false, true
			delete(members, name)
			p.invalid(m.Key().Range(), "%q stands twice; neither counts until one is removed.", name)
		default:
			members[name] = m.Value()
		}
	}
	return members, whole
}

// list returns the elements of an array; none where there is no value.
func (p *parser) list(v syntax.Value, what string) []syntax.Value {
	if !v.IsValid() {
		return nil
	}
	if v.Kind() != syntax.KindArray {
		p.invalid(v.Range(), "%s is a list in brackets.", what)
		return nil
	}
	return slices.Collect(v.Elements())
}

// text returns the text of a string, which may be absent.
func (p *parser) text(v syntax.Value, name string) (text string, fine bool) {
	if v.IsValid() && v.Kind() != syntax.KindString {
		p.invalid(v.Range(), "%q is a string.", name)
		return "", false
	}
	return v.Text(), true
}

// severity reads an object of codes and levels. all allows "*"; off is whether
// it is there.
func (p *parser) severity(v syntax.Value, all bool) (levels map[analysis.Code]analysis.Severity, off bool) {
	if v.Kind() != syntax.KindObject {
		p.invalid(v.Range(), `"severity" is an object of codes and levels, for instance {"unused-argument": "off"}.`)
		return nil, false
	}
	levels = map[analysis.Code]analysis.Severity{}
	seen := map[string]bool{}
	for m := range v.Members() {
		name := m.KeyText()
		if seen[name] {
			delete(levels, analysis.Code(name))
			off = off && name != everyCode
			p.invalid(m.Key().Range(), "%q stands twice; neither counts until one is removed.", name)
			continue
		}
		seen[name] = true
		if name == everyCode {
			off = p.everyCode(m, all) || off
			continue
		}
		if !p.code(m.Key(), codes()) {
			continue
		}
		if level, ok := p.level(m.Value(), name); ok {
			levels[analysis.Code(name)] = level
		}
	}
	return levels, off
}

// everyCode reads the member that is for all codes.
func (p *parser) everyCode(m syntax.Member, allowed bool) bool {
	if !allowed {
		p.invalid(m.Key().Range(), `"*" stands for all codes in "overrides" only, where it is said for which files.`)
		return false
	}
	if v := m.Value(); v.Kind() != syntax.KindString || v.Text() != "off" {
		p.invalid(v.Range(), `"*" can only be "off".`).Fixes = change(v, "off")
		return false
	}
	return true
}

func (p *parser) level(v syntax.Value, code string) (analysis.Severity, bool) {
	if v.Kind() == syntax.KindString {
		if level, ok := levelNamed(v.Text()); ok {
			return level, true
		}
	}
	f := p.invalid(v.Range(), "the level of %s is %s.", code, listed(levels))
	if near := validate.Closest(v.Text(), levels); near != "" {
		f.Fixes = change(v, near)
	}
	return analysis.Off, false
}

// code reports a code that there is not.
func (p *parser) code(v syntax.Value, known []string) bool {
	name := v.Text()
	if v.Kind() == syntax.KindString && slices.Contains(known, name) {
		return true
	}
	switch name {
	case string(CodeInvalidSettings):
		p.invalid(v.Range(), "mistakes in this file cannot be hidden by it.")
	case string(CodeUnknownSetting), string(CodeUnusedSuppression):
		p.invalid(v.Range(), `%s is about this file; it is switched off in "severity" of "diagnostics".`, name)
	default:
		f := p.unknown(v.Range(), "there is no code %q.", name)
		if near := validate.Closest(name, known); near != "" {
			f.Message = fmt.Sprintf("there is no code %q; did you mean %q?", name, near)
			f.Fixes = change(v, near)
		}
	}
	return false
}

func (p *parser) override(v syntax.Value) {
	members, whole := p.members(v, "an override", notCounting, "files", "severity")
	if members == nil {
		return
	}
	files, fine := p.files(v, members["files"])
	severity := members["severity"]
	if !severity.IsValid() {
		p.missing(v, `an override needs "severity", an object of codes and levels.`)
		return
	}
	levels, off := p.severity(severity, true)
	if whole && fine {
		p.file.overrides = append(p.file.overrides, override{files, levels, off})
	}
}

// files reads the patterns of an override.
func (p *parser) files(owner, v syntax.Value) (patterns, bool) {
	var values []syntax.Value
	switch v.Kind() {
	case syntax.KindString:
		values = []syntax.Value{v}
	case syntax.KindArray:
		values = slices.Collect(v.Elements())
	case syntax.KindInvalid:
		p.missing(owner, `an override needs "files": a pattern as in .gitignore, or a list of them.`)
		return nil, false
	default:
		p.invalid(v.Range(), `"files" is a pattern as in .gitignore, or a list of them.`)
		return nil, false
	}
	var list patterns
	fine, takes := true, false
	for _, e := range values {
		x, ok := p.pattern(e)
		list, fine, takes = append(list, x), fine && ok, takes || !x.negated
	}
	if fine && !takes {
		p.invalid(v.Range(), `"files" names no files that the override is for.`)
	}
	return list, fine && takes
}

func (p *parser) pattern(v syntax.Value) (pattern, bool) {
	if v.Kind() != syntax.KindString {
		p.invalid(v.Range(), "a pattern is a string.")
		return pattern{}, false
	}
	x, err := parsePattern(v.Text())
	if err == nil {
		return x, true
	}
	f := p.invalid(v.Range(), "%s", err.Error())
	var wrong *patternError
	if errors.As(err, &wrong) {
		if _, err := parsePattern(wrong.better); err == nil {
			f.Fixes = change(v, wrong.better)
		}
	}
	return pattern{}, false
}

func (p *parser) suppression(v syntax.Value) {
	members, whole := p.members(v, "a suppression", notCounting, "file", "node", "code", "reason")
	if members == nil {
		return
	}
	s := suppression{at: v.Range()}
	fine := whole
	if file := members["file"]; file.IsValid() {
		var ok bool
		if s.files, ok = p.pattern(file); !ok {
			fine = false
		} else if s.files.negated {
			p.invalid(file.Range(), "a suppression names the files that it is for, and not those that it is not for.")
			fine = false
		}
	} else {
		p.missing(v, `a suppression needs "file", a pattern as in .gitignore; to switch a code off everywhere, use "severity".`)
		fine = false
	}
	if node := members["node"]; node.IsValid() {
		fine = p.node(node) && fine
		s.Node = node.Text()
	}
	if code := members["code"]; code.IsValid() {
		text, ok := p.text(code, "code")
		fine = ok && p.code(code, codes()[:len(analysis.Rules())]) && fine
		s.Code = analysis.Code(text)
	} else {
		p.missing(v, `a suppression needs "code".`)
		fine = false
	}
	if _, ok := p.text(members["reason"], "reason"); ok && fine {
		p.file.suppressions = append(p.file.suppressions, s)
	}
}

// node reports a node that stands in no file: an empty ref, or what is no JSON
// pointer (RFC 6901).
func (p *parser) node(v syntax.Value) bool {
	text, ok := p.text(v, "node")
	switch {
	case !ok:
	case text == "":
		p.invalid(v.Range(), `"node" is empty; leave it out to suppress the code in the whole file.`)
		ok = false
	case strings.HasPrefix(text, "/"):
		for i := range len(text) {
			if text[i] == '~' && (i+1 == len(text) || text[i+1] != '0' && text[i+1] != '1') {
				p.invalid(v.Range(), `in a JSON pointer "~" is written "~0".`)
				return false
			}
		}
	}
	return ok
}

// missing reports what an object lacks, at its brace.
func (p *parser) missing(object syntax.Value, message string) {
	at := object.Range().Start
	p.invalid(syntax.Range{Start: at, End: at + 1}, "%s", message)
}

func change(v syntax.Value, text string) []analysis.Fix {
	quoted := edit.Quote(text)
	return []analysis.Fix{{Title: "Change to " + quoted, Edits: []syntax.Edit{{Range: v.Range(), NewText: quoted}}}}
}

// listed writes names for a message.
func listed(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = edit.Quote(n)
	}
	last := len(quoted) - 1
	if last == 0 {
		return quoted[0]
	}
	return strings.Join(quoted[:last], ", ") + " or " + quoted[last]
}
