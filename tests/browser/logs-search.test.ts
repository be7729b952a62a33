// Searching on the page of the real server: many lines, files of all of them, faults of each language, ways back, and how the first line is sent.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { eventually } from '@tidewatch/testkit/server.ts'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import {
  editor,
  frame,
  type ListeningLogsPages,
  list,
  type Page,
  row,
  search,
  startListeningLogsPages,
} from './logs-page.ts'

const total = 50_000
let logs: ListeningLogsPages

beforeAll(async () => {
  logs = await startListeningLogsPages()
})
afterAll(() => logs?.[Symbol.asyncDispose]())
afterEach(() => logs.closeAll())

const found = (page: Page, text: string | RegExp) => page.getByText(text, { exact: typeof text === 'string' })

it('teaches by lines that work as they were copied', async () => {
  const page = await logs.visit('/logs')
  await page.getByRole('heading', { name: 'No line was sent yet' }).waitFor()
  const copied: string[] = []
  for (const title of ['curl', 'nc', 'Loki push']) {
    await page.getByRole('tab', { name: title }).click()
    copied.push((await page.getByRole('region', { name: 'Send the first lines' }).locator('pre').textContent()) ?? '')
  }
  for (const text of copied) await promisify(execFile)('bash', ['-c', text.replace(' 5000\n', ` ${logs.port}\n`)])
  await row(page, 'hello').nth(1).waitFor()
  await row(page, 'test').waitFor()
})

it('gives 50,000 lines as a file of each kind, whole and in order', { timeout: 400_000 }, async () => {
  const endMs = Date.now()
  for (let from = 0; from < total; from += 5000)
    await logs.send(
      Array.from({ length: 5000 }, (_, i) => ({
        '@timestamp': new Date(endMs - (total - from - i) * 10).toISOString(),
        ...{ service: 'mill', level: (from + i) % 10 === 0 ? 'error' : 'info', order: from + i },
        message: `sack ${from + i}, "ground", of many`,
      })),
    )
  const page = await logs.visit('/logs?tail=off&q=service:mill&cols=order')
  await found(page, '500 of 50,000 lines').waitFor()
  const save = async (format: string): Promise<string> => {
    await page.getByRole('button', { name: 'Export' }).click()
    const download = page.waitForEvent('download')
    await page.getByRole('menuitem', { name: format }).click()
    return await readFile(await (await download).path(), 'utf8')
  }
  // its getters are the prototype's: the object itself would arrive empty
  const heap = () =>
    page.evaluate(() => (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize)
  const before = await heap()
  const orders = Array.from({ length: total }, (_, i) => i)
  const ordersOf = (lines: readonly { readonly attributes: { readonly order: number } }[]) =>
    lines.map(({ attributes }) => attributes.order)
  expect(ordersOf(JSON.parse(await save('JSON, one array')))).toEqual(orders)
  const objects = (await save('NDJSON, an object a line')).trimEnd().split('\n')
  expect(ordersOf(objects.map((text) => JSON.parse(text)))).toEqual(orders)
  const [head, ...rows] = (await save('CSV, the columns of the list')).trimEnd().split('\r\n')
  expect(head).toBe('@timestamp,level,order,message')
  expect(rows).toHaveLength(total)
  expect(rows.at(-1)).toContain('49999,"sack 49999, ""ground"", of many"')
  // 45 MB of files passed by; the page held none of them
  expect((await heap()) - before).toBeLessThan(30 << 20)
})

it('draws a screen of rows of more than 10,000 lines', async () => {
  const page = await logs.visit('/logs?tail=off&q=service:mill')
  await found(page, '500 of 50,000 lines').waitFor()
  const older = page.getByRole('button', { name: 'Older lines' })
  for (let lines = 1500; lines <= 10_500; lines += 1000) {
    await older.click()
    await found(page, `${lines.toLocaleString('en-US')} of 50,000 lines`).waitFor()
  }
  const rows: number[] = []
  for (const share of [0.25, 0.5, 0.75, 1]) {
    await frame(page).evaluate((element, to) => element.scrollTo({ top: element.scrollHeight * to }), share)
    const last = 49_999 - Math.round(10_499 * share)
    if (share === 1) await row(page, `sack ${last},`).waitFor()
    rows.push(await list(page).getByRole('row').count())
  }
  expect(Math.max(...rows)).toBeLessThan(120)
  expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(2000)
})

it.each([
  ['kql', 'level: (error or', /^Column \d+/],
  ['lucene', 'level:[1 TO', /^Column \d+/],
  ['logql', '{service_name="mill"} |= ', /^Column \d+/],
] as const)('marks a fault of %s in its place, and keeps what stands', async (language, query, place) => {
  const page = await logs.visit(`/logs?tail=off&range=1h&lang=${language}`)
  await row(page, 'sack 49999').waitFor()
  await search(page, query)
  await page.getByRole('alert').filter({ hasText: place }).waitFor()
  await page.locator('.cm-lintRange-error, .cm-lintPoint-error').first().waitFor({ state: 'attached' })
  expect(await row(page, 'sack 49999').count()).toBe(1)
})

it('filters by a click on a value, against it with Alt, and goes back and forth by the browser', async () => {
  const page = await logs.visit('/logs?tail=off&range=1h&q=service:mill')
  const value = page.getByRole('complementary', { name: 'Fields' }).getByRole('button', { name: /^error/ })
  await value.click()
  await found(page, '500 of 5,000 lines').waitFor()
  await page.goBack()
  await found(page, '500 of 50,000 lines').waitFor()
  await value.click({ modifiers: ['Alt'] })
  await found(page, '500 of 45,000 lines').waitFor()
  const kept = await editor(page).textContent()
  await page.goBack()
  await found(page, '500 of 50,000 lines').waitFor()
  await page.goForward()
  await found(page, '500 of 45,000 lines').waitFor()
  expect(await editor(page).textContent()).toBe(kept)
})

it('moves and removes columns, which a second person sees by the link', async () => {
  const page = await logs.visit('/logs?tail=off&range=1h&q=service:mill&cols=service,order')
  const titles = (on: Page) => list(on).getByRole('columnheader').allTextContents()
  await row(page, 'sack 49999').waitFor()
  await page.getByRole('button', { name: 'Columns', exact: true }).click()
  await page.getByRole('button', { name: 'Move order to the left' }).press('Enter')
  await eventually(async () => expect(await titles(page)).toEqual(['time', 'level', 'order', 'service', 'message']))
  await page.getByRole('button', { name: 'Take the column service away' }).press('Enter')
  await eventually(async () => expect(await titles(page)).toEqual(['time', 'level', 'order', 'message']))
  const other = await logs.visit(page.url())
  await row(other, 'sack 49999').waitFor()
  expect(await titles(other)).toEqual(['time', 'level', 'order', 'message'])
})

it('is found by the palette: its parts, and any text within a day of lines', async () => {
  const page = await logs.visit('/')
  // before the page is drawn nobody hears its keys
  await page.getByRole('heading', { name: 'Now', level: 1 }).waitFor()
  const ask = async (text: string) => {
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Search pages, actions and metrics' }).fill(text)
  }
  await ask('logstash')
  await page.getByRole('option', { name: 'Logs: try a pipeline' }).waitFor()
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/logs\?.*tab=pipelines/)
  await ask('sack 49999')
  await page.getByRole('option', { name: /find in logs of a day/ }).click()
  await page.waitForURL(/range=1d/)
  await row(page, 'sack 49999').waitFor()
})

