// Command packaging makes what stands around a release, and looks into it.
//
//	packaging notices                         the licences of everything the programs are made of
//	packaging registries --dist D --out D     entries for package registries, of the archives of a release
//	packaging verify --dist D [--extensions D] archives, checksums, documents and extensions hold what they should
//
// It knows how archives are named and what is in them, and nothing of what the programs do.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "packaging: "+err.Error())
		os.Exit(1)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("packaging", flag.ContinueOnError)
	dist := flags.String("dist", "dist", "the folder of the archives")
	out := flags.String("out", "", "where the entries go")
	extensions := flags.String("extensions", "", "the folder of the extensions of VS Code; none are looked for without")
	if len(args) == 0 {
		return fmt.Errorf("say notices, registries or verify")
	}
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	switch args[0] {
	case "notices":
		return writeNotices(os.Stdout)
	case "registries":
		r, err := readRelease(*dist)
		if err != nil {
			return err
		}
		return writeRegistries(r, *out)
	case "verify":
		r, err := readRelease(*dist)
		if err != nil {
			return err
		}
		return verify(r, *extensions)
	}
	return fmt.Errorf("there is no %q: say notices, registries or verify", args[0])
}
