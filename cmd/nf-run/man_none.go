//go:build !manpages

package main

import "github.com/spf13/cobra"

// releaseCommands are none: see man.go.
func releaseCommands() []*cobra.Command { return nil }
