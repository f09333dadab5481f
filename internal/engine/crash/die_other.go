//go:build !unix

package crash

import "os"

// die ends the process without running anything more of it.
func die() { os.Exit(137) }
