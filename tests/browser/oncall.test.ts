// On-call, drills and channels on the page of the real server, from an empty configuration to a page that somebody took.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type StandIn, startStandIn, type TempDir, tempDir } from '../counterparts/programs.ts'
import { accessibilityFaults } from './accessible.ts'
import { launchBrowser, type NewPageOptions, phone, type TestBrowser, type TestPage } from './browser.ts'
import { buildPage } from './product.ts'

/** The machine may be busy with other tests. */
const patienceMs = 120_000

let browser: TestBrowser
let server: RunningServer
let dir: TempDir
let receiver: StandIn
let open: TestPage[] = []
/** Whether the receiver refuses what comes to /old. */
let isArchived = true

beforeAll(async () => {
  await buildPage()
  browser = await launchBrowser()
  dir = tempDir()
  receiver = await startStandIn(({ url }) =>
    url.pathname === '/old' && isArchived
      ? { status: 404, body: 'the channel was archived' }
      : { status: 200, body: 'received' },
  )
  dir.write('config/prometheus.yml', 'global: { evaluation_interval: 1s }\n')
  dir.write('config/tidewatch.yml', '{}\n')
  server = await startServer({
    dataDir: join(dir.path, 'data'),
    args: ['--config', join(dir.path, 'config')],
    env: { HOOK_URL: `${receiver.url}/hook` },
    readyTimeoutMs: 120_000,
  })
})
afterAll(async () => {
  await browser?.close()
  await server?.[Symbol.asyncDispose]()
  await receiver?.[Symbol.asyncDispose]()
  dir?.[Symbol.dispose]()
})
afterEach(async () => {
  const done = open
  open = []
  for (const one of done) await one[Symbol.asyncDispose]()
  for (const one of done) one.assertSilent()
})

async function visit(path: string, options: NewPageOptions = {}): Promise<Page> {
  const opened = await browser.newPage({ baseURL: server.url, ...options })
  open.push(opened)
  opened.page.setDefaultTimeout(patienceMs)
  await opened.page.goto(path)
  return opened.page
}

/** As a person does after an edit of tidewatch.yml. */
async function configure(text: string): Promise<void> {
  writeFileSync(join(dir.path, 'config/tidewatch.yml'), text)
  const response = await fetch(`${server.url}/-/reload`, { method: 'POST' })
  expect(`${response.status} ${response.ok ? '' : await response.text()}`).toBe('200 ')
}

/** What the test of a channel, a drill or an alert is told by. */
const eventuallyText = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor()
const region = (page: Page, name: string | RegExp) => page.getByRole('region', { name })
const fits = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)

const onCall = `oncall:
  people:
    - { name: mara, contacts: [{ channel: ops }] }
    - { name: ilya, time_zone: Europe/Berlin, contacts: [{ email: ilya@example.org }, { channel: ops }] }
  schedules:
    - name: backend
      time_zone: Europe/Berlin
      layers:
        - { name: all, people: [mara], starts: 2026-01-05 }
    - name: nights
      time_zone: America/New_York
      layers:
        - { name: dark, people: [ilya], starts: 2026-01-05, only: [{ from: '20:00', to: '08:00' }] }
  policies:
    - name: backend
      repeat: 2
      steps:
        - { notify: [{ schedule: backend }], wait: 5m }
        - { notify: [{ person: ilya }, { channel: ops }], wait: 10m }
drills:
  - { name: phones, at: '10:00', labels: { severity: critical }, acknowledge_within: 10m }
heartbeat: { url: 'HEARTBEAT', interval: 1s }
`
/** The channels of the file; the first is what the page printed. */
let printed = ''
const more = () => `
  - { name: old, kind: webhook, url: '${receiver.url}/old' }
  - { name: mail, kind: email, to: ops@example.org, from: watch@example.org, smarthost: '127.0.0.1:1' }
  - { name: pager, kind: oncall, policy: backend }
`

