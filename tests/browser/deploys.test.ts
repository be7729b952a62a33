// A deploy on the whole product: it stands in the histogram, leads to what is new since then, and a rule on the new lines is drawn while it is written.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { accessibilityFaults } from './accessible.ts'
import { type LogsPages, startLogsPages } from './logs-page.ts'

let logs: LogsPages
const minuteMs = 60_000

beforeAll(async () => {
  logs = await startLogsPages()
  const nowMs = Date.now()
  const lines = (
    count: number,
    agoMinutes: number,
    line: Readonly<Record<string, string>>,
    what: (i: number) => string,
  ) =>
    Array.from({ length: count }, (_, i) => ({
      ...{
        timestamp: new Date(nowMs - agoMinutes * minuteMs + i * 2000).toISOString(),
        level: 'info',
        service: 'shop',
      },
      ...{ environment: 'live', ...line, message: what(i) },
    }))
  await logs.send([
    ...lines(100, 50, { release: '1.0' }, (i) => `order ${i} took ${i} ms`),
    ...lines(100, 20, { release: '1.1' }, (i) => `order ${i + 500} took ${i * 7} ms`),
    ...lines(40, 18, { release: '1.1', level: 'error' }, (i) => `coupon ${i} cannot be redeemed`),
  ])
})
afterAll(() => logs?.[Symbol.asyncDispose]())
afterEach(() => logs.closeAll())

it('marks deploys in the histogram, and what is new since one', async () => {
  const page = await logs.visit('/logs?range=1h')
  page.setDefaultTimeout(90_000)
  await page.getByRole('button', { name: 'shop 1.1 in live' }).waitFor()
  await expect.poll(() => page.locator('.log-deploy').count()).toBe(2)
  expect(await accessibilityFaults(page)).toEqual([])
  await page.getByRole('button', { name: 'shop 1.1 in live' }).click()
  const table = page.getByRole('table', { name: 'Patterns, the most frequent first' })
  const fresh = table.getByRole('row').filter({ hasText: 'cannot be redeemed' })
  await fresh.getByText('new since shop 1.1 in live').waitFor()
  await expect.poll(() => fresh.getByRole('cell').allTextContents()).toEqual(expect.arrayContaining(['40', '0']))
  const old = table.getByRole('row').filter({ hasText: 'took' })
  expect(await old.textContent()).not.toContain('new since')
  expect(await accessibilityFaults(page)).toEqual([])
  const choice = page.getByRole('combobox', { name: 'New since' })
  expect(await choice.locator('option:checked').textContent()).toContain('shop 1.1 in live')
  await choice.selectOption({ label: 'the range begins' })
  await old.getByText('new', { exact: true }).waitFor()
  await choice.selectOption({ label: 'the last deploy of each service' })
  await fresh.getByText('new since shop 1.1 in live').waitFor()
  await page.getByRole('checkbox', { name: /Only new ones/ }).check()
  await old.waitFor({ state: 'detached' })
})

it.each([
  ['lucene', `logs: { query: 'level:error AND service:shop', more_than: 10 }`],
  ['kql', `logs: { query: 'level: error and message: coupon', language: kql, more_than: 10 }`],
  ['logql', `logs: { query: '{service_name="shop"} |= "coupon"', language: logql, more_than: 10 }`],
])('draws a rule on logs in %s over its past', async (_language, rule) => {
  const page = await logs.visit('/rules?tab=try&range=1h')
  page.setDefaultTimeout(90_000)
  await page.locator('.cm-editor').waitFor()
  await page.getByRole('textbox', { name: 'Rule file' }).focus()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText(`rules:\n  - name: CouponsFail\n    ${rule}\n    window: 1m\n    severity: high\n`)
  await page.getByText('1 rule, nothing wrong').waitFor()
  await page.getByText(/Nothing would fire at the end of this range\. In it alerts fired once/).waitFor()
  await page.getByRole('img', { name: /^CouponsFail, from/ }).waitFor()
})
