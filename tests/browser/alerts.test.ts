// Alerts on the page of the real server: as routes group them, taken, silenced, looked back at; by keyboard and on a phone.
import { join } from 'node:path'
import { type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { startStandIn, tempDir } from '../counterparts/programs.ts'
import { accessibilityFaults } from './accessible.ts'
import { launchBrowser, type NewPageOptions, phone, type TestBrowser, type TestPage } from './browser.ts'
import { buildPage } from './product.ts'

/** The machine may be busy with other tests. */
const patienceMs = 120_000

const rulesYml = `
groups:
  - name: chain
    rules:
      - alert: IndexerHighLag
        expr: label_replace(vector(1364), "chain", "ethereum", "", "") > 300
        labels: { severity: critical }
        annotations: { summary: 'The indexer is {{ $value }} s behind' }
      - alert: IndexerSlow
        expr: label_replace(vector(40), "chain", "ethereum", "", "") > 2
        labels: { severity: warning }
        annotations: { summary: Blocks take long }
      - alert: SlowApi
        expr: vector(2.61) > 2
        for: 1h
        labels: { severity: warning }
        annotations: { summary: Answers take 2.61 s }
`
const alertmanagerYml = (url: string): string => `
route:
  receiver: team
  group_by: [alertname]
  group_wait: 0s
  routes: [{ matchers: ['severity="critical"'], receiver: oncall }]
inhibit_rules:
  - { source_matchers: ['severity="critical"'], target_matchers: ['severity="warning"'], equal: [chain] }
receivers:
  - { name: team, webhook_configs: [{ url: '${url}/team' }] }
  - { name: oncall, webhook_configs: [{ url: '${url}/oncall' }] }
`

const resources = new AsyncDisposableStack()
let browser: TestBrowser
let server: RunningServer
let open: TestPage[] = []

beforeAll(async () => {
  await buildPage()
  browser = await launchBrowser()
  const dir = resources.use(tempDir())
  const webhook = resources.use(await startStandIn(() => ({ status: 200 })))
  dir.write(
    'config/prometheus.yml',
    'global: { evaluation_interval: 1s, external_labels: { cluster: eu } }\nrule_files: [rules.yml]\n',
  )
  dir.write('config/rules.yml', rulesYml)
  dir.write('config/alertmanager.yml', alertmanagerYml(webhook.url))
  server = resources.use(
    await startServer({ dataDir: join(dir.path, 'data'), args: ['--config', join(dir.path, 'config')] }),
  )
  await post(['checkout-1', 'checkout-2', 'checkout-3'].map((pod) => podAlert(pod, { namespace: 'shop' })))
})
afterAll(async () => {
  await browser?.close()
  await resources.disposeAsync()
})
afterEach(async () => {
  const done = open
  open = []
  for (const one of done) await one[Symbol.asyncDispose]()
  for (const one of done) one.assertSilent()
})

const podAlert = (pod: string, labels: Record<string, string>) => ({
  labels: { alertname: 'PodRestarts', severity: 'high', pod, ...labels },
  annotations: { summary: `${pod} restarts` },
  // without it an end would be the start too, as in Alertmanager
  startsAt: new Date(Date.now() - 60_000).toISOString(),
  endsAt: new Date(Date.now() + 3_600_000).toISOString(),
})

async function post(alerts: readonly object[]): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${server.url}/api/v2/alerts`, { method: 'POST', headers, body: JSON.stringify(alerts) })
  expect(answer.status).toBe(200)
}

async function visit(path: string, options: NewPageOptions = {}): Promise<Page> {
  const opened = await browser.newPage({ baseURL: server.url, ...options })
  open.push(opened)
  opened.page.setDefaultTimeout(patienceMs)
  opened.page.setDefaultNavigationTimeout(patienceMs)
  await opened.page.goto(path)
  return opened.page
}

const alertRow = (page: Page, name: RegExp) => page.locator('tr.open-row').filter({ hasText: name })
const nowBar = (page: Page) => page.getByRole('complementary', { name: 'What is on fire' })
const chosen = (page: Page) => page.getByRole('region', { name: 'Chosen alerts' })

it('groups alerts as routes do, with what is held back and what is about to fire', async () => {
  const page = await visit('/alerts')
  await alertRow(page, /IndexerSlow/)
    .getByText('held by IndexerHighLag')
    .last()
    .waitFor()
  await page.getByRole('rowheader', { name: /To oncall/ }).waitFor()
  await page.getByRole('rowheader', { name: /To team.*PodRestarts/ }).waitFor()
  await alertRow(page, /SlowApi/)
    .getByText('pending', { exact: true })
    .waitFor()
  await page.getByText('4 open, 0 taken, 1 quiet on purpose, 1 pending').waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
})

it('narrows by text, state, receiver and matchers, and keeps that in the address', async () => {
  const page = await visit('/alerts')
  await alertRow(page, /checkout-2/).waitFor()
  await page.getByRole('searchbox', { name: 'Find an alert' }).fill('checkout-2')
  await page.getByText('1 open, 0 taken, 0 quiet').waitFor()
  await page.getByRole('searchbox', { name: 'Find an alert' }).fill('')
  await page.getByRole('button', { name: 'Quiet', exact: true }).click()
  await page.getByText('0 open, 0 taken, 1 quiet').waitFor()
  await page.getByRole('button', { name: 'Quiet', exact: true }).click()
  await page.getByRole('combobox', { name: 'Receiver' }).selectOption('oncall')
  await page.getByText('1 open, 0 taken, 0 quiet').waitFor()
  await page.getByRole('combobox', { name: 'Receiver' }).selectOption('')
  await page.getByRole('textbox', { name: 'Add a label matcher' }).fill('pod=~"checkout-[12]"')
  await page.keyboard.press('Enter')
  await page.getByText('2 open, 0 taken, 0 quiet').waitFor()
  expect(new URL(page.url()).searchParams.getAll('filter')).toEqual(['pod=~"checkout-[12]"'])
  await page.getByRole('button', { name: 'Remove pod=~"checkout-[12]"' }).click()
  await page.getByText('4 open').waitFor()
})

it('says what is wrong with a matcher', async () => {
  const page = await visit('/alerts', { expected: [/status of 400/] })
  await page.getByRole('textbox', { name: 'Add a label matcher' }).fill('pod=~"("')
  await page.keyboard.press('Enter')
  await page.getByText(/is not an RE2 expression|missing|parenthes/i).waitFor()
})

it('takes alerts by keyboard, at once, with Undo, and says who has them', async () => {
  const page = await visit('/alerts')
  await alertRow(page, /The indexer is/).focus()
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await page.keyboard.press('j')
  await page.keyboard.press('x')
  await chosen(page).getByText('2 chosen').waitFor()
  await chosen(page).getByRole('button', { name: 'Acknowledge' }).focus()
  await page.keyboard.press('Enter')
  await page.getByText('You have 2 alerts.', { exact: true }).waitFor()
  await page.getByText('2 open, 2 taken').waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByText('4 open, 0 taken').waitFor()
})

it('silences what is chosen, shows before what that hides, and ends it with Undo', async () => {
  const page = await visit('/alerts')
  await page.getByRole('checkbox', { name: 'Choose all 3 of team' }).check()
  await chosen(page).getByRole('button', { name: 'Silence' }).click()
  const dialog = page.getByRole('dialog', { name: 'Silence' })
  await dialog.getByText('Hides 3 alerts now.').waitFor()
  expect(await dialog.getByRole('textbox', { name: /^Value/ }).evaluateAll(valuesOf)).toContain('PodRestarts')
  expect(await dialog.getByRole('button', { name: 'Silence' }).isDisabled()).toBe(true)
  await dialog.getByRole('button', { name: '4 h' }).click()
  await dialog.getByLabel('Why').fill('moving the shop')
  await page.keyboard.press('Enter')
  await page.getByText('1 open, 0 taken, 4 quiet').waitFor()

  await page.getByRole('tab', { name: 'Silences' }).click()
  const silence = page.getByRole('table', { name: 'Silences' }).getByRole('row', { name: /moving the shop/ })
  await silence.getByText('and 2 more').waitFor()
  await silence.getByText(/ends in (?:3 h 5\d min|4 h)/).waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
  await silence.getByRole('button', { name: 'Change' }).click()
  const change = page.getByRole('dialog', { name: 'Change the silence' })
  await change.getByLabel('Why').fill('still moving the shop')
  await change.getByRole('button', { name: 'Change' }).click()
  await page.getByRole('row', { name: /still moving the shop/ }).waitFor()
  await page.getByRole('button', { name: 'End', exact: true }).click()
  await page.getByText('Nothing is silenced.').waitFor()
  await page.locator('.toast').filter({ hasText: 'It has ended' }).getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('row', { name: /still moving the shop/ }).waitFor()
  await page.getByRole('button', { name: 'End', exact: true }).click()
  await page.getByText('Nothing is silenced.').waitFor()
  await page.getByRole('button', { name: 'Ended' }).click()
  await page.getByRole('button', { name: 'Make again' }).first().waitFor()
})
const valuesOf = (inputs: (HTMLElement | SVGElement)[]): string[] =>
  inputs.map((input) => (input instanceof HTMLInputElement ? input.value : ''))

it('understands links of Alertmanager', async () => {
  const page = await visit('/#/alerts?receiver=oncall')
  await page.waitForURL(/\/alerts\?receiver=oncall$/)
  await page.getByText('1 open').waitFor()
  await page.goto('/#/silences/new?filter=%7Bpod%3D~%22checkout-%5B12%5D%22%7D')
  await page.getByRole('dialog', { name: 'Silence' }).getByText('Hides 2 alerts now.').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(page.url()).not.toContain('silence=')
})

it('tells why one alert fired and who was told, on a phone, and takes it from there', async () => {
  const page = await visit('/alerts', phone)
  await alertRow(page, /The indexer is/).tap()
  await page.waitForURL(/\/alerts\/[0-9a-f]{16}/)
  await page.getByRole('heading', { name: 'IndexerHighLag', level: 1 }).waitFor()
  await page.getByText('1,364').first().waitFor()
  const why = page.getByRole('region', { name: 'Why it fired, and who was told' })
  await why.getByText('Routed', { exact: true }).waitFor()
  await why.getByText('Delivered', { exact: true }).first().waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
  const take = page.getByRole('button', { name: 'Acknowledge' })
  const box = await take.boundingBox()
  expect(box?.height).toBeGreaterThanOrEqual(44)
  expect((box?.y ?? 0) + (box?.height ?? 0)).toBeGreaterThan(780)
  await take.tap()
  await page.getByText('You have it.', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Give it back' }).waitFor()
  await why.getByText('Acknowledged', { exact: true }).waitFor()
})

it('says on every page whose the worst alert is, and takes it from there', async () => {
  const page = await visit('/rules')
  await nowBar(page).getByText('PodRestarts').waitFor()
  await nowBar(page).getByRole('button', { name: 'Acknowledge' }).click()
  await page.getByText('You have it.', { exact: true }).waitFor()
})

it('keeps the link of an alert that has ended, and says where nothing is known', async () => {
  await post([podAlert('gone', { namespace: 'shop' })])
  const page = await visit('/alerts?find=gone')
  await alertRow(page, /gone/).focus()
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/alerts\/[0-9a-f]{16}/)
  await post([{ ...podAlert('gone', { namespace: 'shop' }), endsAt: new Date(Date.now() - 1000).toISOString() }])
  await page.reload()
  await page.getByRole('heading', { name: 'PodRestarts', level: 1 }).waitFor()
  await page.getByText(/, ended/).waitFor()
  const unknown = await visit('/alerts/0123456789abcdef', { expected: [/status of 404/] })
  await unknown.getByRole('heading', { name: 'This alert is not known' }).waitFor()
})
