package local

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"sync"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// A memory keeps answers to reads as long as they are right: until a process writes to
// the database, which SQLite tells. What changes by itself, since a step of a life cycle
// goes on or is to come, is not kept.
type memory struct {
	mu      sync.Mutex
	conn    *sql.Conn
	version *dataVersion
	seen    driver.Value // the version that the answers are of
	// epoch counts the versions that were seen.
	epoch   uint64
	answers map[string]platform.Response
	size    int // of all answers, in bytes
}

// Bounds of a memory, in bytes. One that is full begins anew.
const (
	maxMemory = 32 << 20
	maxAnswer = 256 << 10
	// answerCost is what an answer takes besides its text and its key, about.
	answerCost = 200
)

// newMemory returns a memory that looks at the database over a connection of its own.
func newMemory(ctx context.Context, db *sql.DB) (*memory, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	m := &memory{conn: conn, answers: map[string]platform.Response{}}
	if m.version, err = newDataVersion(ctx, conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return m, nil
}

func (m *memory) close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return errors.Join(m.version.close(), m.conn.Close())
}

// find returns the answer that is kept under a key. Without one it returns the epoch in
// which the question was asked, for keep: what is read from now on belongs to that
// epoch, or to a later one, in which it is not kept.
func (m *memory) find(ctx context.Context, key string) (response platform.Response, epoch uint64, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	version, err := m.version.look(ctx)
	if err != nil || version != m.seen {
		m.seen = version
		m.epoch++
		m.drop()
	}
	if err != nil {
		return platform.Response{}, m.epoch, false
	}
	response, ok = m.answers[key]
	return response, m.epoch, ok
}

func (m *memory) drop() {
	clear(m.answers)
	m.size = 0
}

// keep keeps an answer that was read after it was looked for in an epoch.
func (m *memory) keep(key string, epoch uint64, response platform.Response) {
	cost := len(key) + len(response.Body) + answerCost
	if len(response.Body) > maxAnswer {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if epoch != m.epoch {
		return
	}
	if m.size+cost > maxMemory {
		m.drop()
	}
	m.size += cost
	m.answers[key] = response
}

// isKept tells of which operations answers are kept: of those that tell of nothing but
// records and the steps in them. Others look at runs, logs or the calendar.
func isKept(op string) bool {
	switch op {
	case platform.OpGetProject, platform.OpListProjects,
		platform.OpGetService, platform.OpListServices, platform.OpGetServicePorts,
		platform.OpGetJob, platform.OpListJobs,
		platform.OpGetAddon, platform.OpListAddons,
		platform.OpGetVolume, platform.OpListVolumes,
		platform.OpGetProjectSecret, platform.OpGetProjectSecretDetails, platform.OpListProjectSecrets, platform.OpGetSecretLink:
		return true
	}
	return false
}

// question spells what is asked for.
func question(op *platform.Operation, params platform.Params) string {
	var b strings.Builder
	b.Grow(128)
	b.WriteString(op.ID)
	for rest := op.Path; ; {
		i := strings.IndexByte(rest, '{')
		if i < 0 {
			break
		}
		name, after, _ := strings.Cut(rest[i+1:], "}")
		b.WriteByte(0)
		b.WriteString(params.Path[name])
		rest = after
	}
	if len(params.Query) > 0 {
		for _, name := range op.Query {
			if v, ok := params.Query[name]; ok {
				b.WriteByte(0)
				b.WriteString(name)
				b.WriteByte('=')
				b.WriteString(v)
			}
		}
	}
	return b.String()
}

// readKept carries a read out, or gives the answer that is kept.
func (c *call) readKept(ctx context.Context, s *store, handle handler) (platform.Response, error) {
	key := question(&c.op, c.params)
	response, epoch, ok := s.memory.find(ctx, key)
	if ok {
		return response, nil
	}
	lasts := false
	err := s.read(ctx, func(tx *tx) error {
		tx.watches = true
		var err error
		response, err = c.run(tx, handle)
		lasts = err == nil && tx.horizon.next.IsZero()
		return err
	})
	response.ChangesIn = 0 // is for virtual time
	if lasts {
		s.memory.keep(key, epoch, response)
	}
	return response, err
}
