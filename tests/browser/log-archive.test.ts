// The page's archive of logs: what it has, a day back into the store, and gone again; what a file says of keeping goes first.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { logArchive } from '@tidewatch/api/log-archive.ts'
import { eventually } from '@tidewatch/testkit/server.ts'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { accessibilityFaults } from './accessible.ts'
import { type LogsPages, startLogsPages } from './logs-page.ts'

const dayMs = 86_400_000
const day = Math.floor(Date.now() / dayMs) * dayMs - 3 * dayMs
const name = new Date(day).toISOString().slice(0, 10)

let dir: string
let logs: LogsPages

/** Days of logs go after one day once there is an archive. */
function configure(archive: boolean): void {
  const folder = `archive: { logs: { folder: ${JSON.stringify(join(dir, 'archive'))}, after: 0s } }\n`
  const classes = 'classes: [{ service: audit, age: 1y }]'
  writeFileSync(
    join(dir, 'tidewatch.yml'),
    `retention: { logs: { age: ${archive ? '1d' : '30d'}, ${classes} } }\n${archive ? folder : ''}`,
  )
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tidewatch-archive-page-'))
  configure(false)
  logs = await startLogsPages({ args: ['--config', dir] })
})
afterAll(async () => {
  await logs?.[Symbol.asyncDispose]()
  rmSync(dir, { recursive: true, force: true })
})
afterEach(() => logs.closeAll())

it('says that there is no archive, then shows its days, brings one back and drops it', async () => {
  await logs.send(
    [1, 2, 3].map((hour) => ({ timestamp: new Date(day + hour * 3_600_000).toISOString(), message: 'old' })),
  )
  const page = await logs.visit('/logs?tab=storage')
  const section = page.getByRole('region', { name: 'Archive', exact: true })
  await section.getByText('There is none').waitFor()
  const rules = page.getByRole('table', { name: 'Rules of keeping' })
  expect(await rules.textContent()).toContain('audit')
  const keeping = page.getByRole('region', { name: 'Change how long lines are kept' })
  await keeping.getByText('30d now, tidewatch.yml:1 says so, and goes first').waitFor()
  expect(await keeping.getByLabel('Keep lines for').getAttribute('readonly')).not.toBeNull()
  await page.getByRole('table', { name: 'Columns and indexes' }).getByText('body_words').waitFor()
  expect(await accessibilityFaults(page)).toEqual([])

  configure(true)
  expect((await fetch(`${logs.server.url}/-/reload`, { method: 'POST' })).status).toBe(200)
  await eventually(async () => {
    const archive = logArchive.parse(await (await fetch(`${logs.server.url}/api/tidewatch/v1/logs/archive`)).json())
    expect(archive.days).toMatchObject([{ day: name, isStored: false }])
  })
  await page.reload()
  const restore = section.getByRole('button', { name: `Restore ${name}` })
  await restore.click()
  await section.getByText(/yes, until \d{4}-\d\d-\d\d/).waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
  await section.getByRole('button', { name: `Drop the restored ${name}` }).click()
  await section.getByRole('button', { name: /Really drop/ }).click()
  await restore.waitFor()
})
