// Command generate compiles the JSON Schema files in the schemas folder into the static Go tables of package catalog, and
// makes the schemas for editors of them.
//
// It reads every file, resolves references between them, folds the "value or expression" alternatives into flags,
// shares equal schemas and writes one Go file per group of sources. The output depends on the sources only, so a test
// can compile them again in memory and compare. It accepts exactly the vocabulary that schemas/README.md describes and
// refuses everything else, for what is not compiled would silently not be checked.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	schemas := flag.String("schemas", "../../schemas", "folder of the schema files")
	out := flag.String("out", ".", "folder of package catalog")
	flag.Parse()
	if err := run(*schemas, *out); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// run writes the tables and removes generated files that have no source any more.
func run(schemas, out string) error {
	files, err := Generate(os.DirFS(schemas))
	if err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(out, "*_gen.go"))
	if err != nil {
		return err
	}
	for _, name := range old {
		if _, kept := files[filepath.Base(name)]; !kept {
			if err := os.Remove(name); err != nil {
				return err
			}
		}
	}
	if err := write(out, files); err != nil {
		return err
	}
	src, err := load(os.DirFS(schemas))
	if err != nil {
		return err
	}
	editor, err := src.EditorSchemas()
	if err != nil {
		return err
	}
	return write(filepath.Join(schemas, "editor"), editor)
}

func write(folder string, files map[string][]byte) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
