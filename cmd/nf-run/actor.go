package main

import (
	"os"
	"os/user"
)

// whoami is the user of the operating system, who is behind what is done from here;
// empty where nobody can tell.
func whoami() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return os.Getenv("USER")
}
