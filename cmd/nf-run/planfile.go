package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/nf-lsp/nf-lsp/internal/engine"
	"github.com/nf-lsp/nf-lsp/internal/source"
)

// openPlan reads a file if it is a plan; nil if it is anything else, which
// includes what cannot be read: who opens it as a template says why.
func openPlan(path string) (*engine.PlanFile, error) {
	if path == "-" {
		return nil, nil
	}
	if text, err := source.Read(path, nil); err == nil && engine.IsPlanFile(text) {
		return readPlan(path, text)
	}
	return nil, nil
}

func readPlan(path, text string) (*engine.PlanFile, error) {
	f, err := engine.ReadPlanFile(path, text)
	if err != nil {
		return nil, exitWith(exitFailed, err)
	}
	return f, nil
}

// planned sets what a run takes from its plan, and returns the template's path.
// Flags that would make it another plan are refused.
func (f *runFlags) planned(path string, p *engine.PlanFile) (string, error) {
	for _, x := range []struct{ flag, given, planned string }{
		{"--until", f.until, p.Until},
		{"--target", f.target, p.Plan.Target},
	} {
		if x.flag == "--target" && (!f.targetGiven || sameTarget(x.given, x.planned)) {
			continue
		}
		if x.given != "" && x.given != x.planned {
			return "", fmt.Errorf("%s %s is not what %s has planned: make another plan, or leave the flag out", x.flag, x.given, path)
		}
	}
	f.until, f.target = p.Until, p.Plan.Target
	if _, err := os.Stat(p.File); err == nil || p.Path == "" {
		return p.File, nil
	}
	// The plan and its template may have been moved, as by a checkout elsewhere.
	moved := filepath.Join(filepath.Dir(path), filepath.FromSlash(p.Path))
	if _, err := os.Stat(moved); err != nil {
		return "", exitWith(exitFailed, fmt.Errorf("%s: the template of the plan is gone: it was %s", path, p.File))
	}
	return moved, nil
}

// writePlanFile writes a plan file, for its owner only. Whoever reads along sees
// the old one or the new one. What is no plan file is not overwritten.
func writePlanFile(path string, f *engine.PlanFile) (err error) {
	if old, err := source.Read(path, nil); err == nil && !engine.IsPlanFile(old) {
		return fmt.Errorf("%s is there already and is no plan file: it is left alone", path)
	} else if err != nil {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is there already and is no plan file: it is left alone", path)
		}
	}
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	dir := filepath.Dir(path)
	tmp, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*.tmp") // mode 0600
	if err != nil {
		return fmt.Errorf("%s cannot be written: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = tmp.Close()
			_ = os.Remove(tmp.Name())
			err = fmt.Errorf("%s cannot be written: %w", path, err)
		}
	}()
	if _, err := tmp.Write(append(text, '\n')); err != nil {
		return err
	}
	if err := tmp.Sync(); err != nil {
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
