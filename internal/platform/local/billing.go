package local

import (
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/platform"
	"github.com/nf-lsp/nf-lsp/internal/platform/jsonvalue"
)

// Nothing is billed here. Usage and invoices say what the resources that are there
// would cost by the prices of their plans, in cents, for as long as they have been
// there. Storage, build machines, plans without a price and what was deleted are not
// in it, and the number of instances is that of now.

// A charge is what a resource would cost.
type charge struct {
	id, name, typ string // "service", "job", "addon"
	cents         float64
}

// A bill is what the resources of a project would cost.
type bill struct {
	project *record
	charges []charge
}

func total(bills []bill) float64 {
	sum := 0.0
	for _, b := range bills {
		sum += b.total("")
	}
	return sum
}

// total adds up what is charged, for one type of resource or for all.
func (b bill) total(typ string) float64 {
	sum := 0.0
	for _, c := range b.charges {
		if typ == "" || c.typ == typ {
			sum += c.cents
		}
	}
	return sum
}

// priced writes an amount, in hundredths of a cent at the finest.
func priced(cents float64) map[string]any {
	return map[string]any{"total": math.Round(cents*100) / 100}
}

// An entry is a resource with what an hour of it costs and when it has been used.
type entry struct {
	charge
	project *record
	hourly  float64 // cents
	used    [][2]time.Time
}

// ledger reads the resources that cost something, of the projects and of the type that
// the query names.
func (c *call) ledger() ([]*record, []entry, error) {
	projects, err := c.tx.all("projects")
	if err != nil {
		return nil, nil, err
	}
	if only := c.params.Query["projectId"]; only != "" {
		projects = slices.DeleteFunc(projects, func(r *record) bool { return r.id() != only })
	}
	var entries []entry
	for _, project := range projects {
		for _, kind := range []struct {
			typ, segment string
			used         func(*call, *record) (count int, used [][2]time.Time, err error)
		}{{"service", "services", usedService}, {"job", "jobs", usedJob}, {"addon", "addons", usedAddon}} {
			if only := c.params.Query["resourceType"]; only != "" && only != kind.typ {
				continue
			}
			resources, err := c.tx.all(project.key + "/" + kind.segment)
			if err != nil {
				return nil, nil, err
			}
			for _, r := range resources {
				plan, ok := catalog.LookupPlan(jsonvalue.String(r.spec, "billing.deploymentPlan"))
				if !ok || r.typ == buildServiceFlavour.typ {
					continue
				}
				count, used, err := kind.used(c, r)
				if err != nil {
					return nil, nil, err
				}
				entries = append(entries, entry{charge{id: r.id(), name: jsonvalue.String(r.spec, "name"), typ: kind.typ}, project,
					plan.Hourly * 100 * float64(count), used})
			}
		}
	}
	return projects, entries, nil
}

// usedService is the time that a service has been there. One that is paused costs
// nothing.
func usedService(c *call, r *record) (int, [][2]time.Time, error) {
	ended := c.now
	if paused := stateOf[serviceState](r).Paused; paused != 0 {
		ended = time.Unix(0, paused)
	}
	return instances(r.spec), [][2]time.Time{{r.created, ended}}, nil
}

func usedAddon(c *call, r *record) (int, [][2]time.Time, error) {
	return replicas(r.spec), [][2]time.Time{{r.created, c.now}}, nil
}

// usedJob is the time of a job's runs.
func usedJob(c *call, job *record) (int, [][2]time.Time, error) {
	all, err := c.tx.all(job.key + "/runs")
	if err != nil {
		return 0, nil, err
	}
	var used [][2]time.Time
	for _, run := range all {
		_, ended := stateOf[runState](run).status(c.now)
		if ended.IsZero() {
			ended = c.now
		}
		used = append(used, [2]time.Time{run.created, ended})
	}
	return 1, used, nil
}

// between are what the resources would cost between two times, by project.
func between(projects []*record, entries []entry, from, to time.Time) []bill {
	bills := make([]bill, len(projects))
	at := map[*record]int{}
	for i, project := range projects {
		bills[i].project, at[project] = project, i
	}
	for _, e := range entries {
		hours := 0.0
		for _, span := range e.used {
			hours += overlap(span[0], span[1], from, to)
		}
		if hours == 0 {
			continue
		}
		e.cents = hours * e.hourly
		b := &bills[at[e.project]]
		b.charges = append(b.charges, e.charge)
	}
	return bills
}

// overlap is how many hours two spans of time have in common.
func overlap(begun, ended, from, to time.Time) float64 {
	if begun.Before(from) {
		begun = from
	}
	if ended.After(to) {
		ended = to
	}
	return max(ended.Sub(begun).Hours(), 0)
}

// showUsage shows a page of the projects with what each of their resources would cost.
func (c *call) showUsage(bills []bill) (map[string]any, error) {
	sum := total(bills)
	page, err := paged(c, bills)
	if err != nil {
		return nil, err
	}
	rows := []any{}
	for _, b := range page {
		types := []any{}
		for _, typ := range []string{"service", "job", "addon"} {
			resources := []any{}
			for _, c := range b.charges {
				if c.typ == typ {
					resources = append(resources, map[string]any{"id": c.id, "name": c.name, "price": priced(c.cents)})
				}
			}
			if len(resources) > 0 {
				types = append(types, map[string]any{"resourceType": typ, "price": priced(b.total(typ)), "resources": resources})
			}
		}
		rows = append(rows, map[string]any{"id": b.project.id(), "name": b.project.spec["name"], "price": priced(b.total("")), "resourceTypes": types})
	}
	team := map[string]any{"id": "local", "name": "local", "price": priced(sum), "projects": rows}
	return map[string]any{"price": priced(sum), "teams": []any{team}}, nil
}

