// What the clients make: one of each family, as their documented examples have it.
export const plan = { deploymentPlan: 'nf-compute-20' }

export const project = { name: 'Client Project', description: 'made by a client', region: 'europe-west' }

export const deployment = {
  name: 'Web',
  billing: plan,
  deployment: { instances: 1, external: { imagePath: 'nginx:latest' } },
  ports: [{ name: 'p01', internalPort: 80, public: true, protocol: 'HTTP' }],
}

export const vcs = { projectUrl: 'https://github.com/example/app', projectType: 'github', projectBranch: 'main' }

export const dockerfile = { dockerfile: { buildEngine: 'kaniko', dockerFilePath: '/Dockerfile', dockerWorkDir: '/' } }

export const combined = {
  name: 'App',
  billing: plan,
  deployment: { instances: 1 },
  vcsData: vcs,
  buildSettings: dockerfile,
  ports: [{ name: 'http', internalPort: 8080, public: false, protocol: 'HTTP' }],
}

export const build = { name: 'Builder', billing: plan, vcsData: vcs, buildSettings: dockerfile }

export const addon = {
  name: 'Database',
  type: 'postgresql',
  version: '16',
  billing: { deploymentPlan: 'nf-compute-20', storageClass: 'nvme', storage: 4096, replicas: 1 },
}

export const job = { name: 'Migration', billing: plan, backoffLimit: 0, deployment: { external: { imagePath: 'alpine:3' } } }

export const cron = { ...job, name: 'Nightly', schedule: '0 3 * * *', concurrencyPolicy: 'forbid' }

export const secret = { name: 'Settings', secretType: 'environment', priority: 10, secrets: { variables: { LEVEL: 'info' } } }

export const volume = {
  name: 'Uploads',
  mounts: [{ volumeMountPath: '', containerMountPath: '/data' }],
  spec: { accessMode: 'ReadWriteMany', storageClassName: 'nf-multi-rw', storageSize: 6144 },
  attachedObjects: [],
}
