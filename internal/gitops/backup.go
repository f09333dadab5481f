package gitops

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// How backups are named: backup/PLACE/TIME-SIDE, in the cache of the repository below
// refs/nf.
const (
	backupFolder = "backup/"
	backupTime   = "20060102T150405.000000000Z"
	sealedSuffix = "-sealed"
)

// Backup is a version of a file that was saved before it was overwritten.
type Backup struct {
	// Name is the ref in the cache of the repository.
	Name string
	At   time.Time
	// Side is "ours" for what stood in the file, "theirs" for what the repository had.
	Side string
	// Sealed backups are encrypted: there are secrets in them.
	Sealed bool
}

// Backups lists what was saved of a link's file, the newest first.
func (s *Syncer) Backups(ctx context.Context, l Link) ([]Backup, error) {
	w, err := s.begin(ctx, l)
	if err != nil {
		return nil, err
	}
	defer w.unlock()
	kept, err := w.repo.List(ctx, backupFolder+l.place()+"/")
	if err != nil {
		return nil, err
	}
	backups := []Backup{}
	for _, k := range kept {
		b := Backup{Name: "refs/nf/" + k.Name}
		rest, sealed := strings.CutSuffix(k.Name[strings.LastIndexByte(k.Name, '/')+1:], sealedSuffix)
		at, side, ok := strings.Cut(rest, "-")
		if b.At, err = time.Parse(backupTime, at); err != nil || !ok {
			continue
		}
		b.Side, b.Sealed = side, sealed
		backups = append(backups, b)
	}
	slices.Reverse(backups)
	return backups, nil
}

// Save keeps what a link's file has, under a name that Backups lists.
func (s *Syncer) Save(ctx context.Context, l Link) error {
	w, err := s.begin(ctx, l)
	if err != nil {
		return err
	}
	defer w.unlock()
	ours, err := w.local()
	if err == nil {
		_, err = w.save(ctx, ours, version{})
	}
	return err
}

// Backup returns what was saved under a name that Backups lists, or under the end of one
// that no other ends with.
func (s *Syncer) Backup(ctx context.Context, l Link, name string) (string, error) {
	backups, err := s.Backups(ctx, l)
	if err != nil {
		return "", err
	}
	backups = slices.DeleteFunc(backups, func(b Backup) bool { return b.Name != name && !strings.HasSuffix(b.Name, "/"+name) })
	if len(backups) != 1 {
		return "", fmt.Errorf("there is no backup %q of %s: 'nf-run sync backups' lists them", name, l.File)
	}
	w, err := s.begin(ctx, l)
	if err != nil {
		return "", err
	}
	defer w.unlock()
	kept, err := w.repo.List(ctx, strings.TrimPrefix(backups[0].Name, "refs/nf/"))
	if err != nil || len(kept) != 1 {
		return "", errors.Join(err, fmt.Errorf("the backup %s is gone", name))
	}
	text, err := w.repo.Blob(ctx, kept[0].Hash)
	if err == nil && backups[0].Sealed {
		if s.Sealer == nil {
			return "", errNoSealer
		}
		text, err = s.Sealer.Open(text)
	}
	return string(text), err
}

var errNoSealer = errors.New("no key is at hand")

func (s *Syncer) seal(plain []byte) ([]byte, error) {
	if s.Sealer == nil {
		return nil, errNoSealer
	}
	return s.Sealer.Seal(plain)
}
