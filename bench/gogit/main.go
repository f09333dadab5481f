// Command gogit is a peer of the polling of linked files: it asks a repository for news with
// go-git, as a process that stays.
//
//	gogit CLONE
//
// For each line on standard input it fetches once and prints the milliseconds that it took.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"time"

	git "github.com/go-git/go-git/v5"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "gogit:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 2 {
		return errors.New("usage: gogit CLONE")
	}
	repository, err := git.PlainOpen(os.Args[1])
	if err != nil {
		return err
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		begun := time.Now()
		if err := repository.Fetch(&git.FetchOptions{}); err != nil && !errors.Is(err, git.NoErrAlreadyUpToDate) {
			return err
		}
		fmt.Printf("%.3f\n", float64(time.Since(begun).Microseconds())/1000)
	}
	return nil
}
