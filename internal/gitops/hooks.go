package gitops

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Hook is a webhook of a Git host that is listened to.
type Hook struct {
	// Name is the last part of the address that the host sends to.
	Name string
	// Host is the kind of the Git host.
	Host string
	// Repository is the address of the only one that it may speak of; empty for any.
	Repository string
	// Secret is shared with the host. Lists do not have it.
	Secret string
}

// hooksFile has the hooks, with their secrets encrypted.
type hooksFile struct {
	Version int        `json:"version"`
	Hooks   []hookText `json:"hooks"`
}

type hookText struct {
	Name       string `json:"name"`
	Host       string `json:"host"`
	Repository string `json:"repository,omitempty"`
	Sealed     []byte `json:"sealed"`
}

func (s *Syncer) hooksPath() string { return filepath.Join(s.Dir, "hooks.json") }

func (s *Syncer) readHooks() (hooksFile, error) {
	f := hooksFile{Version: storedVersion}
	err := readPrivate(s.hooksPath(), &f, &f.Version)
	return f, err
}

func (s *Syncer) changeHooks(ctx context.Context, change func(*hooksFile)) error {
	unlock, err := s.lock(ctx, "hooks")
	if err != nil {
		return err
	}
	defer unlock()
	f, err := s.readHooks()
	if err != nil {
		return err
	}
	change(&f)
	return writePrivate(s.hooksPath(), f)
}

// SetHook stores a hook in the place of one with its name. Its secret is encrypted.
func (s *Syncer) SetHook(ctx context.Context, h Hook) error {
	sealed, err := s.seal([]byte(h.Secret))
	if err != nil {
		return fmt.Errorf("the secret of the webhook cannot be encrypted: %w", err)
	}
	return s.changeHooks(ctx, func(f *hooksFile) {
		f.Hooks = slices.DeleteFunc(f.Hooks, func(o hookText) bool { return o.Name == h.Name })
		f.Hooks = append(f.Hooks, hookText{h.Name, h.Host, h.Repository, sealed})
		slices.SortFunc(f.Hooks, func(a, b hookText) int { return strings.Compare(a.Name, b.Name) })
	})
}

// Hooks lists the hooks by name, without their secrets.
func (s *Syncer) Hooks() ([]Hook, error) {
	f, err := s.readHooks()
	if err != nil {
		return nil, err
	}
	hooks := []Hook{}
	for _, h := range f.Hooks {
		hooks = append(hooks, Hook{Name: h.Name, Host: h.Host, Repository: h.Repository})
	}
	return hooks, nil
}

// Hook returns the hook of a name with its secret; ok is false where there is none.
func (s *Syncer) Hook(name string) (h Hook, ok bool, err error) {
	f, err := s.readHooks()
	if err != nil {
		return h, false, err
	}
	i := slices.IndexFunc(f.Hooks, func(o hookText) bool { return o.Name == name })
	if i < 0 {
		return h, false, nil
	}
	if s.Sealer == nil {
		return h, false, errNoSealer
	}
	plain, err := s.Sealer.Open(f.Hooks[i].Sealed)
	if err != nil {
		return h, false, fmt.Errorf("the secret of the webhook %s cannot be opened: %w", name, err)
	}
	return Hook{Name: name, Host: f.Hooks[i].Host, Repository: f.Hooks[i].Repository, Secret: string(plain)}, true, nil
}

// RemoveHook forgets a hook, and tells whether there was one.
func (s *Syncer) RemoveHook(ctx context.Context, name string) (bool, error) {
	found := false
	err := s.changeHooks(ctx, func(f *hooksFile) {
		before := len(f.Hooks)
		f.Hooks = slices.DeleteFunc(f.Hooks, func(o hookText) bool { return o.Name == name })
		found = len(f.Hooks) < before
	})
	return found, err
}
