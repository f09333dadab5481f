package main

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

// Entries for registries that name archives and checksums; the files of all others are the
// same for every release, and lie beside this one.
//
//go:embed registries/homebrew registries/mason registries/scoop
var entries embed.FS

// writeRegistries fills the entries in for a release.
func writeRegistries(r release, out string) error {
	if out == "" {
		return errors.New("say with --out where the entries go")
	}
	of := func(system, processor string) platform { return platform{system, processor} }
	functions := template.FuncMap{
		"version": func() string { return r.version },
		"archive": func(system, processor string) string { return r.archive(of(system, processor)) },
		"sum": func(system, processor string) (string, error) {
			sum := r.sums[r.archive(of(system, processor))]
			if sum == "" {
				return "", fmt.Errorf("there is no archive for %s %s", system, processor)
			}
			return sum, nil
		},
	}
	return fs.WalkDir(entries, "registries", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := entries.ReadFile(path)
		if err != nil {
			return err
		}
		// Mason's own entries have double braces in them.
		t, err := template.New(path).Delims("[[", "]]").Funcs(functions).Parse(string(text))
		if err != nil {
			return err
		}
		var filled bytes.Buffer
		if err := t.Execute(&filled, nil); err != nil {
			return err
		}
		to := filepath.Join(out, strings.TrimSuffix(strings.TrimPrefix(path, "registries/"), ".tmpl"))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		return os.WriteFile(to, filled.Bytes(), 0o644)
	})
}
