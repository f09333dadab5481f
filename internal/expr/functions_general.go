package expr

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
)

// maxRandom is the greatest length of a random text.
const maxRandom = 1 << 16

func generalFunctions() []*Function {
	return []*Function{
		{
			Name:    "randomSecret",
			Doc:     "Makes a random secret of the given length. It is made once: later runs of the template get the same one, until it is removed.",
			Example: "fn.randomSecret(32, 'hex')",
			Params: []Param{
				numberParam("length", "How many characters the secret has."),
				Param{
					Name: "encoding", Type: TypeString, TypeText: "string", Enum: []string{"base64", "hex"}, Accepts: acceptsText,
					Doc: "The alphabet of the secret: `'base64'` (default) or `'hex'`.",
				}.optional(),
			},
			Result: TypeString, Secret: true,
			apply: func(x *invocation) (Value, error) { return x.random(randomSecret) },
		},
		{
			Name:    "randomString",
			Doc:     "Makes a random text of letters and digits of the given length. Like a random secret it is made once and kept.",
			Example: "fn.randomString(16)",
			Params:  []Param{numberParam("length", "How many characters the text has.")},
			Result:  TypeString, Secret: true,
			apply: func(x *invocation) (Value, error) { return x.random(randomLetters) },
		},
		{
			Name:    "date",
			Doc:     "The current date and time in UTC. Without a format it is ISO 8601 with milliseconds, such as `2025-05-14T22:00:00.000Z`.",
			Example: "fn.date('YYYYMMDD')",
			Params:  []Param{textParam("format", "A format in the tokens of Moment.js, such as `'YYYYMMDD'` or `'llll'`.").optional()},
			Result:  TypeString,
			apply:   date,
		},
		{
			Name:    "fetchSecret",
			Doc:     "A global secret, found by an identifier that is computed. Where the identifier is fixed, `secrets.<id>` is faster.",
			Example: "fn.fetchSecret(args.SECRET_ID)",
			Params:  []Param{textParam("secretId", "The identifier of the global secret.")},
			Result:  TypeAny, Secret: true,
			apply: fetchSecret,
		},
	}
}

// random makes a random text that is kept from then on. It is a secret, whatever it is used for.
func (x *invocation) random(text func(length int, hex bool) (string, error)) (Value, error) {
	n, err := x.number(0)
	if err != nil {
		return Value{}, err
	}
	if !randomLength(n) {
		return Value{}, errAt(x.call.Args[0], CodeArgumentValue, "%s", randomLengthMessage(x.fn))
	}
	inHex := false
	if x.has(1) {
		switch x.args[1].rawText() {
		case "hex":
			inHex = true
		case "base64":
		default:
			return Value{}, x.wrongValue(1, "(encoding) has to be %s", enumText(x.fn.Params[1].Enum))
		}
	}
	v, err := x.ev.env.Kept(x.ev.ctx, x.fn.Name, x.keptPlace(), x.args, func() (Value, error) {
		s, err := text(int(n), inHex)
		return String(s).WithSecret(), err
	})
	if err != nil {
		return Value{}, x.ev.wrap(x.call, err)
	}
	return v, nil
}

func randomSecret(length int, inHex bool) (string, error) {
	b := make([]byte, length)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	if inHex {
		return hex.EncodeToString(b)[:length], nil
	}
	return base64.RawStdEncoding.EncodeToString(b)[:length], nil
}

func randomLetters(length int, _ bool) (string, error) {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	out := make([]byte, 0, length)
	b := make([]byte, length)
	for len(out) < length {
		if _, err := rand.Read(b); err != nil {
			return "", err
		}
		for _, c := range b {
			// What does not fit is thrown away: a remainder would prefer the first letters.
			if int(c) < 256/len(letters)*len(letters) && len(out) < length {
				out = append(out, letters[int(c)%len(letters)])
			}
		}
	}
	return string(out), nil
}

func date(x *invocation) (Value, error) {
	format := ""
	if x.has(0) {
		var err error
		if format, err = x.text(0); err != nil {
			return Value{}, err
		}
	}
	v, err := x.ev.env.Kept(x.ev.ctx, x.fn.Name, x.keptPlace(), x.args, func() (Value, error) {
		now := x.ev.env.Now().UTC()
		if format == "" {
			return String(isoDate(now)), nil
		}
		return String(formatMoment(now, format)), nil
	})
	if err != nil {
		return Value{}, x.ev.wrap(x.call, err)
	}
	return v, nil
}

func fetchSecret(x *invocation) (Value, error) {
	id, err := x.text(0)
	if err != nil {
		return Value{}, err
	}
	v, err := x.ev.env.FetchSecret(x.ev.ctx, id, x.ev.calls > 1)
	if err != nil {
		return Value{}, x.ev.wrap(x.call, err)
	}
	return v, nil
}
