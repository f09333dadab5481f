package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A module is what the programs are made of.
type module struct {
	Path, Version, Dir string
}

// modulesOf are the modules that the programs are built of on any of the systems, without
// this one.
func modulesOf(systems []string) ([]module, error) {
	found := map[string]module{}
	for _, system := range systems {
		list := exec.Command("go", "list", "-deps", "-json=Module", "./cmd/nf-lsp", "./cmd/nf-run")
		list.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
		list.Stderr = os.Stderr
		out, err := list.Output()
		if err != nil {
			return nil, fmt.Errorf("go list for %s: %w", system, err)
		}
		for d := json.NewDecoder(bytes.NewReader(out)); ; {
			var p struct {
				Module *struct {
					Path, Version, Dir string
					Main               bool
				}
			}
			if err := d.Decode(&p); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return nil, fmt.Errorf("go list for %s: %w", system, err)
			}
			if p.Module != nil && !p.Module.Main {
				found[p.Module.Path] = module{p.Module.Path, p.Module.Version, p.Module.Dir}
			}
		}
	}
	var modules []module
	for _, m := range found {
		modules = append(modules, m)
	}
	slices.SortFunc(modules, func(a, b module) int { return strings.Compare(a.Path, b.Path) })
	return modules, nil
}

// licenceNames are how files begin that say under which terms a module may be passed on.
var licenceNames = []string{"LICENSE", "LICENCE", "COPYING", "NOTICE", "PATENTS"}

// licencesIn are such files of a folder, sorted; not having one is an error, since then
// nobody knows whether it may be passed on.
func licencesIn(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		name := strings.ToUpper(e.Name())
		if !e.IsDir() && filepath.Ext(name) != ".GO" && slices.ContainsFunc(licenceNames, func(l string) bool { return strings.HasPrefix(name, l) }) {
			names = append(names, e.Name())
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s holds no licence", dir)
	}
	return names, nil
}

// writeNotices writes the licences of the Go library and of all modules.
func writeNotices(w io.Writer) error {
	modules, err := modulesOf([]string{"linux", "darwin", "windows"})
	if err != nil {
		return err
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return err
	}
	modules = append([]module{{Path: "The standard library of Go", Dir: strings.TrimSpace(string(root))}}, modules...)
	var text bytes.Buffer
	fmt.Fprintln(&text, "# Notices\n\nnf-lsp and nf-run are under the Apache License 2.0, see LICENSE. They contain the following.")
	for _, m := range modules {
		names, err := licencesIn(m.Dir)
		if err != nil {
			return fmt.Errorf("%s: %w", m.Path, err)
		}
		fmt.Fprintf(&text, "\n## %s\n", strings.TrimSpace(m.Path+" "+m.Version))
		for _, name := range names {
			licence, err := os.ReadFile(filepath.Join(m.Dir, name))
			if err != nil {
				return err
			}
			fmt.Fprintf(&text, "\n~~~text\n%s\n~~~\n", strings.TrimSpace(strings.ReplaceAll(string(licence), "\r\n", "\n")))
		}
	}
	_, err = w.Write(text.Bytes())
	return err
}
