package platform

import (
	"context"
	"sync"
)

// WithLookups returns a context in which previews ask once whether a resource
// exists that others name, and after that go by the answer. It is for a plan: most
// of its nodes name the same project.
func WithLookups(ctx context.Context) context.Context {
	return context.WithValue(ctx, lookupsKey{}, &lookups{found: map[string]*lookup{}})
}

type lookupsKey struct{}

// lookups are what was asked for, by resource.
type lookups struct {
	mu    sync.Mutex
	found map[string]*lookup
}

// A lookup is held while its resource is being asked for.
type lookup struct {
	mu      sync.Mutex
	known   bool // whether it exists is known
	missing bool
}

func (l *lookups) of(resource string) *lookup {
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.found[resource]
	if one == nil {
		one = &lookup{}
		l.found[resource] = one
	}
	return one
}

// missing asks whether a resource does not exist. An error says that nobody knows.
func (d *Driver) missing(ctx context.Context, u use) (bool, error) {
	l, ok := ctx.Value(lookupsKey{}).(*lookups)
	if !ok {
		return d.askMissing(ctx, u)
	}
	one := l.of(u.resource)
	one.mu.Lock()
	defer one.mu.Unlock()
	if one.known {
		return one.missing, nil
	}
	missing, err := d.askMissing(ctx, u)
	one.known, one.missing = err == nil, missing
	return missing, err
}

func (d *Driver) askMissing(ctx context.Context, u use) (bool, error) {
	err := d.do(ctx, u.op, Params{Path: u.path}, nil, nil)
	if IsNotFound(err) {
		return true, nil
	}
	return false, err
}

// knownMissing tells whether it was found before that a resource does not exist.
func knownMissing(ctx context.Context, resource string) bool {
	l, ok := ctx.Value(lookupsKey{}).(*lookups)
	if !ok {
		return false
	}
	one := l.of(resource)
	one.mu.Lock()
	defer one.mu.Unlock()
	return one.known && one.missing
}
