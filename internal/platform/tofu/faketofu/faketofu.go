// Package faketofu is an OpenTofu, as far as tests need one: a program that does what
// OpenTofu's commands do, to nothing. It writes a line for each thing that it does to the
// file FAKE_TOFU_LOG. A resource whose input is "hold" takes until there is a file
// FAKE_TOFU_GO, one with "fail" cannot be made, one with "sticks" cannot be destroyed, one
// with "wrong" is none.
package faketofu

import (
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

type module struct {
	Resource map[string]map[string]map[string]any `json:"resource"`
	Output   map[string]map[string]any            `json:"output"`
}

func (m module) addresses() map[string]string {
	out := map[string]string{}
	for kind, named := range m.Resource {
		for name, body := range named {
			out[kind+"."+name], _ = body["input"].(string)
		}
	}
	return out
}

// Main does what the arguments say and returns the exit code.
func Main(args []string) int {
	log := func(format string, args ...any) {
		f, err := os.OpenFile(os.Getenv("FAKE_TOFU_LOG"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(f, format+"\n", args...)
		_ = f.Close()
	}
	say := func(v map[string]any) {
		text, _ := json.Marshal(v)
		fmt.Println(string(text))
	}
	wrong := func(summary string) {
		say(map[string]any{"type": "diagnostic", "diagnostic": map[string]any{"severity": "error", "summary": summary, "detail": "as it was told"}})
	}
	if args[0] == "version" {
		version := os.Getenv("FAKE_TOFU_VERSION")
		if version == "" {
			version = "1.10.6"
		}
		say(map[string]any{"terraform_version": version})
		return 0
	}
	for _, v := range os.Environ() {
		if strings.HasPrefix(v, "NF_") || strings.HasPrefix(v, "NORTHFLANK_") {
			log("sees %s", v)
		}
	}
	if os.Getenv("TF_ENCRYPTION") == "" || os.Getenv("TF_IN_AUTOMATION") == "" {
		log("is not told how to encrypt")
	}
	var m module
	text, err := os.ReadFile("main.tf.json")
	if err != nil || json.Unmarshal(text, &m) != nil {
		log("%s without a module", args[0])
	}
	state := map[string]string{}
	if text, err := os.ReadFile("terraform.tfstate"); err == nil {
		_ = json.Unmarshal(text, &state)
	}
	save := func() {
		text, _ := json.Marshal(state)
		_ = os.WriteFile("terraform.tfstate", text, 0o600)
	}
	var addresses []string
	inputs := m.addresses()
	for a := range inputs {
		addresses = append(addresses, a)
	}
	slices.Sort(addresses)
	switch args[0] {
	case "init":
		_ = os.MkdirAll(".terraform", 0o700)
	case "validate":
		for _, a := range addresses {
			if inputs[a] == "wrong" {
				say(map[string]any{"valid": false, "diagnostics": []any{map[string]any{"severity": "error", "summary": "Unsupported argument", "detail": "An argument named \"wrong\" is not expected here."}}})
				return 1
			}
		}
		say(map[string]any{"valid": true})
	case "plan":
		if out, ok := strings.CutPrefix(args[len(args)-1], "-out="); ok {
			_ = os.WriteFile(out, []byte("plan"), 0o600)
			log("plans")
		}
		for _, a := range addresses {
			if state[a] != inputs[a] {
				action := "update"
				if state[a] == "" {
					action = "create"
				}
				say(map[string]any{"type": "planned_change", "change": map[string]any{"action": action, "resource": map[string]any{"addr": a}}})
			}
		}
	case "output":
		out := map[string]any{}
		for name, o := range m.Output {
			if text, ok := o["value"].(string); ok && strings.HasPrefix(text, "${") {
				o["value"] = "value-of-" + strings.Trim(text, "${}")
			}
			out[name] = map[string]any{"value": o["value"], "type": "string", "sensitive": o["sensitive"] == true}
		}
		say(out)
	case "apply":
		interrupted := make(chan os.Signal, 1)
		signal.Notify(interrupted, syscall.SIGINT)
		if args[1] == "-destroy" {
			for a, input := range state {
				if input == "sticks" {
					wrong("it is in use")
					return 1
				}
				log("destroys %s", a)
			}
			state = map[string]string{}
			save()
			return 0
		}
		if last := args[len(args)-1]; strings.HasSuffix(last, ".tfplan") {
			if _, err := os.Stat(last); err != nil {
				wrong("there is no plan")
				return 1
			}
			log("applies the plan")
		}
		for _, a := range addresses {
			if state[a] == inputs[a] {
				continue
			}
			say(map[string]any{"type": "apply_start", "@message": a + ": Creating..."})
			log("begins %s", a)
			switch inputs[a] {
			case "fail":
				wrong("no capacity")
				return 1
			case "hold", "stubborn":
				for held := true; held; {
					select {
					case <-interrupted:
						log("is interrupted")
						if inputs[a] == "hold" {
							save()
							wrong("Interrupted")
							return 1
						}
					case <-time.After(10 * time.Millisecond):
						_, err := os.Stat(os.Getenv("FAKE_TOFU_GO"))
						held = err != nil
					}
				}
			}
			state[a] = inputs[a]
			save()
			log("made %s", a)
		}
	}
	return 0
}
