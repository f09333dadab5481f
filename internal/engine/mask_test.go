package engine

import (
	"strings"
	"testing"

	"github.com/nf-lsp/nf-lsp/internal/expr"
)

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
