// Rules on the whole product: written and checked, drawn, tried on the past; routes and where an alert would go; packs.
import { join } from 'node:path'
import { eventually, getData, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { series, snappyBlock } from '@tidewatch/testkit/write-request.ts'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { tempDir } from '../counterparts/programs.ts'
import { accessibilityFaults } from './accessible.ts'
import { launchBrowser, type NewPageOptions, phone, type TestBrowser, type TestPage } from './browser.ts'
import { buildPage } from './product.ts'

const stack = new AsyncDisposableStack()
let server: RunningServer
let browser: TestBrowser
let open: TestPage[] = []

const minuteMs = 60_000
/** The newest sample's time, on the minute. */
const endMs = Math.floor(Date.now() / minuteMs) * minuteMs

const rulesYml = `
groups:
  - name: shop
    rules:
      - alert: QueueLong
        expr: queue_length > 10
        for: 2m
        labels: { severity: critical, team: core }
        annotations: { summary: 'the queue of {{ $labels.shop }} is long' }
      - alert: QueueOdd
        expr: queue_length == 7
        labels: { severity: warning }
`

const alertmanagerYml = `
route:
  receiver: team
  group_by: [alertname, shop]
  routes:
    - matchers: [severity="critical"]
      receiver: pager
      group_wait: 0s
    - matchers: [severity="warning"]
      receiver: team
      mute_time_intervals: [always]
receivers:
  - name: team
    webhook_configs: [{ url: 'http://127.0.0.1:1/team' }]
  - name: pager
    webhook_configs: [{ url: 'http://127.0.0.1:1/pager' }]
time_intervals:
  - name: always
    time_intervals: [{ months: ['1:12'] }]
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_matchers: [severity="warning"]
    equal: [shop]
`

beforeAll(async () => {
  await buildPage()
  const dir = stack.use(tempDir())
  dir.write('config/prometheus.yml', 'rule_files: [rules/*.yml]\n')
  dir.write('config/rules/shop.yml', rulesYml)
  dir.write('config/alertmanager.yml', alertmanagerYml)
  server = stack.use(await startServer({ args: ['--config', join(dir.path, 'config')] }))
  browser = stack.use(await launchBrowser())
  // three stretches above the limit in the last six hours: 10, 1 and 20 minutes
  const isLong = (minutesAgo: number): boolean =>
    (minutesAgo > 300 && minutesAgo <= 310) || minutesAgo === 200 || (minutesAgo > 60 && minutesAgo <= 80)
  const samples = Array.from({ length: 360 }, (_, i) => [endMs - i * minuteMs, isLong(i) ? 50 : 1] as const).reverse()
  const pushed = await fetch(`${server.url}/api/v1/write`, {
    ...{ method: 'POST', body: Buffer.from(snappyBlock(series({ __name__: 'queue_length', shop: 'a' }, samples))) },
    headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
  })
  expect(pushed.status).toBe(204)
  await eventually(async () => {
    const { result } = await getData<{ result: unknown[] }>(server, '/api/v1/query', { query: 'queue_length' })
    expect(result).toHaveLength(1)
  })
})
afterAll(() => stack.disposeAsync())
afterEach(async () => {
  for (const one of open) one.assertSilent()
  for (const one of open) await one[Symbol.asyncDispose]()
  open = []
})

async function visit(path: string, options: NewPageOptions = {}) {
  const opened = await browser.newPage({ baseURL: server.url, ...options })
  opened.page.setDefaultTimeout(60_000)
  open.push(opened)
  await opened.page.goto(path)
  return opened.page
}

type Page = TestPage['page']

const editor = (page: Page) => page.getByRole('textbox', { name: 'Rule file' })

/** Types over all that is in the editor. */
async function write(page: Page, text: string): Promise<void> {
  await page.locator('.cm-editor').waitFor()
  await editor(page).focus()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText(text)
}

const iso = (minutes: number): string => new Date(Date.now() + minutes * minuteMs).toISOString()
const window = `from=${new Date(endMs - 350 * minuteMs).toISOString()}&to=${new Date(endMs).toISOString()}`

const threshold = `rules:
  - name: LongQueue
    threshold: { value: queue_length, above: 10 }
    window: 1m
    severity: critical
`

it('checks a rule while it is typed, and marks what is wrong in its place', async () => {
  const page = await visit('/rules?tab=try')
  await write(page, 'rules:\n  - name: a\n    treshold: 5\n')
  await page.getByText(/^Line 3, column 5:/).waitFor()
  await page.getByText(/Did you mean threshold\?/).waitFor()
  await page.locator('.cm-lintRange-error').getByText('treshold').waitFor()
  expect(await page.getByRole('button', { name: 'Try on the past' }).isDisabled()).toBe(true)
  expect(await accessibilityFaults(page)).toEqual([])
})

it('draws a rule over its past, and keeps it over a reload', async () => {
  const page = await visit(`/rules?tab=try&${window}`)
  await write(page, threshold)
  await page.getByText('1 rule, nothing wrong').waitFor()
  await page.getByText('avg_over_time(queue_length[1m]) > 10').waitFor()
  await page.getByText(/Nothing would fire at the end of this range\. In it alerts fired 3 times/).waitFor()
  await page.getByRole('img', { name: /^LongQueue, from/ }).waitFor()
  await page.reload()
  await page.getByText('1 rule, nothing wrong').waitFor()
  await page.locator('.cm-line').getByText('LongQueue').waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
})

it('tries a rule on the past by keyboard: headline, rules with noise, pages one by one', async () => {
  const page = await visit(`/rules?tab=try#rule=${encodeURIComponent(threshold)}`)
  await page.getByText('1 rule, nothing wrong').waitFor()
  expect(new URL(page.url()).hash).toBe('')
  await page.getByLabel('How far back').selectOption('24 h')
  await page.getByRole('button', { name: 'Try on the past' }).press('Enter')
  await page.getByRole('heading', { name: /^3 pages in 1 day, .*median 10 min/ }).waitFor()
  const row = page
    .getByRole('table', { name: 'What each rule would have done' })
    .getByRole('row', { name: /LongQueue/ })
  expect(await row.getByRole('cell').nth(2).textContent()).toBe('3')
  await row.getByText('noisy').waitFor()
  const strip = row.getByRole('button', { name: /^When LongQueue fired/ })
  await strip.focus()
  await page.keyboard.press('ArrowRight')
  await row.getByRole('button', { name: /quiet$|firing$/ }).waitFor()
  await page.getByRole('list', { name: 'Pages by day' }).waitFor()
  await page.getByRole('region', { name: 'By receiver' }).getByText('pager').waitFor()
  await page.getByText('Pages one by one').click()
  await expect.poll(() => page.getByRole('table', { name: 'Pages' }).getByRole('row').count()).toBe(4)
  // the report stands in the address
  await page.reload()
  await page.getByRole('heading', { name: /^3 pages in 1 day/ }).waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
})

it('begins with an example of every kind, and takes it back', async () => {
  const page = await visit('/rules?tab=try')
  for (const kind of ['Condition', 'Heartbeat', 'Seasonal band', 'Against its own history']) {
    await page.getByRole('button', { name: kind }).click()
    await page.getByText('1 rule, nothing wrong').waitFor()
  }
  await page.getByRole('button', { name: 'Undo' }).last().click()
  await page.locator('.cm-line').getByText('band', { exact: false }).first().waitFor()
})

it('opens a rule in force in the editor, and tries all of them on the past', async () => {
  const page = await visit('/rules')
  await page.getByRole('button', { name: 'Open QueueLong in the editor' }).click()
  await page.locator('.cm-line').getByText('the queue of {{ $labels.shop }} is long').waitFor()
  await page.getByText('1 rule, nothing wrong').waitFor()
  await page.getByRole('tab', { name: 'Rules' }).click()
  await page.getByRole('button', { name: 'Try all on the past' }).click()
  await page.getByLabel('How far back').selectOption('7 days')
  await page.getByRole('button', { name: 'Try all on the past' }).click()
  await page.getByRole('heading', { name: /^2 pages in 7 days/ }).waitFor()
  const table = page.getByRole('table', { name: 'What each rule would have done' })
  await table
    .getByRole('row', { name: /QueueOdd/ })
    .getByText('never fired')
    .waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
  await page.getByRole('tab', { name: 'Rules' }).click()
  await page.getByRole('button', { name: 'Try QueueOdd on the past' }).click()
  await page.getByRole('button', { name: 'Try on the past' }).click()
  await page.getByRole('heading', { name: 'Nothing would have fired in 30 days.' }).waitFor()
  await page.getByRole('region', { name: 'Tried lately' }).waitFor()
})

it('says when a report is gone', async () => {
  const page = await visit('/rules?tab=past&run=00000000-0000-4000-8000-000000000000', { expected: [/status of 404/] })
  await page.getByText('This report is gone').waitFor()
})

it('draws the tree of routes, and where an alert would go, by keyboard', async () => {
  const page = await visit('/rules?tab=routes')
  const routes = page.getByRole('region', { name: 'Routes' })
  await routes.getByText('every alert').waitFor()
  await routes.getByText('silent now, by always.').waitFor()
  await page.getByRole('region', { name: 'Inhibition' }).getByText('severity="critical"').waitFor()
  await page.getByLabel('A label of the alert').fill('severity="critical", shop=a')
  await page.keyboard.press('Enter')
  await page.getByText('It goes to pager.').waitFor()
  await routes.getByText('it goes here').waitFor()
  await page.getByText('at once').waitFor()
  expect(new URL(page.url()).searchParams.getAll('label')).toEqual(['severity=critical', 'shop=a'])
  await page.getByRole('button', { name: 'Remove severity' }).click()
  await page.getByText('It goes to team.').waitFor()
  await page.getByLabel('A label of the alert').fill('severity=warning')
  await page.keyboard.press('Enter')
  await page.getByText('Nobody would be told now.').waitFor()
  const silence = { createdBy: 'Mara', comment: 'the shop moves', startsAt: iso(0), endsAt: iso(60) }
  const made = await fetch(`${server.url}/api/v2/silences`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...silence, matchers: [{ name: 'shop', value: 'a', isRegex: false, isEqual: true }] }),
  })
  expect(made.status).toBe(200)
  await page.reload()
  await page.getByRole('link', { name: 'the shop moves' }).waitFor()
  await page.getByLabel('A label of the alert').fill('nonsense')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').getByText('Write a label and its value').waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
})

