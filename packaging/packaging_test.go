package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// program is the shortest text that passes for a program of a platform.
func program(p platform) []byte {
	text := make([]byte, 128)
	switch p.system {
	case "linux":
		copy(text, "\x7fELF")
		copy(text[18:], map[string]string{"x64": "\x3e\x00", "arm64": "\xb7\x00"}[p.processor])
	case "darwin":
		copy(text, "\xcf\xfa\xed\xfe")
		copy(text[4:], map[string]string{"x64": "\x07\x00\x00\x01", "arm64": "\x0c\x00\x00\x01"}[p.processor])
	case "windows":
		copy(text, "MZ")
		text[0x3c] = 0x40
		copy(text[0x40:], "PE\x00\x00"+map[string]string{"x64": "\x64\x86", "arm64": "\x64\xaa"}[p.processor])
	}
	return text
}

// draft is a release that is all right, to be broken before it is written.
type draft struct {
	archives map[platform]map[string]member
	bills    map[string]string
	sums     func(lines []string) []string
}

func newDraft() *draft {
	d := &draft{archives: map[platform]map[string]member{}, bills: map[string]string{}, sums: func(l []string) []string { return l }}
	for _, p := range platforms {
		members := map[string]member{}
		for _, name := range beside {
			members[name] = member{0o644, []byte(name)}
		}
		for _, name := range []string{"nf-lsp", "nf-run"} {
			members[p.program(name)] = member{0o755, program(p)}
			d.bills[p.program(name)+"_1.2.3_"+p.name()+".cdx.json"] = `{"components": [{"purl": "pkg:golang/go.lsp.dev/uri@v1.0.1"}]}`
		}
		d.archives[p] = members
	}
	return d
}

