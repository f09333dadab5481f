package local

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
)

// Kinds of lifecycle that faults can be injected into.
const (
	KindBuild     = "build"     // by the id of the service or job
	KindDeploy    = "deploy"    // by the id of the service
	KindProvision = "provision" // by the id of the addon, load balancer, egress IP or cluster
	KindUpgrade   = "upgrade"   // by the id of the addon
	KindRun       = "run"       // by the id of the job
	KindBackup    = "backup"    // by the id of the addon
	KindRestore   = "restore"   // by the id of the addon
	KindClone     = "clone"     // by the name of the new repository
	KindCommand   = "command"   // by the id of the service or job
)

// A Fault makes operations or lifecycles go wrong on purpose. Either Op or Kind
// is set. Of several faults that apply the first one does.
type Fault struct {
	// Op is an operation. Resource limits it to one, such as
	// "projects/shop/services/web/build"; empty for all.
	Op, Resource string
	// Kind is a lifecycle, ID the resource that it belongs to; empty for all.
	Kind, ID string
	// Times is how often the fault strikes; 0 for always.
	Times int

	// Fail makes it fail with this message. Status is the status of an
	// operation that fails, 500 where it is 0.
	Fail   string
	Status int
	// Hang makes it never end. An operation that hangs ends with its context.
	Hang bool
	// Delay makes it take longer.
	Delay time.Duration
	// LoseReply carries out an operation and loses its answer.
	LoseReply bool
}

type faults struct {
	mu   sync.Mutex
	list []Fault
	used []int
}

func (f *faults) set(list []Fault) {
	f.list = append([]Fault(nil), list...)
	f.used = make([]int, len(list))
}

// next returns the first fault that applies and counts it.
func (f *faults) next(applies func(Fault) bool) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, fault := range f.list {
		if applies(fault) && (fault.Times == 0 || f.used[i] < fault.Times) {
			f.used[i]++
			return fault, true
		}
	}
	return Fault{}, false
}

// none tells whether there are no faults.
func (f *faults) none() bool { return len(f.list) == 0 }

// strike applies the faults of an operation. It returns whether the answer is to
// be lost.
func (f *faults) strike(ctx context.Context, at where) (lost bool, err error) {
	if f.none() {
		return false, nil
	}
	fault, ok := f.next(func(fault Fault) bool {
		return fault.Op != "" && fault.Op == at.op && (fault.Resource == "" || fault.Resource == at.key)
	})
	if !ok {
		return false, nil
	}
	if fault.Hang {
		<-ctx.Done()
		return false, ctx.Err()
	}
	if fault.Delay > 0 {
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(fault.Delay):
		}
	}
	if fault.Fail != "" {
		status := fault.Status
		if status == 0 {
			status = http.StatusInternalServerError
		}
		return false, &platform.Error{Status: status, ID: platform.ErrorInternal, Message: fault.Fail, Operation: at.op,
			Retryable: status >= 500 || status == http.StatusTooManyRequests}
	}
	return fault.LoseReply, nil
}

// bend applies the faults of a lifecycle to a step.
func (f *faults) bend(kind, id string, s *step) {
	if f.none() {
		return
	}
	fault, ok := f.next(func(fault Fault) bool {
		return fault.Kind == kind && (fault.ID == "" || fault.ID == id)
	})
	if !ok {
		return
	}
	s.For += int64(fault.Delay)
	s.Fail = fault.Fail
	if fault.Hang {
		s.For = endless
	}
}
