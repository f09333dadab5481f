package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// platforms are what there are archives and extensions for.
var platforms = []platform{
	{"linux", "x64"}, {"linux", "arm64"}, {"darwin", "x64"}, {"darwin", "arm64"}, {"windows", "x64"}, {"windows", "arm64"},
}

type platform struct{ system, processor string }

// name is how archives call it.
func (p platform) name() string { return p.system + "_" + p.processor }

// code is how VS Code calls it.
func (p platform) code() string {
	return strings.Replace(p.system, "windows", "win32", 1) + "-" + p.processor
}

// program is the file name of a program there.
func (p platform) program(name string) string {
	if p.system == "windows" {
		return name + ".exe"
	}
	return name
}

func (p platform) extension() string {
	if p.system == "windows" {
		return ".zip"
	}
	return ".tar.gz"
}

// A release is a folder of archives.
type release struct {
	dir, version string
	// sums are the checksums by the names of files, SHA-256 in hexadecimal digits.
	sums map[string]string
}

// archive is the name of the archive for a platform.
func (r release) archive(p platform) string {
	return "nf-lsp_" + r.version + "_" + p.name() + p.extension()
}

// readRelease reads checksums.txt and works out the version by the names in it. Every
// platform has to have its archive there.
func readRelease(dir string) (release, error) {
	text, err := os.ReadFile(filepath.Join(dir, "checksums.txt"))
	if err != nil {
		return release{}, err
	}
	r := release{dir: dir, sums: map[string]string{}}
	named := regexp.MustCompile(`^nf-lsp_(.+)_linux_x64\.tar\.gz$`)
	for line := range strings.Lines(string(text)) {
		sum, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if !ok || len(sum) != sha256.Size*2 {
			return r, fmt.Errorf("checksums.txt has the line %q", line)
		}
		r.sums[name] = sum
		if m := named.FindStringSubmatch(name); m != nil {
			r.version = m[1]
		}
	}
	if r.version == "" {
		return r, errors.New("checksums.txt has no archive for linux_x64")
	}
	for _, p := range platforms {
		if r.sums[r.archive(p)] == "" {
			return r, fmt.Errorf("checksums.txt has no %s", r.archive(p))
		}
	}
	return r, nil
}

// A member is a file of an archive.
type member struct {
	mode fs.FileMode
	text []byte
}

// unpack reads an archive of either form. Names use slashes.
func unpack(file string) (map[string]member, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	members := map[string]member{}
	if !strings.HasSuffix(file, ".tar.gz") {
		z, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", file, f.Name, err)
			}
			content, err := io.ReadAll(r)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", file, f.Name, err)
			}
			members[f.Name] = member{f.Mode(), content}
		}
		return members, nil
	}
	g, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for t := tar.NewReader(g); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return members, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		content, err := io.ReadAll(t)
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", file, h.Name, err)
		}
		members[h.Name] = member{h.FileInfo().Mode(), content}
	}
}

// beside is what every archive holds beside the programs.
var beside = []string{
	"LICENSE", "NOTICES.md", "README.md", "CHANGELOG.md",
	"completions/nf-run.bash", "completions/_nf-run", "completions/nf-run.fish", "completions/nf-run.ps1",
	"man/man1/nf-lsp.1", "man/man1/nf-run.1", "man/man1/nf-run-check.1", "man/man1/nf-run-sync-push.1",
}

// magic is how a program begins on a system, and the number of its processor at a place.
func (p platform) magic(text []byte) bool {
	at := func(i int, want ...byte) bool {
		return len(text) > i+len(want) && bytes.Equal(text[i:i+len(want)], want)
	}
	arm := p.processor == "arm64"
	switch p.system {
	case "linux": // ELF, e_machine
		return at(0, 0x7f, 'E', 'L', 'F') && (arm && at(18, 0xb7, 0) || !arm && at(18, 0x3e, 0))
	case "darwin": // Mach-O of 64 bits, cputype
		return at(0, 0xcf, 0xfa, 0xed, 0xfe) && (arm && at(4, 0x0c, 0, 0, 1) || !arm && at(4, 0x07, 0, 0, 1))
	}
	if !at(0, 'M', 'Z') || len(text) < 0x40 { // PE, Machine
		return false
	}
	pe := int(text[0x3c]) | int(text[0x3d])<<8
	return at(pe, 'P', 'E', 0, 0) && (arm && at(pe+4, 0x64, 0xaa) || !arm && at(pe+4, 0x64, 0x86))
}

