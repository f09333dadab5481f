// The documents of the engine's part: a fan of resources that know nothing of one another and a chain in which each holds
// a value of the one before, as a template of ours and as a configuration of OpenTofu.

const document = (name, type, steps) =>
  `{"apiVersion":"v1.2","name":"${name}","project":{"spec":{"name":"Bench","region":"europe-west"}},` +
  `"spec":{"kind":"Workflow","spec":{"type":"${type}","steps":[${steps.length ? `\n${steps.join(',\n')}\n` : ''}]}}}\n`;
// A group with one variable is the smallest resource that holds a value.
const group = (i, value) =>
  `{"kind":"SecretGroup","ref":"n${i}","spec":{"name":"node-${i}","secretType":"environment","priority":10,"secrets":{"variables":{"VALUE":"${value}"}}}}`;
const numbers = count => Array.from({ length: count }, (_, i) => i);

export const emptyTemplate = () => document('Empty', 'sequential', []).replace(/"project":\{.*?\}\},/, '');
export const fanTemplate = count => document('Fan', 'parallel', numbers(count).map(i => group(i, `value ${i}`)));
export const chainTemplate = count => document('Chain', 'sequential', numbers(count).map(i => group(i, i ? `\${refs.n${i - 1}.id}` : 'value')));

const data = (i, value) => `resource "terraform_data" "n${i}" {\n  input = ${value}\n}\n`;
export const fanConfiguration = count => numbers(count).map(i => data(i, `"value ${i}"`)).join('');
export const countedConfiguration = count => `resource "terraform_data" "n" {\n  count = ${count}\n  input = "value \${count.index}"\n}\n`;
export const chainConfiguration = count => numbers(count).map(i => data(i, i ? `terraform_data.n${i - 1}.output` : '"value"')).join('');
