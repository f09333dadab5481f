package main

import (
	"fmt"
	"time"

	"github.com/spf13/pflag"
)

// patienceFlag says how long a command that executes a run stays with it while it
// does nothing but wait for people.
type patienceFlag struct{ text string }

func (f *patienceFlag) add(flags *pflag.FlagSet) {
	flags.StringVar(&f.text, "wait", "", "stay while the run waits for approvals: yes, no, or a time such as 30m (default: yes on a terminal, else no)")
	flags.Lookup("wait").NoOptDefVal = "yes"
}

// read returns the patience as [engine.RunOptions] takes it: 0 for as long as people
// take, less for none. somebody says that a person sees the command wait.
func (f *patienceFlag) read(somebody bool) (time.Duration, error) {
	switch f.text {
	case "":
		if somebody {
			return 0, nil
		}
		return -1, nil
	case "yes":
		return 0, nil
	case "no":
		return -1, nil
	}
	d, err := time.ParseDuration(f.text)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("--wait takes yes, no or a time such as 30m, not %q", f.text)
	}
	return d, nil
}

// watched tells whether a person sees what the command shows.
func (c *command) watched() bool { return !c.json && isTerminal(c.errOut) }