// programsIn checks that both programs are there, for the platform, and can be started.
func (p platform) programsIn(members map[string]member, folder string) error {
	for _, name := range []string{"nf-lsp", "nf-run"} {
		m, ok := members[path.Join(folder, p.program(name))]
		switch {
		case !ok:
			return fmt.Errorf("%s is missing", p.program(name))
		case !p.magic(m.text):
			return fmt.Errorf("%s is no program for %s", p.program(name), p.name())
		case p.system != "windows" && m.mode&0o111 != 0o111:
			return fmt.Errorf("%s cannot be started: its mode is %v", p.program(name), m.mode)
		}
	}
	return nil
}

// verify looks into everything. The extensions lie in a folder of their own, where it is
// named. All that is wrong is said at once.
func verify(r release, extensions string) error {
	var wrong []error
	note := func(file, format string, args ...any) {
		wrong = append(wrong, fmt.Errorf("%s: %w", file, fmt.Errorf(format, args...)))
	}
	for name, want := range r.sums {
		text, err := os.ReadFile(filepath.Join(r.dir, name))
		if err != nil {
			note(name, "%w", err)
			continue
		}
		if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != want {
			note(name, "its checksum is %x, and checksums.txt has %s", sum, want)
		}
	}
	for _, p := range platforms {
		name := r.archive(p)
		members, err := unpack(filepath.Join(r.dir, name))
		if err != nil {
			note(name, "%w", err)
			continue
		}
		if err := p.programsIn(members, "."); err != nil {
			note(name, "%w", err)
		}
		for _, want := range beside {
			if len(members[want].text) == 0 {
				note(name, "%s is missing or empty", want)
			}
		}
		for _, program := range []string{"nf-lsp", "nf-run"} {
			bill := fmt.Sprintf("%s_%s_%s.cdx.json", p.program(program), r.version, p.name())
			text, err := os.ReadFile(filepath.Join(r.dir, bill))
			if err != nil {
				note(name, "it has no bill of materials: %w", err)
				continue
			}
			if !bytes.Contains(text, []byte("pkg:golang/go.lsp.dev/")) && !bytes.Contains(text, []byte("pkg:golang/modernc.org/sqlite@")) {
				note(bill, "it names none of the libraries")
			}
			if r.sums[bill] == "" {
				note(bill, "it has no checksum")
			}
		}
	}
	if extensions != "" {
		wrong = append(wrong, verifyExtensions(extensions, r.version)...)
	}
	return errors.Join(wrong...)
}

// verifyExtensions expects an extension for each platform, with the programs, and one for
// all of them without, each with the three numbers of the release's version.
func verifyExtensions(dir, release string) (wrong []error) {
	number, _, _ := strings.Cut(release, "-")
	files, err := filepath.Glob(filepath.Join(dir, "*.vsix"))
	if err != nil {
		return []error{err}
	}
	find := func(variant string) (map[string]member, string) {
		i := slices.IndexFunc(files, func(f string) bool { return strings.HasSuffix(f, "-"+variant+".vsix") })
		if i < 0 {
			wrong = append(wrong, fmt.Errorf("there is no extension for %s in %s", variant, dir))
			return nil, ""
		}
		members, err := unpack(files[i])
		if err != nil {
			wrong = append(wrong, err)
		}
		var manifest struct{ Version string }
		if err := json.Unmarshal(members["extension/package.json"].text, &manifest); err != nil || manifest.Version != number {
			wrong = append(wrong, fmt.Errorf("%s has the version %q, and the release %s", filepath.Base(files[i]), manifest.Version, release))
		}
		return members, filepath.Base(files[i])
	}
	target := regexp.MustCompile(`TargetPlatform="([^"]*)"`)
	says := func(members map[string]member) string {
		if m := target.FindSubmatch(members["extension.vsixmanifest"].text); m != nil {
			return string(m[1])
		}
		return ""
	}
	for _, p := range platforms {
		members, name := find(p.code())
		if members == nil {
			continue
		}
		if err := p.programsIn(members, "extension/bin"); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", name, err))
		}
		if got := says(members); got != p.code() {
			wrong = append(wrong, fmt.Errorf("%s says that it is for %q", name, got))
		}
	}
	members, name := find("universal")
	for file := range members {
		if strings.HasPrefix(file, "extension/bin/") {
			wrong = append(wrong, fmt.Errorf("%s has %s, and is for all platforms", name, file))
		}
	}
	if got := says(members); got != "" && name != "" {
		wrong = append(wrong, fmt.Errorf("%s says that it is for %q", name, got))
	}
	return wrong
}
