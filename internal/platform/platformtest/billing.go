package platformtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

func testBilling(t *testing.T, w *world) {
	w.start(t, "DeploymentService", deployment("web", nginx))
	w.start(t, "ManualJob", manualJob("task", nginx))
	w.start(t, "Addon", addon("data", "redis", "latest"))
	now := time.Now().UTC()
	stamp := map[string]string{"timestamp": fmt.Sprint(now.Unix())}
	usage := w.do(t, platform.OpGetUsage, stamp, nil, "")
	has(t, usage, "paasUsage.teams.0.projects.0.id", project, "timestamp", float64(now.Truncate(24*time.Hour).Unix()))
	sum, _ := jsonvalue.Number(usage, "paasUsage.price.total")
	if sum < 0 || sum > 100 {
		t.Errorf("what is a moment old costs %v cents", sum)
	}
	has(t, w.do(t, platform.OpGetUsage, stamp, map[string]string{"projectId": "nobody"}, ""), "paasUsage.teams.0.projects", []any{})
	list := w.do(t, platform.OpListUsage, nil, map[string]string{"startTime": fmt.Sprint(now.Add(-48 * time.Hour).Unix()), "endTime": fmt.Sprint(now.Unix())}, "")
	if days := jsonvalue.List(list, "usage"); len(days) < 2 || len(days) > 3 {
		t.Errorf("two days have %d days: %v", len(days), days)
	}
	invoice := w.do(t, platform.OpGetInvoice, map[string]string{"invoiceId": now.Format("2006-01")}, nil, "")
	has(t, invoice, "id", now.Format("2006-01"), "currency", "usd", "paid", false, "paasUsage.teams.0.projects.0.id", project)
	w.do(t, platform.OpListInvoices, nil, nil, "")
	for _, id := range []string{"1999-01", "nobody"} {
		_, err := w.try(platform.OpGetInvoice, map[string]string{"invoiceId": id}, nil, "")
		refusal(t, err, 404, id)
	}
	_, err := w.try(platform.OpGetUsage, map[string]string{"timestamp": "noon"}, nil, "")
	refusal(t, err, 400, "timestamp")
	_, err = w.try(platform.OpListUsage, nil, map[string]string{"endTime": "noon"}, "")
	refusal(t, err, 400, "endTime")
}