it('shows times in the zone that was chosen', async () => {
  const page = await logs.visit('/logs?tail=off&range=1h&q=order:49999', { timezoneId: 'Asia/Kolkata' })
  const time = () => row(page, 'sack 49999').getByRole('cell').first().textContent()
  await row(page, 'sack 49999').waitFor()
  const local = await time()
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: 'Search pages, actions and metrics' }).fill('times in UTC')
  await page.keyboard.press('Enter')
  await eventually(async () => expect(await time()).not.toBe(local))
  expect((await time())?.slice(-9)).toMatch(/^:\d\d\.\d{3}$|^\d\d:\d\d\.\d{3}$/)
})

it('tells why nothing is there: no line fits, or the time is before all that is kept', async () => {
  const page = await logs.visit('/logs?tail=off&q=service:nobody')
  await page.getByText('No line of this time fits the query.').waitFor()
  await page.getByRole('button', { name: 'All lines of this time' }).click()
  await row(page, 'sack 49999').waitFor()
  await page.goto('/logs?from=2020-01-01T00:00:00.000Z&to=2020-01-02T00:00:00.000Z')
  await page.getByText(/^Lines are kept since .*: this time is before it\./).waitFor()
  await page.getByRole('button', { name: 'All that is kept' }).click()
  await row(page, 'sack 49999').waitFor()
})

/** Stands between the page and the server: of a search it gives the first piece, half of the way, and then nothing until the page lets go. */
async function startSlowSearches(stack: AsyncDisposableStack) {
  const letGo = Promise.withResolvers<void>()
  const answerHalf = async (path: string, answer: ServerResponse): Promise<void> => {
    const answered = await fetch(`${logs.server.url}${path}`)
    const [piece = ''] = (await answered.text()).split('\n')
    const { searchParams } = new URL(path, logs.server.url)
    const middleMs = (Number(searchParams.get('fromMs')) + Number(searchParams.get('toMs'))) / 2
    const half = { ...JSON.parse(piece), searchedToNs: `${Math.round(middleMs)}000000`, rowsRead: 345_678 }
    answer.on('close', () => letGo.resolve())
    answer.writeHead(200, { 'content-type': 'application/x-ndjson' }).write(`${JSON.stringify(half)}\n`)
  }
  const slow = createServer((request, answer) => {
    answerHalf(request.url ?? '', answer).catch((error: unknown) =>
      answer.destroy(error instanceof Error ? error : undefined),
    )
  })
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve))
  stack.defer(() => {
    slow.closeAllConnections()
    slow.close()
  })
  return { port: String((slow.address() as AddressInfo).port), letGo: letGo.promise }
}

it('shows how far a long search is, and ends it where the person cancels', async () => {
  await using stack = new AsyncDisposableStack()
  const slow = await startSlowSearches(stack)
  const page = await logs.visit('/logs?tail=off&range=1h&q=order:49999')
  await found(page, '1 line').waitFor()
  const searches = (url: URL) => url.pathname === '/api/tidewatch/v1/logs/search'
  await page.route(searches, (route) => {
    const url = new URL(route.request().url())
    url.port = slow.port
    return route.continue({ url: url.href })
  })
  await search(page, 'service:mill')
  const progress = page.getByRole('progressbar', { name: 'How far the search is' })
  await found(page, /, 345,678 rows read$/).waitFor({ timeout: 20_000 })
  await eventually(async () => expect(Number(await progress.getAttribute('value'))).toBeCloseTo(0.5, 1))
  // what was found already can be read meanwhile
  await row(page, 'sack 49999').waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await found(page, /^newest first, cancelled/).waitFor()
  await slow.letGo
  expect(await progress.count()).toBe(0)
  expect(await row(page, 'sack 49999').count()).toBe(1)
  await page.unroute(searches)
  await page.getByRole('button', { name: 'Search', exact: true }).click()
  await found(page, '500 of 50,000 lines').waitFor()
})
