package platform

// The operations on what resources cost. Those of an organisation have the same addresses.
const (
	OpGetInvoice   = "team/billing/get-invoice"
	OpGetUsage     = "team/billing/get-usage"
	OpListInvoices = "team/billing/list-invoices"
	OpListUsage    = "team/billing/list-usage"
)
