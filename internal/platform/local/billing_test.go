package local_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

const twoWebs = `{"name": "web", "billing": {"deploymentPlan": "nf-compute-20"}, "deployment": {"instances": 2, "external": {"imagePath": "nginx"}}}`

// cents reads an amount.
func cents(t *testing.T, data any, path string) float64 {
	t.Helper()
	n, ok := jsonvalue.Number(data, path)
	if !ok {
		t.Fatalf("there is no amount at %s in %v", path, data)
	}
	return n
}

func TestUsageIsWhatPlansCostForAsLongAsTheyAreUsed(t *testing.T) {
	s := newStage(t) // at 03:04:05 of 2 January
	service := where("serviceId", "web")
	s.do(platform.OpPutDeploymentService, where(), twoWebs)
	s.do(platform.OpPutManualJob, where(), fmt.Sprintf(task, "task"))
	today := map[string]string{"timestamp": fmt.Sprint(s.now().Unix())}
	costs := func(when string, path map[string]string, want float64) {
		t.Helper()
		if got := cents(t, s.do(platform.OpGetUsage, path, ""), "paasUsage.price.total"); math.Abs(got-want) > 0.02 {
			t.Errorf("%s: %v cents, want %v", when, got, want)
		}
	}
	const hourly = 0.8 // of nf-compute-20, in cents
	s.advance(10 * time.Hour)
	costs("two instances for ten hours", today, 20*hourly)
	s.do(platform.OpPauseService, service, "")
	s.advance(2 * time.Hour)
	costs("a pause costs nothing", today, 20*hourly)
	s.do(platform.OpRunJob, where("jobId", "task"), "")
	s.advance(time.Hour)
	costs("a run of thirty seconds", today, 20*hourly+hourly/120)
	yesterday := map[string]string{"timestamp": fmt.Sprint(s.now().Add(-24 * time.Hour).Unix())}
	costs("the day before there was anything", yesterday, 0)
	if _, err := s.try(platform.OpGetUsage, map[string]string{"timestamp": fmt.Sprint(s.now().Add(time.Hour).Unix())}, ""); platform.StatusOf(err) != 404 {
		t.Errorf("usage of the future: %v", err)
	}
}

func TestInvoicesAreOfMonthsThatAreOver(t *testing.T) {
	s := newStage(t)
	s.do(platform.OpPutDeploymentService, where(), twoWebs)
	if list := jsonvalue.List(s.do(platform.OpListInvoices, nil, ""), "invoices"); len(list) != 0 {
		t.Errorf("in the first month there are the invoices %v", list)
	}
	s.advance(40 * 24 * time.Hour) // to 11 February
	list := s.do(platform.OpListInvoices, nil, "")
	hours := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC).Sub(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)).Hours()
	want := 2 * hours * 0.8
	if id, got := jsonvalue.String(list, "invoices.0.id"), cents(t, list, "invoices.0.total"); id != "2026-01" || math.Abs(got-want) > 0.02 {
		t.Errorf("the invoice of %s is %v cents, want %v", id, got, want)
	}
	if more := jsonvalue.Get(list, "invoices.1"); more != nil {
		t.Errorf("the month that goes on is invoiced: %v", more)
	}
	if got := cents(t, s.do(platform.OpGetInvoice, map[string]string{"invoiceId": "2026-01"}, ""), "paasUsage.teams.0.projects.0.resourceTypes.0.resources.0.price.total"); math.Abs(got-want) > 0.02 {
		t.Errorf("the service costs %v cents in it, want %v", got, want)
	}
	if got := cents(t, s.do(platform.OpGetInvoice, map[string]string{"invoiceId": "2026-02"}, ""), "total"); got <= 0 {
		t.Errorf("the present month stands at %v cents", got)
	}
	if days := jsonvalue.List(s.do(platform.OpListUsage, nil, ""), "usage"); len(days) != 41 {
		t.Errorf("41 days of use have %d days", len(days))
	}
}
