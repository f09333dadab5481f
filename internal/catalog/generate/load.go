package main

import (
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"
)

// source is the set of schema files, by their path below the schemas folder ("nodes/Addon.json").
type source struct {
	files map[string]*object
	names []string // sorted
}

// load reads the schema files and the tables. Other JSON files in the folder are documentation.
func load(fsys fs.FS) (*source, error) {
	src := &source{files: map[string]*object{}}
	for _, dir := range []string{"definitions", "nodes", "documents", "outputs", "tables"} {
		entries, err := fs.ReadDir(fsys, dir)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if e.IsDir() || path.Ext(e.Name()) != ".json" {
				continue
			}
			name := path.Join(dir, e.Name())
			data, err := fs.ReadFile(fsys, name)
			if err != nil {
				return nil, err
			}
			v, err := decode(data)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			o, ok := v.(*object)
			if !ok {
				return nil, fmt.Errorf("%s: not an object", name)
			}
			src.files[name] = o
			src.names = append(src.names, name)
		}
	}
	sort.Strings(src.names)
	return src, nil
}

// location is a place in a file: the file's name and a JSON pointer into it.
type location struct{ file, pointer string }

func (l location) String() string { return l.file + "#" + l.pointer }

func (l location) child(tokens ...string) location {
	for _, t := range tokens {
		l.pointer += "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(t)
	}
	return l
}

// resolve follows a relative $ref.
func (src *source) resolve(from location, ref string) (location, *object, error) {
	file, pointer, _ := strings.Cut(ref, "#")
	to := location{file: from.file, pointer: pointer}
	if file != "" {
		to.file = path.Join(path.Dir(from.file), file)
	}
	root, ok := src.files[to.file]
	if !ok {
		return to, nil, fmt.Errorf("%s: $ref %q: there is no file %s", from, ref, to.file)
	}
	o := root
	for _, token := range strings.Split(pointer, "/")[1:] {
		token = strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
		if o = o.object(token); o == nil {
			return to, nil, fmt.Errorf("%s: $ref %q: nothing stands at %q", from, ref, token)
		}
	}
	return to, o, nil
}
