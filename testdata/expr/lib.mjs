// What the case files are written with. A suite collects the vectors of one function; the expected value of each comes
// from the JavaScript function that the suite is given.

/** A value that stands in the arguments of the template (`args.a`, `args.b`, ...) instead of in the expression. */
export class Arg { constructor(value) { this.value = value; } }
/** An argument that is written as it stands, with the JavaScript value that it has. */
export class Raw { constructor(text, value) { this.text = text; this.value = value; } }

export const arg = (value) => new Arg(value);
export const raw = (text, value) => new Raw(text, value);
/** An argument that does not resolve. */
export const missing = raw('args.MISSING', undefined);
export const undef = raw('undefined', undefined);
export const nan = raw('fn.divide(0, 0)', NaN);
export const infinity = raw('fn.divide(1, 0)', Infinity);
/** A regular expression literal. */
export const re = (value) => raw(String(value), value);

const quote = (s, q = "'") => q + s
  .replaceAll('\\', '\\\\').replaceAll(q, '\\' + q).replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('${', '\\${')
  .replace(/[\ud800-\udfff\u2028\u2029]/g, (c) => '\\u' + c.charCodeAt(0).toString(16)) + q;

/** Writes a value as a literal of the language; objects have none and become arguments. */
function literal(value) {
  switch (typeof value) {
    case 'string': return quote(value);
    case 'number': return Object.is(value, -0) ? '-0' : String(value);
    case 'boolean': return String(value);
  }
  if (value === null) return 'null';
  if (Array.isArray(value)) return '[' + value.map(literal).join(', ') + ']';
  throw new Error('no literal for ' + JSON.stringify(value));
}

const isLiteral = (v) => v === null || ['string', 'number', 'boolean'].includes(typeof v) || (Array.isArray(v) && v.every(isLiteral));

/** The outcome of a value at the top of a template: what cannot be written there is an error. */
function outcome(value) {
  if (value === undefined) return { undefined: true };
  if (typeof value === 'number' && !Number.isFinite(value)) return { error: 'not-finite' };
  return { value: wellFormed(value) };
}

// What leaves the language is plain UTF-8.
function wellFormed(value) {
  if (typeof value === 'string') return value.toWellFormed();
  if (Object.is(value, -0)) return 0;
  if (Array.isArray(value)) return value.map((v) => (v === undefined || Number.isNaN(v) ? null : wellFormed(v)));
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k.toWellFormed(), wellFormed(v)]));
  }
  return value;
}

export function suite(fn, oracle) {
  const vectors = [];
  const add = (name, text, env, rest) => vectors.push({ function: fn, name, text, ...(env && { env }), ...rest });
  const render = (args) => {
    const values = {};
    let next = 97;
    const parts = args.map((a) => {
      if (a instanceof Raw) return a.text;
      if (!(a instanceof Arg) && isLiteral(a)) return literal(a);
      const name = String.fromCharCode(next++);
      values[name] = a instanceof Arg ? a.value : a;
      return 'args.' + name;
    });
    return [`\${fn.${fn}(${parts.join(', ')})}`, Object.keys(values).length ? { args: values } : undefined];
  };
  const self = {
    vectors,
    /** The function gives what JavaScript gives. */
    js(name, ...args) {
      const [text, env] = render(args);
      const unwrapped = args.map((a) => (a instanceof Raw || a instanceof Arg ? a.value : a));
      add(name, text, env, outcome(oracle(...unwrapped)));
      return self;
    },
    /** The function gives a value that JavaScript does not define. */
    is(name, value, ...args) {
      const [text, env] = render(args);
      add(name, text, env, outcome(value));
      return self;
    },
    /** The call fails with that code. */
    fails(name, code, ...args) {
      const [text, env] = render(args);
      add(name, text, env, { error: code });
      return self;
    },
    /** A whole string, with its environment and its value. */
    text(name, text, value, env) {
      add(name, text, env, outcome(value));
      return self;
    },
    /** A whole string that fails. */
    textFails(name, text, code, env) {
      add(name, text, env, { error: code });
      return self;
    },
  };
  return self;
}