describe('with an empty configuration', () => {
  it('teaches what to write, and has no faults', async () => {
    const page = await visit('/oncall')
    await page.getByText('Nobody is on call.').waitFor()
    await page.getByText('hand_over: { at:').waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await page.getByRole('tab', { name: 'Drills' }).click()
    await page.getByText('No fire drill is planned').waitFor()
    await page.getByText('Nobody would hear that Tidewatch is gone').waitFor()
  })

  it('prints a channel from a form, which works as pasted', async () => {
    const page = await visit('/rules?tab=channels')
    await page.getByText('there is no channel').waitFor()
    await page.getByLabel(/^Kind/).selectOption({ label: 'Webhook' })
    await page.getByLabel(/^Name/).fill('ops')
    await page.getByLabel(/^URL/).fill('https://example.org/hook')
    await page.getByText('not the secret itself').waitFor()
    await page.getByLabel(/^URL/).fill('HOOK_URL')
    await page.getByText('Paste this into tidewatch.yml').waitFor()
    printed = (await page.locator('.channel-paste pre').textContent()) ?? ''
    expect(printed).toBe('channels:\n  - name: ops\n    kind: webhook\n    url: ${HOOK_URL}\n')
    expect(await accessibilityFaults(page)).toEqual([])
    await configure(`${printed}${more()}${onCall.replace('HEARTBEAT', `${receiver.url}/beat`)}`)
    await page.getByRole('table', { name: 'Channels' }).getByText('ops', { exact: true }).waitFor()
  })
})

