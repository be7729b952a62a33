// `npm run demo`: the marketplace, its customers, and a Tidewatch that watches them.
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createIncidents } from './incidents.ts'
import { startLoad } from './load.ts'
import { startMarketplace } from './marketplace.ts'

const here = dirname(fileURLToPath(import.meta.url))
const serverMain = join(here, '..', '..', 'packages', 'server', 'src', 'cli', 'main.ts')
const requestsPerSecond = 20

/** The configuration with the marketplace's address in it; a port is only known once it has been taken. */
function writeConfig(dataDir: string, apiUrl: string): string {
  const directory = join(dataDir, 'demo-config')
  mkdirSync(directory, { recursive: true })
  cpSync(join(here, '..', 'config'), directory, { recursive: true })
  for (const name of ['prometheus.yml', 'tidewatch.yml']) {
    const file = join(directory, name)
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('127.0.0.1:4910', new URL(apiUrl).host))
  }
  return directory
}

async function main(args: readonly string[]): Promise<number> {
  const dataDirAt = args.indexOf('--data-dir')
  const dataDir = resolve((dataDirAt >= 0 ? args[dataDirAt + 1] : undefined) ?? './tidewatch-demo-data')
  const rest = dataDirAt >= 0 ? args : [...args, '--data-dir', dataDir]
  await using marketplace = await startMarketplace(
    Number(process.env.DEMO_API_PORT ?? 0),
    createIncidents(Date.now(), Date.now),
  )
  using _load = startLoad(marketplace.url, requestsPerSecond)
  console.log(`The marketplace is at ${marketplace.url}`)
  const child = spawn(
    process.execPath,
    [...process.execArgv, serverMain, 'serve', '--config', writeConfig(dataDir, marketplace.url), ...rest],
    { stdio: 'inherit' },
  )
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  // Ctrl-C reaches the server by itself; this process waits for it
  process.on('SIGINT', () => undefined)
  // awaited here: what is used above must live as long as the server
  return await new Promise((done) => child.on('exit', (code) => done(code ?? 1)))
}

process.exitCode = await main(process.argv.slice(2))
