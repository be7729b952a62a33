// The product with something to watch, for tests of the page: a target that can be made to fail, a rule on it, a webhook.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type RunningServer, repositoryRoot, startServer } from '@tidewatch/testkit/server.ts'
import { type StandIn, startStandIn, type TempDir, tempDir } from '../counterparts/programs.ts'

export interface WatchedProduct extends AsyncDisposable {
  /** The server that runs now. */
  server(): RunningServer
  /** Again on the same port and data directory, after it was stopped. */
  startAgain(): Promise<void>
  /** What the target answers to scrapes: its metrics, or 503. */
  readonly health: { isBroken: boolean }
  readonly webhook: StandIn
}

/** As a person has it after `npm start -- --config DIR`: signing in is on, nobody has signed in. */
export async function startWatched(): Promise<WatchedProduct> {
  await buildPage()
  await using stack = new AsyncDisposableStack()
  const dir: TempDir = stack.use(tempDir())
  const webhook = stack.use(await startStandIn(() => ({ status: 200 })))
  const health = { isBroken: false }
  const target = stack.use(
    await startStandIn((_request, count) =>
      health.isBroken ? { status: 503, body: 'closed' } : { status: 200, body: `shop_scrapes_total ${count}\n` },
    ),
  )
  dir.write('config/prometheus.yml', prometheusYml(target.address))
  dir.write('config/rules.yml', rulesYml)
  dir.write('config/tidewatch.yml', `channels:\n  - name: team\n    kind: webhook\n    url: ${webhook.url}/hook\n`)
  const options = { auth: true, dataDir: join(dir.path, 'data'), args: ['--config', join(dir.path, 'config')] }
  let running = await startServer(options)
  stack.defer(async () => running[Symbol.asyncDispose]())
  const owned = stack.move()
  return {
    server: () => running,
    async startAgain() {
      running = await startServer({ ...options, port: running.port })
    },
    health,
    webhook,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** The page as it was built last; built now where it never was. */
export async function buildPage(): Promise<void> {
  if (existsSync(join(repositoryRoot, 'packages/web/dist/index.html'))) return
  const vite = join(repositoryRoot, 'node_modules/vite/bin/vite.js')
  await promisify(execFile)(process.execPath, [vite, 'build', 'packages/web'], { cwd: repositoryRoot })
}

const prometheusYml = (address: string): string => `
global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }
rule_files: [rules.yml]
scrape_configs:
  - job_name: shop
    static_configs: [{ targets: ['${address}'], labels: { region: eu } }]
`

// the page asks every 10 s: an alert that is pending for less could pass unseen
const rulesYml = `
groups:
  - name: shop
    rules:
      - record: job:up:min
        expr: min by (job) (up)
      - alert: ShopDown
        expr: up{job="shop"} == 0
        for: 15s
        labels: { severity: critical }
        annotations: { summary: '{{ $labels.job }} does not answer' }
`
