import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { allSources, isTest, type SourceFile } from './sources.ts'

/** Folders of the server in the order in which data flows; each may import what stands before it. */
const serverOrder = [
  'config',
  'self',
  'http',
  'state',
  'spool',
  'head',
  'store',
  'query',
  'ingest',
  'collect',
  'notify',
  'alerting',
  'features',
  'app',
  'cli',
]

/** Of our packages, which may import which. */
const packageRules: Readonly<Record<string, readonly string[]>> = {
  core: [],
  promql: ['core'],
  logquery: ['core', 'template'],
  template: ['core'],
  yaml: ['core'],
  grok: ['core'],
  logstash: ['core', 'grok'],
  redact: ['core'],
  'log-patterns': [],
  'log-formats': ['core'],
  alertmanager: ['core', 'template', 'yaml'],
  api: ['core'],
  engine: [],
  server: [
    'core',
    'promql',
    'logquery',
    'template',
    'yaml',
    'alertmanager',
    'api',
    'redact',
    'log-patterns',
    'logstash',
    'grok',
    'log-formats',
  ],
  web: ['api', 'core', 'promql', 'logquery'],
  testkit: ['core', 'promql', 'api'],
}

const sources = allSources().filter(({ path }) => !isTest(path))

/** The folder of a server file; a feature is its own folder. */
function serverFolder(path: string): string | undefined {
  const match = /^packages\/server\/src\/(features\/[^/]+|[^/]+)\//.exec(path)
  return match?.[1]
}

function resolveImport(file: SourceFile, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.normalize(posix.join(posix.dirname(file.path), specifier)) : undefined
}

function serverViolations(file: SourceFile): string[] {
  const from = serverFolder(file.path)
  if (from === undefined) return []
  return file.imports.flatMap((specifier) => {
    const target = resolveImport(file, specifier)
    const to = target === undefined ? undefined : serverFolder(target)
    if (target === undefined || to === undefined || to === from) return []
    const order = (folder: string): number => serverOrder.indexOf(folder.split('/')[0] as string)
    const isPort = posix.basename(target) === 'port.ts'
    if (order(to) > order(from)) return [`${file.path} imports ${target}: data moves the other way`]
    if (!isPort && from !== 'app' && from !== 'cli')
      return [`${file.path} imports ${target}: across a folder's border only port.ts`]
    return []
  })
}

function packageViolations(file: SourceFile): string[] {
  const own = /^packages\/([^/]+)\//.exec(file.path)?.[1]
  if (own === undefined) return []
  return file.imports.flatMap((specifier) => {
    const other = /^@tidewatch\/([^/]+)/.exec(specifier)?.[1]
    const relative = resolveImport(file, specifier)
    const outside = relative !== undefined && !relative.startsWith(`packages/${own}/`)
    if (outside) return [`${file.path} imports ${specifier}: another package goes by its name`]
    if (other === undefined || other === own || (packageRules[own] ?? []).includes(other)) return []
    return [`${file.path} imports ${specifier}: ${own} may not`]
  })
}

describe('imports', () => {
  it('saw the whole house', () => {
    expect(sources.length).toBeGreaterThan(100)
    const folders = new Set(
      sources.map(({ path }) => serverFolder(path)?.split('/')[0]).filter((folder) => folder !== undefined),
    )
    expect([...folders].filter((folder) => !serverOrder.includes(folder))).toEqual([])
  })

  it('cross a folder only by its port, and only upwards', () => {
    expect(sources.flatMap(serverViolations)).toEqual([])
  })

  it('cross a package only where the picture says so', () => {
    expect(sources.flatMap(packageViolations)).toEqual([])
  })

  it('sees a planted fault', () => {
    const planted = {
      path: 'packages/server/src/head/x.ts',
      text: '',
      lines: 1,
      imports: ['../query/service.ts', '../store/client.ts'],
    }
    expect(serverViolations(planted)).toHaveLength(2)
  })
})
