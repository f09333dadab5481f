// Package schemas carries the published JSON Schema files, so that a program
// can hand them to a validator that is not ours.
//
// It holds files and nothing else; look-ups go through internal/catalog, whose
// tables are compiled from the same files.
package schemas

import "embed"

// Base is what the $id of every schema starts with; the rest is its path in FS.
const Base = "https://raw.githubusercontent.com/nf-lsp/nf-lsp/main/schemas/"

// FS holds the schemas under the paths that they have here.
//
//go:embed definitions nodes documents
var FS embed.FS
