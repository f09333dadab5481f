// The documents that the benchmarks read, written anew for each run: the same numbers give the same text.

/** A template of at least `bytes` that is right: the resources of the given one, over and over, each with its own names. */
export function grow(template, bytes) {
  const grown = structuredClone(template);
  const steps = grown.spec.spec.steps.at(-1).spec.steps;
  const resources = JSON.stringify(steps.filter(step => step.ref));
  const text = () => `${JSON.stringify(grown, undefined, 2)}\n`;
  for (let copy = 2; text().length < bytes; copy++) {
    const renamed = JSON.parse(resources, (key, value) => {
      if (key === 'ref') {
        return `${value}${copy}`;
      }
      return typeof value === 'string' ? value.replace(/\$\{refs\.(\w+)/g, `\${refs.$1${copy}`) : value;
    });
    renamed.forEach(step => (step.spec.name = `${step.spec.name} ${copy}`));
    steps.push(...renamed);
  }
  return text();
}

const sequence = steps => ({ kind: 'Workflow', spec: { type: 'sequential', steps } });
const parallel = steps => ({ kind: 'Workflow', spec: { type: 'parallel', steps } });
const running = (kind, data) => ({ kind: 'Condition', spec: { kind, spec: { type: 'running', data } } });

/** The nodes of one application. */
export const nodesOfApplication = 20;

/**
 * A template of `applications` applications, as teams write them: data stores, secrets, a build, services, jobs, and
 * conditions in between. Every reference resolves, every argument and ref is used, every property is right.
 */
export function largeTemplate(applications) {
  const template = {
    apiVersion: 'v1.2',
    name: 'All applications',
    description: 'Every application of the shop with its data, its secrets, its build and its jobs.',
    project: { id: 'shop' },
    arguments: { BRANCH: 'main', REGISTRY: 'registry.example.com', ALERTS: 'https://hooks.example.com/deployments', LOG_LEVEL: 'info' },
    options: { autorun: false, concurrencyPolicy: 'queue' },
    spec: sequence(Array.from({ length: applications }, (_, n) => application(n + 1))),
  };
  return `${JSON.stringify(template, undefined, 2)}\n`;
}

function application(n) {
  const app = `app-${n}`;
  return sequence([
    parallel([
      {
        kind: 'Addon',
        ref: `${app}-database`,
        spec: {
          name: `${app} database`,
          type: 'postgresql',
          version: '16-latest',
          billing: { deploymentPlan: 'nf-compute-50', storageClass: 'nvme', storage: 6144, replicas: '${fn.if(fn.eq(args.BRANCH, \'main\'), 2, 1)}' },
          tlsEnabled: true,
        },
      },
      {
        kind: 'Addon',
        ref: `${app}-cache`,
        spec: {
          name: `${app} cache`,
          type: 'redis',
          version: '7-latest',
          billing: { deploymentPlan: 'nf-compute-20', storage: 4096, replicas: 1 },
        },
      },
    ]),
    running('Addon', { addonId: `\${refs.${app}-database.id}`, timeoutDuration: 900 }),
    {
      kind: 'SecretGroup',
      spec: {
        name: `${app}-settings`,
        secretType: 'environment',
        priority: 10,
        secrets: { variables: { LOG_LEVEL: '${args.LOG_LEVEL}', CACHE: `\${refs.${app}-cache.id}`, GREETING: 'Good \\"morning\\" – and welcome' } },
        addonDependencies: [{ addonId: `\${refs.${app}-database.id}`, keys: [{ keyName: 'POSTGRES_URI', aliases: ['DATABASE_URL'] }] }],
      },
    },
    {
      kind: 'BuildService',
      ref: `${app}-builder`,
      spec: {
        name: `${app} builder`,
        billing: { buildPlan: 'nf-compute-400-16' },
        vcsData: { projectUrl: `https://github.com/example/${app}`, projectType: 'github' },
        buildSettings: { dockerfile: { buildEngine: 'buildkit', dockerFilePath: '/Dockerfile', dockerWorkDir: '/' } },
      },
    },
    { kind: 'Build', ref: `${app}-build`, spec: { id: `\${refs.${app}-builder.id}`, type: 'service', branch: '${args.BRANCH}' }, condition: 'success' },
    parallel([
      {
        kind: 'DeploymentService',
        ref: `${app}-api`,
        spec: {
          name: `${app} api`,
          billing: { deploymentPlan: 'nf-compute-100-1' },
          deployment: {
            instances: '${fn.if(fn.eq(args.BRANCH, \'main\'), 3, 1)}',
            internal: { id: `\${refs.${app}-builder.id}`, branch: `\${refs.${app}-build.branch}`, buildSHA: 'latest' },
          },
          ports: [{ name: 'http', internalPort: 8080, public: true, protocol: 'HTTP' }],
          runtimeEnvironment: { NODE_ENV: 'production', RELEASE: `\${refs.${app}-build.sha}`, TITLE: `\${fn.join(['${app}', args.BRANCH], ' on ')}` },
        },
      },
      {
        kind: 'DeploymentService',
        ref: `${app}-worker`,
        spec: {
          name: `${app} worker`,
          billing: { deploymentPlan: 'nf-compute-50' },
          deployment: {
            instances: 2,
            external: { imagePath: '${args.REGISTRY}/worker:4.11' },
          },
          runtimeEnvironment: { CONCURRENCY: '8', DATABASE: `\${refs.${app}-database.name}`, RELEASE: `\${refs.${app}-build.sha}` },
        },
      },
      {
        kind: 'CombinedService',
        ref: `${app}-web`,
        spec: {
          name: `${app} web`,
          billing: { deploymentPlan: 'nf-compute-20' },
          deployment: { instances: 1 },
          vcsData: { projectUrl: `https://github.com/example/${app}-web`, projectType: 'github', projectBranch: '${args.BRANCH}' },
          buildSettings: { dockerfile: { dockerFilePath: '/Dockerfile', dockerWorkDir: '/' } },
          ports: [{ name: 'http', internalPort: 3000, public: true, protocol: 'HTTP' }],
        },
      },
    ]),
    parallel([
      running('Service', { serviceId: `\${refs.${app}-api.id}` }),
      running('Service', { serviceId: `\${refs.${app}-worker.id}` }),
    ]),
    {
      kind: 'ManualJob',
      ref: `${app}-migrate`,
      spec: {
        name: `${app} migrate`,
        billing: { deploymentPlan: 'nf-compute-20' },
        deployment: { external: { imagePath: '${args.REGISTRY}/migrate:4.11' } },
        backoffLimit: 0,
        activeDeadlineSeconds: 600,
        runtimeEnvironment: { API: `https://\${refs.${app}-api.ports.0.dns}`, RELEASE: `\${refs.${app}-build.sha}` },
      },
    },
    { kind: 'JobRun', spec: { jobId: `\${refs.${app}-migrate.id}` }, condition: 'success' },
    {
      kind: 'CronJob',
      spec: {
        name: `${app} nightly`,
        billing: { deploymentPlan: 'nf-compute-20' },
        deployment: { external: { imagePath: '${args.REGISTRY}/nightly:4.11' } },
        schedule: '0 3 * * *',
        concurrencyPolicy: 'forbid',
        backoffLimit: 1,
        activeDeadlineSeconds: 3600,
      },
    },
    { kind: 'Action', spec: { kind: 'Service', spec: { type: 'restart', data: { serviceId: `\${refs.${app}-web.id}` } } } },
    { kind: 'Message', spec: { kind: 'SLACK', spec: { webhookUrl: '${args.ALERTS}', message: `${app} runs \${fn.slice(refs.${app}-build.sha, 0, 7)} of \${args.BRANCH}.` } } },
  ]);
}

/** A template of `count` steps with three expressions each: an earlier step, the step before, and a call. */
export function templateOfSteps(count) {
  const step = n => ({
    kind: 'JobRun',
    ref: `step-${n}`,
    spec: {
      jobId: '${refs.job.id}',
      runtimeEnvironment: {
        BEFORE: n === 1 ? '${refs.job.name}' : `\${refs.step-${n - 1}.id}`,
        LABEL: '${fn.join([\'step\', args.BRANCH], \'-\')}',
      },
    },
    condition: 'success',
  });
  const template = {
    apiVersion: 'v1.2',
    name: 'Many steps',
    project: { id: 'shop' },
    arguments: { BRANCH: 'main' },
    spec: sequence([
      {
        kind: 'ManualJob',
        ref: 'job',
        spec: { name: 'job', billing: { deploymentPlan: 'nf-compute-20' }, deployment: { external: { imagePath: 'busybox:1.36' } }, backoffLimit: 0 },
      },
      ...Array.from({ length: count }, (_, n) => step(n + 1)),
    ]),
  };
  return `${JSON.stringify(template, undefined, 2)}\n`;
}

/**
 * A GitHub workflow of `count` steps that say what those of templateOfSteps do. The steps' scripts are filled up with a
 * comment until the text is as long as that of the template.
 */
export function workflowOfSteps(count, bytes) {
  const write = filling => [
    'name: Many steps',
    'on: push',
    'env:',
    '  BRANCH: main',
    'jobs:',
    '  run:',
    '    runs-on: ubuntu-latest',
    '    steps:',
    '      - name: Find the job',
    '        id: job',
    '        run: echo "id=1" >> "$GITHUB_OUTPUT"',
    ...Array.from({ length: count }, (_, n) => [
      `      - name: Step ${n + 1}`,
      `        id: step-${n + 1}`,
      '        run: |',
      `          ./run "$JOB" --after "$BEFORE" --label "$LABEL"${filling}`,
      '        env:',
      '          JOB: ${{ steps.job.outputs.id }}',
      `          BEFORE: \${{ steps.${n === 0 ? 'job' : `step-${n}`}.outputs.id }}`,
      `          LABEL: \${{ format('step-{0}', env.BRANCH) }}`,
    ].join('\n')),
    '',
  ].join('\n');
  const missing = Math.max(0, Math.round((bytes - write('').length) / count) - 3);
  return write(missing > 0 ? ` # ${'.'.repeat(missing)}` : '');
}