it('tries a pack on the past, puts it in force and switches it off again', async () => {
  const page = await visit('/rules?tab=packs')
  const row = page.getByRole('table', { name: 'Packs' }).getByRole('row', { name: /^What is down/ })
  await row.getByText('off', { exact: true }).waitFor()
  await row.focus()
  await page.keyboard.press('Enter')
  await page.getByText('Not tried on your past yet').waitFor()
  await page.getByRole('button', { name: 'Try on the past' }).press('Enter')
  await page.getByRole('heading', { name: /would have fired in 30 days/ }).waitFor()
  await page.getByRole('button', { name: 'Put in force' }).press('Enter')
  await page.getByRole('button', { name: 'Switch off' }).waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
  await page.getByRole('tab', { name: 'Rules' }).click()
  await page.getByText('ServiceDown').waitFor()
  await page.getByRole('tab', { name: 'Packs' }).click()
  await row.getByText('in force').waitFor()
  await row.press('Enter')
  await page.getByRole('button', { name: 'Switch off' }).press('Enter')
  await page.getByRole('button', { name: 'Put in force' }).waitFor()
})

it.each(['light', 'dark'] as const)('fits a phone (%s)', async (colorScheme) => {
  const page = await visit('/rules', { ...phone, colorScheme })
  const beyond = () => page.evaluate(() => document.documentElement.scrollWidth - globalThis.innerWidth)
  for (const [tab, sign] of [
    ['Rules', 'QueueLong'],
    ['Try a rule', 'Begin with'],
    ['Routes', 'every alert'],
  ] as const) {
    await page.getByRole('tab', { name: tab, exact: true }).click()
    await page.getByText(sign).first().waitFor()
    expect(await beyond(), tab).toBeLessThanOrEqual(0)
  }
  expect(await accessibilityFaults(page)).toEqual([])
})
