package expr

import (
	"context"
	"strings"
	"testing"
)

const typical = "https://${refs.web.ports.0.dns}/${fn.if(fn.eq(args.branch, 'main'), 'live', 'preview')}"

func BenchmarkParseTypical(b *testing.B) {
	b.SetBytes(int64(len(typical)))
	b.ReportAllocs()
	for b.Loop() {
		Parse(typical)
	}
}

func BenchmarkParseReference(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Parse("${refs.build.branch}")
	}
}

func BenchmarkParseTextWithoutExpressions(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Parse("/apps/web/Dockerfile")
	}
}

func BenchmarkParse10KB(b *testing.B) {
	text := strings.Repeat(typical+" and some text between\n", 10*1024/len(typical))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		Parse(text)
	}
}

func BenchmarkParse10KBWithoutExpressions(b *testing.B) {
	text := strings.Repeat("#!/bin/sh\nset -eu\necho hello\n", 10*1024/29)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Parse(text)
	}
}

func BenchmarkEvalTypical(b *testing.B) {
	env := &mapEnv{refs: map[string]Value{"refs.web.ports.0.dns": String("web.example.com"), "args.branch": String("main")}}
	ip := Parse(typical)
	b.ReportAllocs()
	for b.Loop() {
		env.asked = env.asked[:0]
		if _, err := ip.Eval(context.Background(), env, "place"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTypeOfTypical(b *testing.B) {
	call := Parse(typical).Parts[3].Node
	b.ReportAllocs()
	for b.Loop() {
		TypeOf(call, shapes)
	}
}

func BenchmarkCheckTypical(b *testing.B) {
	call := Parse(typical).Parts[3].Node.(*Call)
	b.ReportAllocs()
	for b.Loop() {
		CheckCall(call, shapes)
	}
}
