package validate_test

import (
	"encoding/json"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/catalog"
	"github.com/nf-lsp/nf-lsp/internal/catalog/validate"
)

func TestCoerce(t *testing.T) {
	tests := []struct{ name, kind, value, want string }{
		{"a text becomes the number that it reads as", "Approval", `{"spec":{"amount":"2"}}`, `{"spec":{"amount":2}}`},
		{"blanks and exponents are read", "Approval", `{"spec":{"amount":" 1e1 "}}`, `{"spec":{"amount":10}}`},
		{"what is no number stays", "Approval", `{"spec":{"amount":"two"}}`, `{"spec":{"amount":"two"}}`},
		{"nothing is no number", "Approval", `{"spec":{"amount":""}}`, `{"spec":{"amount":""}}`},
		{"an expression stays", "Approval", `{"spec":{"amount":"${args.N}"}}`, `{"spec":{"amount":"${args.N}"}}`},
		{"a text becomes the truth value that it reads as", "BuildService", `{"spec":{"disabledCI":"true"}}`, `{"spec":{"disabledCI":true}}`},
		{"a number becomes text where text stands", "Addon", `{"spec":{"type":"redis","version":7.2}}`, `{"spec":{"type":"redis","version":"7.2"}}`},
		{"a whole number has no point", "Addon", `{"spec":{"type":"redis","version":16}}`, `{"spec":{"type":"redis","version":"16"}}`},
		{"a truth value becomes text where text stands", "SecretInheritance", `{"spec":{"requiredKeys":[true]}}`, `{"spec":{"requiredKeys":["true"]}}`},
		{"what may be anything stays", "SecretGroup", `{"spec":{"secrets":{"variables":{"PORT":8080,"ON":"true"}}}}`, `{"spec":{"secrets":{"variables":{"PORT":8080,"ON":"true"}}}}`},
		{"the alternative that fits as it is wins", "DeploymentService", `{"spec":{"deployment":{"strategy":{"settings":{"maxSurge":"25%","maxUnavailable":"3"}}}}}`,
			`{"spec":{"deployment":{"strategy":{"settings":{"maxSurge":"25%","maxUnavailable":3}}}}}`},
		{"the discriminator decides", "Condition", `{"spec":{"kind":"Service","spec":{"type":"running","data":{"serviceId":1,"timeoutDuration":"600"}}}}`,
			`{"spec":{"kind":"Service","spec":{"type":"running","data":{"serviceId":"1","timeoutDuration":600}}}}`},
		{"elements of lists", "CombinedService", `{"spec":{"ports":[{"internalPort":"80"},{"public":"false"}]}}`, `{"spec":{"ports":[{"internalPort":80},{"public":false}]}}`},
		{"unknown members stay", "Approval", `{"spec":{"zzz":"1","amount":"1"}}`, `{"spec":{"amount":1,"zzz":"1"}}`},
		{"null stays", "Approval", `{"spec":{"amount":null}}`, `{"spec":{"amount":null}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			kind, ok := catalog.Lookup(tt.kind)
			if !ok {
				t.Fatal("unknown kind")
			}
			var v map[string]any
			if err := json.Unmarshal([]byte(tt.value), &v); err != nil {
				t.Fatal(err)
			}
			v["kind"] = tt.kind
			before := marshal(t, v)
			got, ok := validate.Coerce(kind.Node, v).(map[string]any)
			if !ok {
				t.Fatal("not an object")
			}
			if marshal(t, v) != before {
				t.Error("the value itself has changed")
			}
			delete(got, "kind")
			var want any
			if err := json.Unmarshal([]byte(tt.want), &want); err != nil {
				t.Fatal(err)
			}
			if text := marshal(t, got); text != marshal(t, want) {
				t.Errorf("got %s, want %s", text, tt.want)
			}
		})
	}
}
