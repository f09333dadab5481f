package engine

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/expr"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// PlatformSecrets are the global secrets that a platform keeps, and where it has
// none of an identifier those of another source. Each is asked for once, so that
// what is planned and what runs after it in one process sees the same. It is a
// [SecretSource] that several runs may use at once.
type PlatformSecrets struct {
	target platform.Target
	beside SecretSource

	mu    sync.Mutex
	asked map[string]expr.Value
}

// NewPlatformSecrets returns the secrets of a target; beside may be nil.
func NewPlatformSecrets(target platform.Target, beside SecretSource) *PlatformSecrets {
	return &PlatformSecrets{target: target, beside: beside, asked: map[string]expr.Value{}}
}

// Secret implements [SecretSource].
func (s *PlatformSecrets) Secret(ctx context.Context, id string) (expr.Value, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if v, ok := s.asked[id]; ok {
		return v, nil
	}
	v, err := s.fetch(ctx, id)
	if platform.IsNotFound(err) {
		v, err = expr.Undefined(), nil
		if s.beside != nil {
			v, err = s.beside.Secret(ctx, id)
		}
	}
	if err == nil {
		s.asked[id] = v
	}
	return v, err
}

// fetch asks the platform, again where it does not answer: asking changes nothing.
func (s *PlatformSecrets) fetch(ctx context.Context, id string) (expr.Value, error) {
	for attempt := 1; ; attempt++ {
		response, err := s.target.Do(ctx, platform.OpGetGlobalSecret, platform.Params{Path: map[string]string{"secretId": id}}, nil)
		var data map[string]any
		if err == nil {
			err = response.Data(&data)
		}
		if err == nil {
			return globalValue(data), nil
		}
		if what := judge(err); what != again && what != lost || attempt == defaultAttempts {
			return expr.Undefined(), fmt.Errorf("the global secret %s cannot be read: %w", id, err)
		}
		select {
		case <-time.After((&Node{}).delay(attempt, 0)):
		case <-ctx.Done():
			return expr.Undefined(), ctx.Err()
		}
	}
}

// globalValue is a secret of the platform as expressions see it.
func globalValue(data map[string]any) expr.Value {
	part := func(path string) expr.Value {
		object := jsonvalue.Object(data, path)
		if object == nil {
			object = map[string]any{}
		}
		return expr.FromJSON(object)
	}
	values := part("secrets.values")
	return expr.Object(
		expr.Member{Key: "values", Value: (&filler{values, mostFilled}).value(values, 0)},
		expr.Member{Key: "files", Value: part("secrets.files")})
}