func noCloud() map[string]any { return map[string]any{"price": priced(0)} }

const (
	day = 24 * time.Hour
	// mostDays is how far back usage goes that names no time.
	mostDays = 90
)

// since is when the oldest project was created; now where there is none.
func (c *call) since() (time.Time, error) {
	oldest, err := c.tx.list("projects", page{limit: 1})
	if err != nil || len(oldest) == 0 {
		return c.now, err
	}
	return oldest[0].created, nil
}

// unixTime reads seconds since 1970, or milliseconds, which are many more.
func (c *call) unixTime(name, text string) (time.Time, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return time.Time{}, platform.Invalid(name, "is %q; it is a number of seconds since 1970", text)
	}
	if n > 1e11 {
		return c.tx.store.inside(time.UnixMilli(n)), nil
	}
	return c.tx.store.inside(time.Unix(n, 0)), nil
}

// startOfDay is when a day begins for people, in the folder's time.
func (c *call) startOfDay(t time.Time) time.Time {
	return c.tx.store.inside(c.tx.store.outside(t).UTC().Truncate(day))
}

func (c *call) unix(t time.Time) int64 { return c.tx.store.outside(t).Unix() }

// listUsage lists what each day would cost, the oldest first.
func listUsage(c *call) (any, error) {
	from, err := c.since()
	if err != nil {
		return nil, err
	}
	to := c.now
	if oldest := to.Add(-mostDays * day); from.Before(oldest) {
		from = oldest
	}
	for name, at := range map[string]*time.Time{"startTime": &from, "endTime": &to} {
		if text := c.params.Query[name]; text != "" {
			if *at, err = c.unixTime(name, text); err != nil {
				return nil, err
			}
		}
	}
	if to.After(c.now) {
		to = c.now
	}
	var days []time.Time
	for at := c.startOfDay(from); at.Before(to) && len(days) < 10*365; at = at.Add(day) {
		days = append(days, at)
	}
	days, err = paged(c, days)
	if err != nil {
		return nil, err
	}
	projects, entries, err := c.ledger()
	if err != nil {
		return nil, err
	}
	rows := []any{}
	for _, at := range days {
		bills := between(projects, entries, at, at.Add(day))
		rows = append(rows, map[string]any{"timestamp": c.unix(at), "paasUsage": map[string]any{"price": priced(total(bills))}, "byocUsage": noCloud()})
	}
	return map[string]any{"usage": rows}, nil
}

// getUsage shows what the day of a time would cost.
func getUsage(c *call) (any, error) {
	at, err := c.unixTime("timestamp", c.path("timestamp"))
	if err != nil {
		return nil, err
	}
	if at.After(c.now) {
		return nil, notFound("usage", c.path("timestamp"), "")
	}
	from := c.startOfDay(at)
	projects, entries, err := c.ledger()
	if err != nil {
		return nil, err
	}
	usage, err := c.showUsage(between(projects, entries, from, from.Add(day)))
	return map[string]any{"timestamp": c.unix(from), "paasUsage": usage, "byocUsage": noCloud()}, err
}

// A month is the period of an invoice, whose identifier it is: "2026-11".
type month struct{ from, to time.Time }

func (c *call) monthOf(t time.Time) month {
	t = c.tx.store.outside(t).UTC()
	from := time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	return month{c.tx.store.inside(from), c.tx.store.inside(from.AddDate(0, 1, 0))}
}

func (c *call) idOf(m month) string { return c.tx.store.outside(m.from).UTC().Format("2006-01") }

// listInvoices lists the months that are over, the newest first.
func listInvoices(c *call) (any, error) {
	from, err := c.since()
	if err != nil {
		return nil, err
	}
	var months []month
	for m := c.monthOf(from); !m.to.After(c.now); m = c.monthOf(m.to) {
		months = append(months, m)
	}
	slices.Reverse(months)
	if months, err = paged(c, months); err != nil {
		return nil, err
	}
	projects, entries, err := c.ledger()
	if err != nil {
		return nil, err
	}
	rows := []any{}
	for _, m := range months {
		bills := between(projects, entries, m.from, m.to)
		row := c.invoice(m, total(bills))
		row["paasUsage"] = map[string]any{"price": priced(total(bills))}
		rows = append(rows, row)
	}
	return map[string]any{"invoices": rows}, nil
}

func (c *call) invoice(m month, cents float64) map[string]any {
	sum := priced(cents)["total"]
	return map[string]any{"id": c.idOf(m), "period": map[string]any{"start": c.unix(m.from), "end": c.unix(m.to)}, "currency": "usd",
		"byocUsage": noCloud(), "subTotal": sum, "total": sum, "paid": false}
}

// getInvoice shows the invoice of a month, that of the present one as it stands.
func getInvoice(c *call) (any, error) {
	id := c.path("invoiceId")
	since, err := c.since()
	if err != nil {
		return nil, err
	}
	t, parseErr := time.Parse("2006-01", id)
	m := c.monthOf(c.tx.store.inside(t))
	if parseErr != nil || m.from.After(c.now) || !m.to.After(since) {
		return nil, notFound("invoice", id, "")
	}
	projects, entries, err := c.ledger()
	if err != nil {
		return nil, err
	}
	bills := between(projects, entries, m.from, m.to)
	sum := total(bills)
	shown := c.invoice(m, sum)
	if shown["paasUsage"], err = c.showUsage(bills); err != nil {
		return nil, err
	}
	shown["lineItems"] = []any{map[string]any{"title": "Compute; the local platform bills nothing", "total": shown["total"], "base": shown["total"], "proration": 0}}
	shown["discounts"], shown["tax"] = map[string]any{"total": 0}, map[string]any{"percent": 0, "amount": 0}
	return shown, nil
}
