package northflank_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/api"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/local"
	"github.com/nf-lsp/nf-lsp/internal/platform/northflank"
	"github.com/nf-lsp/nf-lsp/internal/platform/platformtest"
	"github.com/nf-lsp/nf-lsp/internal/platform/platformtest/faultproxy"
)

// A hurried clock waits for the rate limit in no time.
type hurried struct{ ahead atomic.Int64 }

func (c *hurried) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *hurried) Sleep(ctx context.Context, d time.Duration) error {
	c.ahead.Add(int64(d))
	return ctx.Err()
}

// behind is a target that reaches an embedded platform through a fault proxy.
func behind(t testing.TB, options faultproxy.Options) *northflank.Target {
	t.Helper()
	embedded := local.New(local.Options{Dir: t.TempDir()})
	embedded.RunWith(platformtest.NewRunner())
	handler, err := api.New(api.Options{Target: embedded})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(faultproxy.New(handler, options))
	target, err := northflank.New(northflank.Options{Host: server.URL, Token: "any", Clock: &hurried{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = target.Close()
		server.Close()
		if err := embedded.Close(); err != nil {
			t.Error(err)
		}
	})
	return target
}

// A patient target does again what may be done again, as the engine does. What
// does something each time it is done is done again only where the refusal says
// that it was not.
type patient struct {
	*northflank.Target
	t testing.TB
}

func (p patient) Do(ctx context.Context, op string, params platform.Params, body json.RawMessage) (platform.Response, error) {
	operation, _ := platform.LookupOperation(op)
	for range 20 {
		response, err := p.Target.Do(ctx, op, params, body)
		var refusal *platform.Error
		if err == nil || errors.As(err, &refusal) && !refusal.Retryable || ctx.Err() != nil {
			return response, err
		}
		if refusal == nil && operation.Effect == platform.Once {
			p.t.Errorf("whether %s was carried out is not known: %v", op, err)
			return response, err
		}
	}
	p.t.Errorf("%s failed 20 times", op)
	return platform.Response{}, errors.New("the platform cannot be reached")
}

// The suite passes on a bad connection too. A POST is refused or late at most:
// what becomes of one that is lost is the engine's to find out. A DELETE is not
// carried out when it fails: else its repetition finds nothing, as it should.
func TestConformanceOverABadConnection(t *testing.T) {
	platformtest.Run(t, func(t *testing.T) platform.Target {
		source := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
		any := faultproxy.Drawn(source, 0.1, faultproxy.Late, faultproxy.Reset, faultproxy.Limited, faultproxy.LimitedSilently,
			faultproxy.Down, faultproxy.Lost, faultproxy.Truncated, faultproxy.GaveUp, faultproxy.Replaced)
		post := faultproxy.Drawn(source, 0.1, faultproxy.Late, faultproxy.Limited, faultproxy.LimitedSilently)
		remove := faultproxy.Drawn(source, 0.1, faultproxy.Reset, faultproxy.Limited, faultproxy.LimitedSilently, faultproxy.Down)
		target := behind(t, faultproxy.Options{Delay: 2 * time.Millisecond, RetryAfter: 3, Plan: func(r *http.Request) faultproxy.Fault {
			switch r.Method {
			case http.MethodPost:
				return post(r)
			case http.MethodDelete:
				return remove(r)
			}
			return any(r)
		}})
		return patient{target, t}
	})
}