func pack(t *testing.T, file string, members map[string]member) {
	t.Helper()
	var text bytes.Buffer
	names := slices.Sorted(maps.Keys(members))
	var closers []io.Closer
	if strings.HasSuffix(file, ".tar.gz") {
		g := gzip.NewWriter(&text)
		w := tar.NewWriter(g)
		closers = []io.Closer{w, g}
		for _, name := range names {
			m := members[name]
			if err := w.WriteHeader(&tar.Header{Name: name, Mode: int64(m.mode), Size: int64(len(m.text))}); err != nil {
				t.Fatal(err)
			}
			_, _ = w.Write(m.text)
		}
	} else {
		w := zip.NewWriter(&text)
		closers = []io.Closer{w}
		for _, name := range names {
			m := members[name]
			h := &zip.FileHeader{Name: name}
			h.SetMode(m.mode)
			f, err := w.CreateHeader(h)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = f.Write(m.text)
		}
	}
	for _, c := range closers {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(file, text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (d *draft) write(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	var lines []string
	add := func(name string) {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%x  %s", sha256.Sum256(text), name))
	}
	for p, members := range d.archives {
		name := release{version: "1.2.3"}.archive(p)
		pack(t, filepath.Join(dir, name), members)
		add(name)
	}
	for name, text := range d.bills {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		add(name)
	}
	slices.Sort(lines)
	if err := os.WriteFile(filepath.Join(dir, "checksums.txt"), []byte(strings.Join(d.sums(lines), "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestWhatIsWrongWithAReleaseIsSaid(t *testing.T) {
	windows, linux, mac := platform{"windows", "arm64"}, platform{"linux", "x64"}, platform{"darwin", "arm64"}
	for _, c := range []struct {
		name string
		harm func(d *draft)
		says string // empty: nothing is wrong
	}{
		{"nothing is wrong", func(*draft) {}, ""},
		{"a program is missing", func(d *draft) { delete(d.archives[windows], "nf-run.exe") }, "nf-lsp_1.2.3_windows_arm64.zip: nf-run.exe is missing"},
		{"a program is of another processor", func(d *draft) { d.archives[mac]["nf-lsp"] = member{0o755, program(platform{"darwin", "x64"})} }, "nf-lsp_1.2.3_darwin_arm64.tar.gz: nf-lsp is no program for darwin_arm64"},
		{"a program is a script", func(d *draft) { d.archives[linux]["nf-lsp"] = member{0o755, []byte("#!/bin/sh\n")} }, "nf-lsp is no program for linux_x64"},
		{"a program cannot be started", func(d *draft) { d.archives[linux]["nf-lsp"] = member{0o644, program(linux)} }, "nf-lsp cannot be started"},
		{"a manual page is missing", func(d *draft) { delete(d.archives[linux], "man/man1/nf-run.1") }, "man/man1/nf-run.1 is missing or empty"},
		{"the completions are empty", func(d *draft) { d.archives[linux]["completions/_nf-run"] = member{0o644, nil} }, "completions/_nf-run is missing or empty"},
		{"the notices are missing", func(d *draft) { delete(d.archives[mac], "NOTICES.md") }, "NOTICES.md is missing"},
		{"a bill of materials is missing", func(d *draft) { delete(d.bills, "nf-lsp_1.2.3_linux_x64.cdx.json") }, "nf-lsp_1.2.3_linux_x64.tar.gz: it has no bill of materials"},
		{"a bill of materials is empty", func(d *draft) { d.bills["nf-lsp_1.2.3_linux_x64.cdx.json"] = "{}" }, "it names none of the libraries"},
		{"a checksum is that of another file", func(d *draft) {
			d.sums = func(l []string) []string { l[0] = strings.Repeat("0", 64) + l[0][64:]; return l }
		}, "and checksums.txt has 0000"},
		{"a checksum is of no file", func(d *draft) {
			d.sums = func(l []string) []string { return append(l, strings.Repeat("0", 64)+"  gone") }
		}, "gone: open"},
		{"a platform has no archive", func(d *draft) { delete(d.archives, windows) }, "checksums.txt has no nf-lsp_1.2.3_windows_arm64.zip"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDraft()
			c.harm(d)
			err := run([]string{"verify", "--dist", d.write(t)})
			if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("got %v, want %q", err, c.says)
			}
		})
	}
}

func TestWhatIsWrongWithExtensionsIsSaid(t *testing.T) {
	dist := newDraft().write(t)
	for _, c := range []struct {
		name string
		harm func(variant string, members map[string]member) map[string]member
		says string
	}{
		{"nothing is wrong", func(_ string, m map[string]member) map[string]member { return m }, ""},
		{"one is missing", func(v string, m map[string]member) map[string]member {
			if v == "darwin-x64" {
				return nil
			}
			return m
		}, "there is no extension for darwin-x64"},
		{"one has the programs of another platform", func(v string, m map[string]member) map[string]member {
			if v == "linux-arm64" {
				m["extension/bin/nf-lsp"] = member{0o755, program(platform{"linux", "x64"})}
			}
			return m
		}, "northflank-templates-linux-arm64.vsix: nf-lsp is no program for linux_arm64"},
		{"one says that it is for another platform", func(v string, m map[string]member) map[string]member {
			if v == "win32-x64" {
				m["extension.vsixmanifest"] = member{0o644, []byte(`TargetPlatform="win32-arm64"`)}
			}
			return m
		}, `northflank-templates-win32-x64.vsix says that it is for "win32-arm64"`},
		{"the one for all has programs", func(v string, m map[string]member) map[string]member {
			if v == "universal" {
				m["extension/bin/nf-lsp"] = member{0o755, program(platform{"linux", "x64"})}
			}
			return m
		}, "northflank-templates-universal.vsix has extension/bin/nf-lsp"},
		{"one has another version than the release", func(v string, m map[string]member) map[string]member {
			if v == "darwin-arm64" {
				m["extension/package.json"] = member{0o644, []byte(`{ "version": "0.1.0" }`)}
			}
			return m
		}, `northflank-templates-darwin-arm64.vsix has the version "0.1.0", and the release `},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			write := func(variant string, members map[string]member) {
				if members = c.harm(variant, members); members != nil {
					pack(t, filepath.Join(dir, "northflank-templates-"+variant+".vsix"), members)
				}
			}
			for _, p := range platforms {
				write(p.code(), map[string]member{
					"extension/package.json":               {0o644, []byte(`{ "version": "1.2.3" }`)},
					"extension.vsixmanifest":               {0o644, fmt.Appendf(nil, `TargetPlatform="%s"`, p.code())},
					"extension/bin/" + p.program("nf-lsp"): {0o755, program(p)}, "extension/bin/" + p.program("nf-run"): {0o755, program(p)},
				})
			}
			write("universal", map[string]member{"extension.vsixmanifest": {0o644, []byte("<PackageManifest>")}, "extension/package.json": {0o644, []byte(`{ "version": "1.2.3" }`)}})
			err := run([]string{"verify", "--dist", dist, "--extensions", dir})
			if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("got %v, want %q", err, c.says)
			}
		})
	}
}

func TestRegistriesNameTheArchivesOfTheRelease(t *testing.T) {
	dist, out := newDraft().write(t), t.TempDir()
	if err := run([]string{"registries", "--dist", dist, "--out", out}); err != nil {
		t.Fatal(err)
	}
	r, err := readRelease(dist)
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "[[") {
			t.Errorf("%s was not filled in:\n%s", name, text)
		}
		return string(text)
	}
	// Every address is that of an archive, and the checksum below it is that archive's.
	const address = "https://github.com/nf-lsp/nf-lsp/releases/download/v1.2.3/"
	for name, want := range map[string]int{"homebrew/nf-lsp.rb": 4, "scoop/nf-lsp.json": 2} {
		pairs := regexp.MustCompile(`url"?:? "`+regexp.QuoteMeta(address)+`([^"]*)",?\s*"?(?:sha256|hash)"?:? "([0-9a-f]*)"`).FindAllStringSubmatch(read(name), -1)
		if len(pairs) != want || len(pairs) != strings.Count(read(name), "https://github.com/nf-lsp/nf-lsp/releases/") {
			t.Errorf("%s names %d archives: %q", name, len(pairs), pairs)
		}
		for _, pair := range pairs {
			if r.sums[pair[1]] == "" || r.sums[pair[1]] != pair[2] {
				t.Errorf("%s says that %s has the checksum %s", name, pair[1], pair[2])
			}
		}
	}
	mason := read("mason/nf-lsp/package.yaml")
	files := regexp.MustCompile(`file: (\S+) *(.*\S)`).FindAllString(mason, -1)
	for i, file := range files {
		files[i] = strings.ReplaceAll(strings.TrimPrefix(file, "file: "), `{{ version | strip_prefix "v" }}`, "1.2.3")
		if r.sums[files[i]] == "" {
			t.Errorf("Mason's entry names %s", files[i])
		}
	}
	if len(files) != len(platforms) {
		t.Errorf("Mason's entry has %q", files)
	}
}

func TestAModuleWithoutLicenceIsNotPassedOn(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"license.go", "README.md"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := licencesIn(dir); err == nil {
		t.Error("nobody has said so")
	}
	for _, name := range []string{"LICENSE-GO", "Notice.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if names, err := licencesIn(dir); err != nil || len(names) != 2 {
		t.Errorf("%q, %v", names, err)
	}
}
