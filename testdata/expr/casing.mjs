// Writes what upper and lower case are in the whole of Unicode: `node testdata/expr/casing.mjs > testdata/expr/casing.txt`.
// See README.md. A line is a run of characters, every first or every second one: `from to step upper lower sigma`. `upper`
// and `lower` are how far away the other case is, or its code points if they are several, or `=`. `sigma` is what a
// character is beside a sigma: `cased`, `ignorable` (passed over) or `other`.
const points = (s) => Array.from(s, (c) => c.codePointAt(0));
const other = (c, s) => {
  const p = points(s);
  if (p.length > 1) return p.map((x) => x.toString(16)).join('+');
  return p[0] === c ? '=' : (p[0] > c ? '+' : '') + (p[0] - c);
};
const sigma = (s) => {
  if (('aΣ' + s).toLowerCase()[1] === 'σ') return 'cased';
  return ('aΣ' + s + 'b').toLowerCase()[1] === 'σ' ? 'ignorable' : 'other';
};
const facts = (c) => {
  const s = String.fromCodePoint(c);
  return `${other(c, s.toUpperCase())} ${other(c, s.toLowerCase())} ${sigma(s)}`;
};

const plain = '= = other';
const runs = [];
for (let c = 0; c < 0x110000; c++) {
  const is = facts(c);
  if (is === plain) continue;
  // A run ends at a gap; runs of every second character interleave (Ā ā Ă ă ...).
  const run = runs.slice(-2).find((r) => r.is === is && (r.from === r.to ? c - r.to <= 2 : c - r.to === r.step));
  if (run) {
    run.step = c - run.to;
    run.to = c;
  } else {
    runs.push({ from: c, to: c, step: 1, is });
  }
}
console.log(`# Unicode ${process.versions.unicode}`);
for (const { from, to, step, is } of runs) console.log(`${from.toString(16)} ${to.toString(16)} ${step} ${is}`);
