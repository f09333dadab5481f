package mask

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/expr"
)

func masker(secrets ...string) *Masker {
	m := &Masker{}
	for _, s := range secrets {
		m.Add(s)
	}
	return m
}

func TestKnownSecretsAreHidden(t *testing.T) {
	const random = "k3Jx9QpLz7Vb2NmW8tRy"
	tests := []struct{ name, secret, given, want string }{
		{"where they stand", "correct-horse", "the password correct-horse is refused", "the password *** is refused"},
		{"within words", "correct-horse", "xcorrect-horsex", "x***x"},
		{"short ones where they stand alone", "main", "main is not the domain (main)", "*** is not the domain (***)"},
		{"very short ones stay", "abc", "abc", "abc"},
		{"as base64", "correct-horse", "Y29ycmVjdC1ob3JzZQ==", "***"},
		{"as base64 without padding", "correct-horse", "xx Y29ycmVjdC1ob3JzZQ xx", "xx *** xx"},
		{"in an address", "p@ss word/1", "https://u:p%40ss+word%2F1@h and p%40ss%20word%2F1", "https://u:***@h and ***"},
		{"in an address with small digits", "p@ss word/1", "p%40ss%20word%2f1", "***"},
		{"as the password of an address", "p@ss/w:rd?", url.UserPassword("u", "p@ss/w:rd?").String(), "u:***"},
		{"in JSON", `say "please" now`, `{"a":"say \"please\" now"}`, `{"a":"***"}`},
		{"in JSON in JSON", `say "please" now`, `{\"a\":\"say \\\"please\\\" now\"}`, `{\"a\":\"***\"}`},
		{"in JSON that leaves < as it is", `a<b>"c"`, `{"a":"a<b>\"c\""}`, `{"a":"***"}`},
		{"in HTML", `a<b>&"c"d`, `a&lt;b&gt;&amp;&#34;c&#34;d`, `***`},
		{"in hexadecimal digits", "correct-horse", "636f72726563742d686f727365", "***"},
		{"in capitals", "correct-horse", "CORRECT-HORSE", "***"},
		{"in small letters", "Correct-Horse", "correct-horse", "***"},
		{"as an identifier", "My Secret!Name", "projects/my-secret-name/services", "projects/***/services"},
		{"line by line", "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\n-----END KEY-----", "line 2: MIIEvQIBADANBgkqhkiG", "line 2: ***"},
		{"where a message cuts them off", random, "the token " + random[:14] + "... is unknown", "the token ***... is unknown"},
		{"but not their first letters", random, "it begins with " + random[:6], "it begins with " + random[:6]},
		{"and not the beginning of what people write", "production-2024-in-europe", "production-2024 and production", "production-2024 and production"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := masker(tt.secret).Text(tt.given); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestASecretIsHiddenInBase64WithOtherTextAroundIt(t *testing.T) {
	m := masker("correct-horse-battery")
	for _, before := range []string{"", "u:", "user:", "name:", "x"} {
		for _, after := range []string{"", "!", "??", "\n\n\n"} {
			for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawURLEncoding} {
				text := encoding.EncodeToString([]byte(before + "correct-horse-battery" + after))
				if got := m.Text("Basic " + text); !strings.Contains(got, expr.Mask) || len(got) > len("Basic ***")+len(before+after)*2+6 {
					t.Errorf("%q between %q and %q is shown as %q", "correct-horse-battery", before, after, got)
				}
			}
		}
	}
}

func TestSecretsThatOverlapAreHiddenAsOne(t *testing.T) {
	for _, tt := range []struct {
		name, given, want string
		secrets           []string
	}{
		{"one within the other", "password-and-more password", "*** ***", []string{"password", "password-and-more"}},
		{"one that begins in the other", "abcdefghijklmnop", "***", []string{"abcdefghij", "ghijklmnop"}},
		{"one that touches the other", "abcdefghijklmnop", "***", []string{"abcdefgh", "ijklmnop"}},
		{"one that repeats", "abababababab", "***", []string{"abababab"}},
		{"one that begins as longer ones do", "abcdefghij-x abcdefghijkl", "***-x ***", []string{"abcdefghijkl", "abcdefgh", "abcdefghij", "abcdefghijkm"}},
		{"one that stands alone within another", "abcdefgh-main-x", "***", []string{"main", "abcdefgh-main-x"}},
		{"none", "nothing here", "nothing here", []string{"abababab"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := masker(tt.secrets...).Text(tt.given); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestOnlyTheSecretPartsOfAValueAreHidden(t *testing.T) {
	v := expr.Object(
		expr.Member{Key: "open", Value: expr.String("everybody")},
		expr.Member{Key: "list", Value: expr.Array([]expr.Value{expr.String("nobody-at-all").WithSecret(), expr.Number(123456).WithSecret()})})
	m := &Masker{}
	m.AddValue(v)
	got, err := json.Marshal(m.JSON(map[string]any{"everybody": "nobody-at-all", "nobody-at-all": []any{123456.0, json.Number("123456"), 7.0, true, nil}}))
	if want := `{"***":["***","***",7,true,null],"everybody":"***"}`; err != nil || string(got) != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestWithoutSecretsNothingIsCopied(t *testing.T) {
	v := map[string]any{"a": "b"}
	if got := masker().JSON(v); fmt.Sprintf("%p", got) != fmt.Sprintf("%p", v) {
		t.Error("the value was copied")
	}
}

func FuzzText(f *testing.F) {
	f.Add("correct-horse", "a correct-horse b")
	f.Add("main", "domain main")
	f.Add("ab\ncd", "x")
	f.Add("k3Jx9QpLz7Vb2NmW8tRy", "k3Jx9QpLz7Vb2")
	f.Add("\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8", "\xff")
	f.Fuzz(func(t *testing.T, secret, text string) {
		m := masker(secret)
		got := m.Text(text + secret + text)
		if len(secret) >= Long && strings.Contains(got, secret) && !strings.Contains(secret, "*") {
			// What is left and what the mask adds can join to the secret again
			// only where the secret itself has stars.
			t.Errorf("%q still shows in %q", secret, got)
		}
		if again := masker(secret).Text(got); !strings.Contains(secret, "*") && !strings.Contains(text, "*") && len(secret) >= Long && strings.Contains(again, secret) {
			t.Errorf("%q still shows in %q", secret, again)
		}
	})
}

func BenchmarkText(b *testing.B) {
	m := &Masker{}
	for i := range 10_000 {
		m.Add(fmt.Sprintf("secret-%d-%x", i, i*7919))
	}
	text := strings.Repeat(`{"name":"service","image":"registry.example.com/shop/web:1.2.3","ports":[{"internalPort":8080}]}`, 20)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		m.Text(text)
	}
}

func BenchmarkTextWithManySecretsThatBeginAlike(b *testing.B) {
	m := &Masker{}
	for i := range 10_000 {
		m.Add(fmt.Sprintf("postgresql://user-%d:%x@primary.db.local:5432", i, i*7919))
	}
	text := strings.Repeat("postgresql://user-1234:other@primary.db.local:5432 ", 20)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		m.Text(text)
	}
}

func BenchmarkAdd(b *testing.B) {
	m, i := &Masker{}, 0
	for b.Loop() {
		m.Add(fmt.Sprintf("secret-%d-%x", i, i*7919))
		i++
	}
}
