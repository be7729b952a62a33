// The cardinality page against a stand-in server: full, empty, failing, by keyboard and on a phone.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type FakeApi, startFakeApi } from '@tidewatch/testkit/fake-api.ts'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { accessibilityFaults } from './accessible.ts'
import { launchBrowser, type NewPageOptions, phone, type TestBrowser, type TestPage } from './browser.ts'

const distDir = join(import.meta.dirname, '../../packages/web/dist')

let browser: TestBrowser
let api: FakeApi
let open: TestPage[] = []

beforeAll(async () => {
  if (!existsSync(join(distDir, 'index.html'))) throw new Error('The page is not built. Run: npm run build')
  browser = await launchBrowser()
})
afterAll(() => browser?.close())
beforeEach(async () => {
  api = await startFakeApi({ distDir })
})
afterEach(async () => {
  for (const one of open) one.assertSilent()
  for (const one of open) await one[Symbol.asyncDispose]()
  open = []
  await api.close()
})

async function visit(path: string, options: NewPageOptions = {}) {
  const opened = await browser.newPage({ baseURL: api.url, ...options })
  open.push(opened)
  await opened.page.goto(path)
  return opened.page
}

it('is found in the rail, and shows what has the most series, values and churn', async () => {
  const page = await visit('/')
  await page.getByRole('link', { name: 'Cardinality' }).click()
  await page.getByText('48,210 series in memory').waitFor()
  await page.getByRole('table', { name: 'Metrics by series' }).getByText('18,400').waitFor()
  await page.getByRole('list', { name: 'New series by hour' }).waitFor()
  const jobs = page.getByRole('table', { name: 'Series by job' })
  await jobs.getByRole('row', { name: /api/ }).getByText('Near').waitFor()
  await jobs
    .getByRole('row', { name: /lambda/ })
    .getByText('pushed')
    .waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
})

it('copies the rule of a proposal', async () => {
  const page = await visit('/cardinality', { permissions: ['clipboard-read', 'clipboard-write'] })
  await page.getByText('17,300 series less').waitFor()
  await page.getByRole('button', { name: 'Copy the rule' }).first().click()
  await page.getByText('Copied').waitFor()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('action: labeldrop')
})

it('opens the values of a label by keyboard, keeps them in the address, and closes them', async () => {
  const page = await visit('/cardinality')
  const row = page.getByRole('table', { name: 'Labels by values' }).getByRole('row', { name: /^pod / })
  await row.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('table', { name: 'Values of pod' }).getByText('pod-39').waitFor()
  expect(new URL(page.url()).searchParams.get('label')).toBe('pod')
  await page.getByText('40 of 480').waitFor()
  await page.getByRole('button', { name: 'Close' }).click()
  await page.getByRole('table', { name: 'Values of pod' }).waitFor({ state: 'detached' })
})

it('teaches what a series is where there is none', async () => {
  api.state.empty = true
  const page = await visit('/cardinality')
  await page.getByText('There is no series yet').waitFor()
  expect(await accessibilityFaults(page)).toEqual([])
})

it('says what is wrong and tries again', async () => {
  api.state.failing.set('/api/tidewatch/v1/cardinality', 503)
  const page = await visit('/cardinality', { expected: [/status of 503/] })
  await page.getByText('The store does not answer').waitFor()
  api.state.failing.clear()
  await page.getByRole('button', { name: 'Try again' }).click()
  await page.getByText('48,210 series in memory').waitFor()
})

it('fits a phone', async () => {
  const page = await visit('/cardinality', phone)
  await page.getByText('17,300 series less').waitFor()
  const width = await page.evaluate(() => document.documentElement.scrollWidth)
  expect(width).toBeLessThanOrEqual(390)
})
