// 10,000 alerts on the page of the real server: small answers, few rows, everything within reach; and what is left of them in the history.
import { join } from 'node:path'
import { type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import type { Page, Response } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startStandIn, tempDir } from '../counterparts/programs.ts'
import { accessibilityFaults } from './accessible.ts'
import { launchBrowser, type NewPageOptions, phone, type TestBrowser, type TestPage } from './browser.ts'
import { buildPage } from './product.ts'

/** The machine may be busy with other tests. */
const patienceMs = 120_000

const alertmanagerYml = (url: string): string => `
route: { receiver: team, group_by: [service], group_wait: 0s }
receivers: [{ name: team, webhook_configs: [{ url: '${url}/team', max_alerts: 1 }] }]
`

const resources = new AsyncDisposableStack()
let browser: TestBrowser
let server: RunningServer

beforeAll(async () => {
  await buildPage()
  browser = await launchBrowser()
  const dir = resources.use(tempDir())
  const webhook = resources.use(await startStandIn(() => ({ status: 200 })))
  dir.write('config/alertmanager.yml', alertmanagerYml(webhook.url))
  server = resources.use(
    await startServer({ dataDir: join(dir.path, 'data'), args: ['--config', join(dir.path, 'config')] }),
  )
  for (let from = 0; from < 10_000; from += 1000) await post(from, 3_600_000)
})
afterAll(async () => {
  await browser?.close()
  await resources.disposeAsync()
})

/** A thousand of them: half in one group, half in a hundred. `endsInMs` from now. */
async function post(from: number, endsInMs: number): Promise<void> {
  const alerts = Array.from({ length: 1000 }, (_, i) => ({
    labels: {
      ...{ alertname: 'PodRestarts', pod: `pod-${from + i}`, severity: i === 0 ? 'critical' : 'warning' },
      service: i % 2 === 0 ? 'checkout' : `service-${(from + i) % 100}`,
    },
    annotations: { summary: `pod-${from + i} restarts again and again` },
    startsAt: new Date(Date.now() - 60_000).toISOString(),
    endsAt: new Date(Date.now() + endsInMs).toISOString(),
  }))
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(`${server.url}/api/v2/alerts`, { method: 'POST', headers, body: JSON.stringify(alerts) })
  expect(answer.status).toBe(200)
}

async function visit(path: string, options: NewPageOptions = {}): Promise<TestPage> {
  const opened = await browser.newPage({ baseURL: server.url, ...options })
  opened.page.setDefaultTimeout(patienceMs)
  opened.page.setDefaultNavigationTimeout(patienceMs)
  await opened.page.goto(path)
  return opened
}

const rows = (page: Page) => page.locator('tr.open-row')
const isAskedOften = (answer: Response) => /\/alerts\/(?:firing|summary|pending)\b/.test(new URL(answer.url()).pathname)

it('asks for little and draws little of 10,000 alerts, and nothing travels where nothing changed', async () => {
  await using opened = await visit('/')
  const { page } = opened
  const sizes: number[] = []
  page.on('response', (answer) => {
    if (isAskedOften(answer) && answer.status() === 200)
      void answer.body().then(
        ({ length }) => sizes.push(length),
        () => undefined,
      )
  })
  const unchanged = page.waitForResponse((answer) => isAskedOften(answer) && answer.status() === 304)
  await page.goto('/alerts')
  await page.getByText('10000 open, 0 taken, 0 quiet on purpose').waitFor()
  await page.getByRole('complementary', { name: 'What is on fire' }).getByText('10000 firing').waitFor()
  await unchanged
  expect(await rows(page).count()).toBeLessThanOrEqual(200)
  // the group with most of the critical ones is first, and the worst first in it
  await rows(page).first().getByText('PodRestarts').waitFor()
  expect(Math.max(...sizes)).toBeLessThan(150_000)
  expect(await accessibilityFaults(page)).toEqual([])
  opened.assertSilent()
})

it('brings more groups, more of a group, and one alert by a word', async () => {
  await using opened = await visit('/alerts')
  const { page } = opened
  await page.getByRole('rowheader', { name: /To team.*checkout/ }).waitFor()
  const before = await rows(page).count()
  await page.getByRole('button', { name: '4980 more in this group' }).click()
  await page.getByRole('button', { name: '4800 more in this group' }).click()
  await page.getByRole('button', { name: '4600 more in this group' }).waitFor()
  expect(await rows(page).count()).toBe(before + 380)
  await page.getByRole('button', { name: /more groups$/ }).click()
  await page.waitForFunction((count) => document.querySelectorAll('tr.open-row').length > count, before + 380)
  await page.getByRole('searchbox', { name: 'Find an alert' }).fill('pod=pod-4321')
  await page.getByText('1 open, 0 taken').waitFor()
  await rows(page).getByText('pod-4321 restarts again and again').waitFor()
  await page.getByRole('searchbox', { name: 'Find an alert' }).fill('')
  await page.getByRole('combobox', { name: 'Severity' }).selectOption('critical')
  await page.getByText('10 open, 0 taken').waitFor()
  opened.assertSilent()
})

it('takes a whole group and silences all of it, drawn or not', async () => {
  await using opened = await visit('/alerts')
  const { page } = opened
  const chosen = page.getByRole('region', { name: 'Chosen alerts' })
  await page.getByRole('checkbox', { name: 'Choose all 5000 of team' }).click()
  await chosen.getByText('5000 chosen').waitFor()
  await chosen.getByRole('button', { name: 'Silence' }).click()
  await page.getByRole('dialog', { name: 'Silence' }).getByText('Hides 5000 alerts now.').waitFor()
  await page.keyboard.press('Escape')
  await chosen.getByRole('button', { name: 'Acknowledge' }).click()
  await page.getByText('You have 5000 alerts.', { exact: true }).waitFor()
  await page.getByText('5000 open, 5000 taken').waitFor()
  await page.getByRole('button', { name: 'Taken', exact: true }).click()
  await page.getByText('0 open, 5000 taken').waitFor()
  opened.assertSilent()
})

it('keeps what has ended in the history: how soon it was answered, rule by rule and one by one, also on a phone', async () => {
  for (let from = 0; from < 10_000; from += 1000) await post(from, -1000)
  await using opened = await visit('/alerts?tab=history')
  const { page } = opened
  const past = page.getByRole('table', { name: 'Alerts of the past' })
  await past.getByText('PodRestarts').first().waitFor()
  await page.getByRole('region', { name: 'By severity' }).getByText('critical').first().waitFor()
  await page.getByRole('region', { name: 'By rule' }).getByText('PodRestarts').first().waitFor()
  await past
    .getByText(/^by .* after/)
    .first()
    .waitFor()
  const before = await past.getByRole('row').count()
  await page.getByRole('button', { name: 'Older ones' }).click()
  await page.waitForFunction((count) => document.querySelectorAll('table tr').length > count, before * 1.5)
  expect(await accessibilityFaults(page)).toEqual([])
  await page.getByRole('button', { name: '7 d' }).click()
  await page.getByRole('combobox', { name: 'Severity' }).selectOption('critical')
  await page.waitForURL(/days=7.*severity=critical|severity=critical.*days=7/)
  await past.getByText('pod-1000').waitFor()
  await past.getByText('pod-1001').waitFor({ state: 'detached' })
  await past.getByText('PodRestarts').first().click()
  await page.waitForURL(/\/alerts\/[0-9a-f]{16}/)
  opened.assertSilent()
  await using small = await visit('/alerts?tab=history', phone)
  await small.page.getByRole('table', { name: 'Alerts of the past' }).waitFor()
  expect(await small.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
})
