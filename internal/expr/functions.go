package expr

import (
	"strings"
	"sync"
)

// Param is a parameter of a function.
type Param struct {
	Name     string
	Type     Type   // as the guides document it
	TypeText string // how the guides write the type, such as `string or regex` or `(item: T, index: integer) => boolean`
	Optional bool
	Doc      string
	Enum     []string // the only values that it takes, if they are few
	// Accepts is every type that the function can work with, by conversion too. What is provably outside of it fails.
	Accepts Type
}

// Function is an entry of the function table.
type Function struct {
	Name     string
	Family   string // the group that the guides list it in
	Doc      string // a sentence or two, Markdown
	Example  string // a call
	Gives    string // what the example gives, as an expression; empty where it differs from run to run
	Params   []Param
	Variadic bool // the last parameter may be repeated
	MinArgs  int
	MaxArgs  int // -1 without limit
	Result   Type
	// Pure functions give the same result for the same arguments: their calls can be folded.
	Pure bool
	// Secret functions give a secret whatever their arguments are.
	Secret bool

	// result refines Result for the types of the given arguments.
	result func(args []Type) Type
	// apply computes the result of evaluated arguments; lazy evaluates the arguments that it needs itself.
	apply func(x *invocation) (Value, error)
	lazy  func(ev *evaluator, f *Function, c *Call) (Value, error)
	// whole says that the function can work on unknown arguments and looks at them itself.
	whole bool
}

// Signature writes the function's parameters and result: `fn.join(strings: string[], separator?: string): string`.
func (f *Function) Signature() string {
	label, _ := f.SignatureRanges()
	return label
}

// SignatureRanges returns the signature and the byte range of each parameter in it.
func (f *Function) SignatureRanges() (label string, params [][2]int) {
	var b strings.Builder
	b.WriteString("fn." + f.Name + "(")
	for i, p := range f.Params {
		if i > 0 {
			b.WriteString(", ")
		}
		from := b.Len()
		if f.Variadic && i == len(f.Params)-1 {
			b.WriteString("...")
		}
		b.WriteString(p.Name)
		if p.Optional {
			b.WriteString("?")
		}
		b.WriteString(": " + p.TypeText)
		params = append(params, [2]int{from, b.Len()})
	}
	b.WriteString("): " + f.Result.String())
	return b.String(), params
}

// Param returns the parameter that the argument at index i belongs to; ok is false if there are too many.
func (f *Function) Param(i int) (p *Param, ok bool) {
	switch {
	case i < 0 || len(f.Params) == 0:
		return nil, false
	case i < len(f.Params):
		return &f.Params[i], true
	case f.Variadic:
		return &f.Params[len(f.Params)-1], true
	}
	return nil, false
}

// ResultOf is the type of the result for arguments of the given types.
func (f *Function) ResultOf(args []Type) Type {
	if f.result == nil {
		return f.Result
	}
	return f.result(args)
}

var (
	tableOnce sync.Once
	tableData struct {
		list   []*Function
		byName map[string]*Function
	}
)

// table returns the functions, which are listed on first use.
func table() (list []*Function, byName map[string]*Function) {
	tableOnce.Do(func() {
		t := &tableData
		t.byName = map[string]*Function{}
		for _, family := range [...]struct {
			name      string
			functions []*Function
		}{
			{"General", generalFunctions()},
			{"String manipulation", stringFunctions()},
			{"Boolean functions", booleanFunctions()},
			{"Maths", mathFunctions()},
			{"Objects", objectFunctions()},
			{"Arrays", arrayFunctions()},
		} {
			for _, f := range family.functions {
				f.Family = family.name
				f.MaxArgs = len(f.Params)
				for _, p := range f.Params {
					if !p.Optional {
						f.MinArgs++
					}
				}
				if f.Variadic {
					f.MaxArgs = -1
				}
				t.list = append(t.list, f)
				t.byName[f.Name] = f
			}
		}
	})
	return tableData.list, tableData.byName
}

// LookupFunction returns a function by its name, without `fn.`; names are case-sensitive.
func LookupFunction(name string) (*Function, bool) {
	_, byName := table()
	f, ok := byName[name]
	return f, ok
}

// Functions returns the table in the order of the guides. The caller does not change it.
func Functions() []*Function {
	list, _ := table()
	return list
}

// Types that functions accept. Text is made of numbers and booleans as JavaScript does; a number is read from text, and
// what does not resolve is NaN, with which every comparison is false.
var (
	acceptsText   = Type{shape: ShapeString | ShapeNumber | ShapeBool}
	acceptsNumber = Type{shape: ShapeNumber | ShapeString | ShapeBool | ShapeNull | ShapeUndefined}
	acceptsAny    = TypeAny
	acceptsMatch  = Type{shape: ShapeString | ShapeNumber | ShapeBool | ShapeRegex}
	acceptsKeyed  = Type{shape: ShapeObject | ShapeArray}
	acceptsOption = Type{shape: ShapeUndefined}
)

func textParam(name, doc string) Param {
	return Param{Name: name, Type: TypeString, TypeText: "string", Doc: doc, Accepts: acceptsText}
}

func matchParam(name, doc string) Param {
	return Param{Name: name, Type: TypeString.Union(TypeRegex), TypeText: "string or regex", Doc: doc, Accepts: acceptsMatch}
}

func numberParam(name, doc string) Param {
	return Param{Name: name, Type: TypeNumber, TypeText: "number", Doc: doc, Accepts: acceptsNumber}
}

func integerParam(name, doc string) Param {
	return Param{Name: name, Type: TypeInteger, TypeText: "integer", Doc: doc, Accepts: acceptsNumber}
}

func boolParam(name, doc string) Param {
	return Param{Name: name, Type: TypeBool, TypeText: "boolean", Doc: doc, Accepts: acceptsAny}
}

func anyParam(name, doc string) Param {
	return Param{Name: name, Type: TypeAny, TypeText: "any", Doc: doc, Accepts: acceptsAny}
}

func arrayParam(name, doc string) Param {
	return Param{Name: name, Type: TypeArray, TypeText: "T[]", Doc: doc, Accepts: TypeArray}
}

func lambdaParam(result, doc string) Param {
	return Param{
		Name: "fn", Type: FunctionOf(TypeAny), TypeText: "(item: T, index: integer) => " + result, Doc: doc,
		Accepts: Type{shape: ShapeFunction},
	}
}

func objectParam(name, doc string) Param {
	return Param{Name: name, Type: TypeObject, TypeText: "object", Doc: doc, Accepts: acceptsKeyed}
}

// optional returns the parameter as one that can be left out.
func (p Param) optional() Param {
	p.Optional = true
	p.Accepts = p.Accepts.Union(acceptsOption)
	return p
}