describe('with people, schedules and policies', () => {
  it('shows who it is now, whose turn comes, and gaps; by week and month, in two time zones', async () => {
    const page = await visit('/oncall')
    await region(page, 'On call for backend').getByText('mara').waitFor()
    await page
      .getByRole('button', { name: /^mara, Mon .* layer all$/ })
      .first()
      .waitFor()
    await page.getByLabel('Schedule').selectOption('nights')
    await page
      .getByRole('button', { name: /^nobody, .*08:00 to 20:00$/ })
      .first()
      .waitFor()
    expect(new URL(page.url()).searchParams.get('schedule')).toBe('nights')
    await page.getByLabel('Times of').selectOption('My times')
    await page
      .getByRole('button', { name: /^nobody, .*(12|13):00 to .*(00|01):00$/ })
      .first()
      .waitFor()
    await page.getByRole('button', { name: 'Month' }).click()
    await page.getByRole('button', { name: 'Later month' }).click()
    await page
      .getByRole('button', { name: /^ilya, .* layer dark$/ })
      .nth(25)
      .waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
  })

  it('lets somebody stand in, by keyboard alone, and takes it back with Undo', async () => {
    const page = await visit('/oncall?away=1')
    const turn = page.getByRole('button', { name: /^mara, Fri / })
    await turn.focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Somebody stands in' })
    await dialog.getByLabel('Who takes it').focus()
    await page.keyboard.type('ilya')
    await dialog.getByRole('button', { name: 'The weekend' }).focus()
    await page.keyboard.press('Enter')
    await dialog.getByText(/ilya is on call for backend from Sat .* 00:00 to Mon .* 00:00 .* instead of mara/).waitFor()
    await dialog.getByLabel('Note').fill('mara flies home')
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    const row = page.getByRole('table', { name: 'Overrides' }).getByRole('row', { name: /ilya/ })
    await row.getByText('mara flies home').waitFor()
    await row.getByRole('button', { name: /^Change/ }).click()
    await page.getByRole('dialog').getByLabel('Note').fill('mara is ill')
    await page.getByRole('button', { name: 'Save' }).click()
    await row.getByText('mara is ill').waitFor()
    await row.getByRole('button', { name: /^Remove/ }).click()
    await page.getByText('Nobody stands in for anybody').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await row.getByText('mara is ill').waitFor()
  })

  it('picks a span that is drawn over a day', async () => {
    const page = await visit('/oncall?away=1')
    const lane = page.getByRole('listitem', { name: /^Tue / }).locator('.lane-time')
    await page
      .getByRole('button', { name: /^mara, Mon / })
      .first()
      .waitFor()
    const box = (await lane.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
    await page.mouse.move(box.x + box.width * 0.25, box.y + 8)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.4, box.y + 8)
    await page.mouse.move(box.x + box.width * 0.5, box.y + 8)
    await page.mouse.up()
    const dialog = page.getByRole('dialog', { name: 'Somebody stands in' })
    expect(await dialog.getByLabel('From').inputValue()).toMatch(/T06:00$/)
    expect(await dialog.getByLabel('To').inputValue()).toMatch(/T12:00$/)
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByText('Choose who takes it.').waitFor()
  })

  it('tells people by how they are reached, without addresses, and renews the address of a calendar', async () => {
    const page = await visit('/oncall?tab=people')
    const people = page.getByRole('table', { name: 'People' })
    await people.getByRole('row', { name: /ilya/ }).getByText('Email').waitFor()
    expect(await page.content()).not.toContain('ilya@example.org')
    const row = people.getByRole('row', { name: /mara/ })
    await row.getByRole('button', { name: /^Show/ }).click()
    const address = row.locator('code')
    const former = (await address.textContent()) ?? ''
    expect((await fetch(former)).status).toBe(200)
    await row.getByRole('button', { name: /^Renew/ }).click()
    await row.getByRole('button', { name: /^Really renew/ }).click()
    const renewed = await eventually(async () => {
      const now = (await address.textContent()) ?? ''
      if (now === former) throw new Error('still the former address')
      return now
    })
    expect([(await fetch(former)).status === 200, (await fetch(renewed)).status]).toEqual([false, 200])
    expect(await accessibilityFaults(page)).toEqual([])
  })

  it('runs a fire drill that goes the whole way, and shows its escalation until somebody takes it', async () => {
    const page = await visit('/oncall?tab=drills')
    await region(page, 'Heartbeat').getByText('heard', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Run phones now' }).click()
    const runs = region(page, 'Runs of phones')
    await runs.getByText('running').waitFor()
    await runs.getByText(/delivered in/).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await page.getByRole('tab', { name: 'Escalations' }).click()
    await page.getByText('Somebody is being called for 1 group of alerts').waitFor()
    const row = page.getByRole('table', { name: 'Escalations' }).getByRole('row', { name: /FireDrill/ })
    await row.focus()
    await page.keyboard.press('Enter')
    const detail = region(page, /^Escalation of/)
    await detail.getByText('step 1').waitFor()
    await detail.getByText('called').first().waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await detail.getByRole('button', { name: 'Acknowledge' }).click()
    await eventuallyText(page, 'You have it. Nobody else is called.')
    await detail.getByText(/took it|had taken it/).waitFor()
    await page.getByRole('tab', { name: 'Drills' }).click()
    await runs.getByText('passed').waitFor()
    await page.getByRole('table', { name: 'Fire drills' }).getByText('100 %').first().waitFor()
  })

  it('shows what a receiver answers to a test, what was given up, and sends it again once the receiver is well', async () => {
    const page = await visit('/rules?tab=channels')
    const table = page.getByRole('table', { name: 'Channels' })
    await table.getByRole('button', { name: 'Send a test by channels/ops' }).click()
    await table.getByRole('status').getByText('200 received').waitFor()
    await table.getByRole('button', { name: 'Send a test by channels/old' }).click()
    await table.getByRole('status').getByText('404 the channel was archived').waitFor()
    const letters = region(page, 'Given up')
    await letters
      .getByRole('checkbox', { name: /^Choose FireDrill/ })
      .first()
      .waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    isArchived = false
    // that the drill is over is told too, and may have been given up a moment ago
    const none = letters.getByText('No message was given up.')
    await eventually(async () => {
      if (await none.isVisible()) return
      await letters.getByRole('checkbox', { name: /^All/ }).check()
      await letters.getByRole('button', { name: /^Send .* again$/ }).click()
      await none.waitFor({ timeout: 10_000 })
    })
    isArchived = true
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify([{ labels: { alertname: 'Forgettable', severity: 'critical' } }])
    expect((await fetch(`${server.url}/api/v2/alerts`, { method: 'POST', headers, body })).status).toBe(200)
    await letters.getByRole('checkbox', { name: /^Choose Forgettable/ }).check()
    await letters.getByRole('button', { name: 'Drop 1 message' }).click()
    await letters.getByRole('button', { name: 'Really drop 1 message' }).click()
    await page.getByText('1 message forgotten.', { exact: true }).waitFor()
    await letters.getByRole('checkbox', { name: /^Choose Forgettable/ }).waitFor({ state: 'detached' })
    await page.getByLabel('Channel', { exact: true }).selectOption('channels/old')
    await page.getByLabel('Outcome').selectOption('delivered')
    await page.getByRole('table', { name: 'Deliveries' }).getByText('200 received').first().waitFor()
    expect(new URL(page.url()).searchParams.get('outcome')).toBe('delivered')
  })

  it('fits a phone on every tab', async () => {
    for (const path of [
      '/oncall',
      '/oncall?tab=escalations',
      '/oncall?tab=people',
      '/oncall?tab=drills',
      '/rules?tab=channels',
    ]) {
      const page = await visit(path, phone)
      await page.getByRole('region').first().waitFor()
      expect([path, await fits(page)]).toEqual([path, true])
    }
  })
})
