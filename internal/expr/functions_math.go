package expr

import "math"

func mathFunctions() []*Function {
	integers := func(args []Type) Type {
		// Sums, differences and products of integers are integers as far as a float64 tells.
		for _, t := range args {
			if !t.Within(TypeInteger) {
				return TypeNumber
			}
		}
		return TypeInteger
	}
	whole := func([]Type) Type { return TypeInteger }
	return []*Function{
		arithmetic("add", "The sum of all arguments.", "fn.add(args.COUNT, 1)", true, integers, func(a, b float64) float64 { return a + b }),
		arithmetic("subtract", "The first argument less all others.", "fn.subtract(args.COUNT, 1)", true, integers, func(a, b float64) float64 { return a - b }),
		arithmetic("multiply", "The product of all arguments.", "fn.multiply(args.COUNT, 1024)", true, integers, func(a, b float64) float64 { return a * b }),
		arithmetic("divide", "The first number divided by the second.", "fn.divide(args.COUNT, 2)", false, nil, func(a, b float64) float64 { return a / b }),
		arithmetic("remainder", "The remainder of dividing the first number by the second; it has the sign of the first.", "fn.remainder(args.COUNT, 2)", false, nil, math.Mod),
		arithmetic("exp", "The first number to the power of the second.", "fn.exp(2, 10)", false, nil, power),
		rounding("floor", "The greatest integer that is not above the number.", "fn.floor(2.7)", whole, math.Floor),
		rounding("ceil", "The smallest integer that is not below the number.", "fn.ceil(2.1)", whole, math.Ceil),
	}
}

// power is JavaScript's Math.pow, which differs from IEEE 754 where the base is one or minus one.
func power(a, b float64) float64 {
	if math.IsNaN(b) || math.Abs(a) == 1 && math.IsInf(b, 0) {
		return math.NaN()
	}
	return math.Pow(a, b)
}

func arithmetic(name, doc, example string, variadic bool, result func([]Type) Type, compute func(a, b float64) float64) *Function {
	return &Function{
		Name: name, Pure: true, Result: TypeNumber, Variadic: variadic, Doc: doc, Example: example,
		Params: []Param{numberParam("a", "A number, or text that is one."), numberParam("b", "A number, or text that is one.")},
		result: result,
		apply: func(x *invocation) (Value, error) {
			r, err := x.number(0)
			if err != nil {
				return Value{}, err
			}
			for i := 1; i < len(x.args); i++ {
				b, err := x.number(i)
				if err != nil {
					return Value{}, err
				}
				r = compute(r, b)
			}
			return Number(r), nil
		},
	}
}

func rounding(name, doc, example string, result func([]Type) Type, compute func(float64) float64) *Function {
	return &Function{
		Name: name, Pure: true, Result: TypeInteger, Doc: doc, Example: example,
		Params: []Param{numberParam("a", "A number, or text that is one.")},
		result: result,
		apply: func(x *invocation) (Value, error) {
			f, err := x.number(0)
			return Number(compute(f)), err
		},
	}
}
