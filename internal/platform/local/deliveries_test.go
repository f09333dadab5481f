package local

import (
	"context"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// told tells a platform of a push, and whether it knew of it.
func told(t *testing.T, p *Platform, delivery string) (repeated bool) {
	t.Helper()
	response, err := p.Do(t.Context(), platform.OpSendGitEvent, platform.Params{}, []byte(`{"event": "push", "repoUrl": "https://github.com/acme/shop", "branch": "main", "delivery": "`+delivery+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	var answer map[string]any
	if err := response.Data(&answer); err != nil {
		t.Fatal(err)
	}
	return jsonvalue.Bool(answer, "repeated")
}

// kept is how many deliveries and how many answers are stored.
func kept(t *testing.T, p *Platform) (deliveries, answers int) {
	t.Helper()
	row := p.store.reads.db.QueryRowContext(t.Context(), "SELECT (SELECT count(*) FROM deliveries), (SELECT count(*) FROM tokens)")
	if err := row.Scan(&deliveries, &answers); err != nil {
		t.Fatal(err)
	}
	return deliveries, answers
}

func TestADeliveryIsKnownForAWhile(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	p := New(Options{Dir: t.TempDir(), Clock: func() time.Time { return now }})
	defer func() { _ = p.Close() }()
	if told(t, p, "one") || !told(t, p, "one") {
		t.Error("a delivery is not known again")
	}
	now = now.Add(deliveriesKept)
	if told(t, p, "two") || !told(t, p, "one") {
		t.Error("it was forgotten too early")
	}
	now = now.Add(time.Hour)
	told(t, p, "three")
	if deliveries, answers := kept(t, p); deliveries != 2 || answers != 2 {
		t.Errorf("%d deliveries and %d answers are kept", deliveries, answers)
	}
	if told(t, p, "one") || !told(t, p, "two") {
		t.Error("the older one is known, or the newer one is not")
	}
}

func TestTheOldestOfTooManyDeliveriesAreForgotten(t *testing.T) {
	ctx := context.Background()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	p := New(Options{Dir: t.TempDir(), Clock: func() time.Time { return now }})
	defer func() { _ = p.Close() }()
	told(t, p, "oldest")
	told(t, p, "next")
	// An operation of somebody else's is no delivery: its answer stays.
	once := platform.Params{Token: "delivery of somebody"}
	if _, err := p.Do(ctx, platform.OpCreateProject, once, []byte(`{"name": "shop"}`)); err != nil {
		t.Fatal(err)
	}
	_, before := kept(t, p)
	// As many more as are known, but for one, are there already.
	for _, statement := range []string{
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO tokens SELECT 'delivery ' || i, 'op', '', 200, '{}' FROM n",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO deliveries (token, op, target, told) SELECT 'delivery ' || i, 'op', '', " +
			"1767225600000000000 FROM n",
	} {
		if err := p.store.write(ctx, func(t *tx) error {
			if err := t.begin(); err != nil {
				return err
			}
			_, err := t.tx.ExecContext(ctx, statement, mostDeliveries-2)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	told(t, p, "newest")
	if deliveries, answers := kept(t, p); deliveries != mostDeliveries || answers != mostDeliveries+before-2 {
		t.Errorf("%d deliveries and %d answers are kept, of %d", deliveries, answers, mostDeliveries)
	}
	if !told(t, p, "next") || told(t, p, "oldest") {
		t.Error("the oldest is known, or the one behind it is not")
	}
	if _, found, err := p.Recover(ctx, platform.OpCreateProject, once); err != nil || !found {
		t.Errorf("the answer to another operation is gone: %v", err)
	}
}

// TestAnOlderFolderKnowsItsDeliveries opens a folder of the version that kept deliveries for
// ever: what was told then is known, and is forgotten in time.
func TestAnOlderFolderKnowsItsDeliveries(t *testing.T) {
	dir := t.TempDir()
	present := migrations
	t.Cleanup(func() { migrations = present })
	migrations = present[:3]
	older := New(Options{Dir: dir})
	if _, err := older.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	answer := platform.Response{Status: 200, Body: []byte(`{"data": {"repeated": false, "outcomes": []}}`)}
	operation, _ := platform.LookupOperation(platform.OpSendGitEvent)
	where := newWhere(operation, platform.Params{}).key
	if err := older.store.write(t.Context(), func(t *tx) error {
		if err := t.remember("delivery old", platform.OpSendGitEvent, where, answer); err != nil {
			return err
		}
		return t.remember("delivery of somebody", platform.OpCreateProject, "", answer)
	}); err != nil {
		t.Fatal(err)
	}
	if err := older.Close(); err != nil {
		t.Fatal(err)
	}
	migrations = present
	ahead := time.Duration(0)
	p := New(Options{Dir: dir, Clock: func() time.Time { return time.Now().Add(ahead) }})
	defer func() { _ = p.Close() }()
	if !told(t, p, "old") || told(t, p, "new") {
		t.Error("what the older version was told is not known")
	}
	ahead = deliveriesKept + time.Hour
	told(t, p, "newer")
	if deliveries, answers := kept(t, p); deliveries != 1 || answers != 2 {
		t.Errorf("%d deliveries and %d answers are kept", deliveries, answers)
	}
}
