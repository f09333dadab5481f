package engine

import (
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/expr"
)

func TestKnownSecretsAreHidden(t *testing.T) {
	tests := []struct{ name, secret, given, want string }{
		{"where they stand", "correct-horse", "the password correct-horse is refused", "the password *** is refused"},
		{"within words", "correct-horse", "xcorrect-horsex", "x***x"},
		{"short ones where they stand alone", "main", "main is not the domain (main)", "*** is not the domain (***)"},
		{"very short ones stay", "abc", "abc", "abc"},
		{"as base64", "correct-horse", "Y29ycmVjdC1ob3JzZQ==", "***"},
		{"as base64 without padding", "correct-horse", "xx Y29ycmVjdC1ob3JzZQ xx", "xx *** xx"},
		{"in an address", "p@ss word/1", "https://u:p%40ss+word%2F1@h and p%40ss%20word%2F1", "https://u:***@h and ***"},
		{"in JSON", "say \"please\" now", `{"a":"say \"please\" now"}`, `{"a":"***"}`},
		{"line by line", "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\n-----END KEY-----", "line 2: MIIEvQIBADANBgkqhkiG", "line 2: ***"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := &masker{}
			m.add(expr.String(tt.secret).WithSecret())
			if got := m.hide(tt.given); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestOfTwoSecretsTheLongerIsHiddenWhole(t *testing.T) {
	m := &masker{}
	m.add(expr.String("password").WithSecret())
	m.add(expr.String("password-and-more").WithSecret())
	if got := m.hide("password-and-more password"); got != "*** ***" {
		t.Error(got)
	}
}

func TestOnlyTheSecretPartsOfAValueAreHidden(t *testing.T) {
	v := expr.Object(
		expr.Member{Key: "open", Value: expr.String("everybody")},
		expr.Member{Key: "list", Value: expr.Array([]expr.Value{expr.String("nobody-at-all").WithSecret(), expr.Number(123456).WithSecret()})})
	m := &masker{}
	m.add(v)
	got := toJSON(t, m.hideIn(map[string]any{"everybody": "nobody-at-all", "nobody-at-all": []any{123456.0, 7.0, true, nil}}))
	if want := `{"***":["***",7,true,null],"everybody":"***"}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestMaskedValuesKeepTheirShape(t *testing.T) {
	v := expr.Object(
		expr.Member{Key: "port", Value: expr.String("80").WithSecret()},
		expr.Member{Key: "list", Value: expr.Array([]expr.Value{expr.String("a"), expr.String("b").WithSecret()})},
		expr.Member{Key: "all", Value: expr.Object(expr.Member{Key: "x", Value: expr.Number(1)}).WithSecret()})
	coerced := map[string]any{"port": 80.0, "list": []any{"a", "b"}, "all": map[string]any{"x": 1.0}, "default": true}
	got := toJSON(t, masked(v, coerced))
	if want := `{"all":{"x":"***"},"default":true,"list":["a","***"],"port":"***"}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if pointers := strings.Join(secrets(nil, v, ""), " "); pointers != "/port /list/1 /all/x" {
		t.Errorf("secret at %s", pointers)
	}
}

func FuzzHide(f *testing.F) {
	f.Add("correct-horse", "a correct-horse b")
	f.Add("main", "domain main")
	f.Add("ab\ncd", "x")
	f.Fuzz(func(t *testing.T, secret, text string) {
		m := &masker{}
		m.text(secret)
		got := m.hide(text + secret + text)
		if len(secret) >= wordSecret && strings.Contains(got, secret) && !strings.Contains(secret, expr.Mask) && !strings.Contains(expr.Mask, secret) {
			// What is left and what the mask adds can join to the secret again
			// only where the secret itself has stars.
			if !strings.Contains(secret, "*") {
				t.Errorf("%q still shows in %q", secret, got)
			}
		}
	})
}
