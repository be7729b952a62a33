// What a person does on the page of the real server: from the first sign-in link to an alert and back.
import { eventually } from '@tidewatch/testkit/server.ts'
import { series, snappyBlock } from '@tidewatch/testkit/write-request.ts'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { accessibilityFaults } from './accessible.ts'
import { launchBrowser, type NewPageOptions, phone, type TestBrowser, type TestPage } from './browser.ts'
import { startWatched, type WatchedProduct } from './product.ts'

const password = 'four plain words here'
/** The machine may be busy with other tests; whoever waits for less waits for a condition of the page's own. */
const patienceMs = 120_000

let browser: TestBrowser
let product: WatchedProduct
let readyAtMs: number
let signedIn: NonNullable<BrowserContextOptions['storageState']>
let open: TestPage[] = []

beforeAll(async () => {
  browser = await launchBrowser()
  product = await startWatched()
  readyAtMs = Date.now()
})
afterAll(async () => {
  await browser?.close()
  await product?.[Symbol.asyncDispose]()
})
afterEach(async () => {
  const done = open
  open = []
  for (const one of done) await one[Symbol.asyncDispose]()
  for (const one of done) one.assertSilent()
})

/** Opens a page of the product, signed in unless the options say otherwise. */
async function visit(path: string, options: NewPageOptions = {}): Promise<Page> {
  const { url } = product.server()
  const opened = await browser.newPage({ baseURL: url, storageState: signedIn, ...options })
  open.push(opened)
  opened.page.setDefaultTimeout(patienceMs)
  await opened.page.goto(path)
  return opened.page
}
const nobody = { storageState: { cookies: [], origins: [] } }
/** The browser itself writes a line for every answer of 400 and more. */
const failedLoad = (status: number) => new RegExp(`status of ${status}`)
const heading = (page: Page, name: string) => page.getByRole('heading', { name, level: 1 })
const nowBar = (page: Page) => page.getByRole('complementary', { name: 'What is on fire' })

describe('the first start', () => {
  it('leads from the printed link to the overview and takes the token out of the address', async () => {
    const page = await visit(product.server().signInLink ?? 'no link was printed', nobody)
    await heading(page, 'Now').waitFor()
    expect(page.url()).toBe(`${product.server().url}/`)
    signedIn = await page.context().storageState()
  })

  it('shows live charts of this machine within 60 s, which move by themselves', async () => {
    const page = await visit('/?range=5m')
    const cards = ['Processor', 'Memory', 'Load', 'Disk traffic']
    for (const card of cards) await page.getByRole('img', { name: new RegExp(`^${card}, from .* between`) }).waitFor()
    expect(Date.now() - readyAtMs).toBeLessThan(60_000)
    const newestSample = async (): Promise<number> => {
      const answer = await page.waitForResponse(
        (response) => response.url().includes('/query_range') && response.url().includes('node_load1'),
      )
      const { data } = await answer.json()
      return data.result[0].values.at(-1)[0]
    }
    // what is asked at first ends now; what the chart says of its values is what a person sees move
    const drawn = () =>
      Promise.all(
        cards.map(async (card) =>
          (await page.getByRole('img', { name: `${card}, from` }).getAttribute('aria-label'))?.replace(/^.*UTC: /, ''),
        ),
      )
    const [firstMs, firstDrawn] = [await newestSample(), (await drawn()).join()]
    await expect.poll(newestSample, { timeout: patienceMs }).toBeGreaterThan(firstMs)
    await expect.poll(async () => (await drawn()).join(), { timeout: patienceMs }).not.toBe(firstDrawn)
  })

  it('lets the administrator set a password', async () => {
    const page = await visit('/settings')
    await page.getByLabel('New password').fill('too short')
    expect(await page.getByRole('button', { name: 'Set password' }).isDisabled()).toBe(true)
    await page.getByLabel('New password').fill(password)
    await page.getByRole('button', { name: 'Set password' }).click()
    await page.getByText('Password set. You can sign in with it from now on.', { exact: true }).waitFor()
    await page.getByRole('heading', { name: 'Change password' }).waitFor()
  })

  it('refuses the link a second time, and leads to name and password', async () => {
    const page = await visit(product.server().signInLink ?? '', {
      ...nobody,
      expected: [failedLoad(401), failedLoad(403), failedLoad(410)],
    })
    await page.getByText(/sign-in link was used already/i).waitFor()
    await page.getByRole('button', { name: 'Use name and password' }).click()
    await page.getByLabel('Name').fill('admin')
    await page.getByLabel('Password').fill('not the password')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText(/the name or the password is wrong/i).waitFor()
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await heading(page, 'Now').waitFor()
    await page.getByRole('button', { name: 'admin, Administrator: account and theme' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByLabel('Password').waitFor()
    await page.goto('/rules')
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    expect(await heading(page, 'Rules').count()).toBe(0)
  })
})

describe('a target that fails', () => {
  it('is seen down with its reason, fires its alert, tells the webhook, and all of it ends again', {
    timeout: 170_000,
  }, async () => {
    const sources = await visit('/sources')
    const row = sources.getByRole('table', { name: 'Targets', exact: true }).getByRole('row', { name: /shop/ })
    await row.getByText('Up', { exact: true }).waitFor()
    const rules = await visit('/rules')
    const rule = rules.getByRole('region', { name: 'Group shop' }).getByRole('row', { name: /ShopDown/ })
    await rule.getByText('up{job="shop"} == 0').waitFor()
    await rule.getByText('Quiet').waitFor()
    const alerts = await visit('/alerts')
    await alerts.getByText('No rule fires or is about to.').waitFor()

    product.health.isBroken = true
    await row.getByText('Down', { exact: true }).waitFor()
    await row.getByText('server returned HTTP status 503', { exact: true }).waitFor()
    const alert = alerts.getByRole('table', { name: 'Alerts' }).getByRole('row', { name: /ShopDown/ })
    await alert.getByText('pending', { exact: true }).last().waitFor()
    await alert.getByText('shop does not answer').waitFor()
    await alert.getByText('critical', { exact: true }).last().waitFor()
    await nowBar(sources).getByText('1 firing').waitFor()
    await nowBar(sources).getByText('ShopDown').waitFor()
    await sources.waitForFunction(() => document.title === '(1) Sources · Tidewatch')
    await rule.getByText('1 firing').waitFor()
    await untilTold('firing')

    product.health.isBroken = false
    await row.getByText('Up', { exact: true }).waitFor()
    await nowBar(sources).getByText('Nothing is on fire.').waitFor()
    await alerts.getByText('No rule fires or is about to.').waitFor()
    await untilTold('resolved')
  })
})

const untilTold = (status: string) =>
  eventually(
    async () => {
      const told = product.webhook.received.map(({ body }) => JSON.parse(body))
      expect(told.filter((payload) => payload.status === status)).toMatchObject([
        { receiver: 'team', alerts: [{ status, labels: { alertname: 'ShopDown', job: 'shop', region: 'eu' } }] },
      ])
    },
    { timeoutMs: patienceMs },
  )

describe('the metrics explorer', () => {
  it('completes a real metric, draws it, and keeps query, view and range over a reload', async () => {
    const page = await visit('/explore')
    const editor = page.getByRole('textbox', { name: 'Query A' })
    await page.locator('.cm-editor').waitFor()
    await editor.click()
    await page.keyboard.type('node_memory_MemAv')
    await page.getByRole('option', { name: /node_memory_MemAvailable_bytes/ }).click()
    await page.keyboard.press('Control+Enter')
    await page.getByRole('img', { name: /^Result, from .* between [\d.]+ [GM]iB/ }).waitFor()
    const legend = page.getByRole('table', { name: 'Legend' })
    await expect.poll(() => legend.getByRole('row').count()).toBe(2)
    await page.getByRole('tab', { name: 'Table' }).click()
    await page
      .getByRole('table', { name: 'Values' })
      .getByText(/node_memory_MemAvailable_bytes\{.*job="host"/)
      .waitFor()
    await page.getByRole('button', { name: /^Time range/ }).click()
    await page.getByRole('button', { name: 'Last 3 h', exact: true }).click()
    await page.reload()
    await page.getByRole('button', { name: 'Time range: Last 3 h' }).waitFor()
    await page
      .getByRole('table', { name: 'Values' })
      .getByText(/node_memory_MemAvailable_bytes/)
      .waitFor()
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toMatchObject({
      q: 'node_memory_MemAvailable_bytes',
      view: 'table',
      range: '3h',
    })
  })

  it('says what is wrong with a query in the words of Prometheus, at its place', async () => {
    const page = await visit('/explore?q=sum(rate(up[5m))', { expected: [failedLoad(400)] })
    const problem = page.getByRole('alert')
    await problem.getByText(/^Column \d+: unexpected/).waitFor()
    expect((await problem.locator('mark').textContent())?.trim()).not.toBe('')
  })

  it('asks again by itself, until Live is off', async () => {
    const page = await visit('/explore?q=shop_scrapes_total&range=5m')
    const last = async () =>
      Number(
        (
          await page
            .getByRole('table', { name: 'Legend' })
            .getByRole('row')
            .nth(1)
            .getByRole('cell')
            .nth(1)
            .textContent()
        )?.replaceAll(',', ''),
      )
    await page.getByRole('table', { name: 'Legend' }).waitFor()
    const before = await last()
    await expect.poll(last, { timeout: patienceMs }).toBeGreaterThan(before)
    await page.clock.install()
    await page.reload()
    await page.getByRole('table', { name: 'Legend' }).waitFor()
    await page.getByRole('button', { name: 'Live' }).click()
    await page.waitForURL(/live=off/)
    await page.waitForLoadState('networkidle')
    let asked = 0
    page.on('request', (request) => {
      if (request.url().includes('/query_range')) asked++
    })
    // a minute of the page's own timers: time for the alerts of the now bar, which do not stand still
    const alerts = page.waitForResponse((response) => response.url().includes('/alerts/summary'))
    await page.clock.runFor(60_000)
    await alerts
    expect(asked).toBe(0)
  })
})

describe('settings', () => {
  it('makes an ingest key that writes, does not read, and ends', async () => {
    const page = await visit('/settings?tab=keys')
    await page.getByText('No key yet.').waitFor()
    await page.getByLabel('Sender').fill('till')
    await page.getByRole('button', { name: 'Make a key' }).click()
    await page.getByText('Key “till” is made.').waitFor()
    const secret = (await page.locator('.secret-once .chip').first().textContent()) ?? ''
    expect(secret).toMatch(/^twi_[0-9a-f]{48}$/)
    expect(await push(secret)).toBe(204)
    expect(await status('/api/v1/query?query=till_total', secret)).toBe(403)

    const explorer = await visit('/explore?q=till_total&view=table')
    await explorer.getByRole('row', { name: /till_total\{place="harbour"\}.*42/ }).waitFor()

    await page.reload()
    await page.getByRole('table', { name: 'Ingest keys' }).waitFor()
    expect(await page.getByText(secret).count()).toBe(0)
    await page.getByRole('button', { name: 'End key till' }).click()
    await page.getByRole('button', { name: 'Really end key till' }).click()
    await page.getByText('No key yet.').waitFor()
    expect(await push(secret)).toBe(401)
    await page.getByRole('tab', { name: 'Audit log' }).click()
    await page.getByRole('row', { name: /till/ }).first().waitFor()
  })

  it('lets a viewer look everywhere and change nothing', async () => {
    const admin = await visit('/settings?tab=users')
    await admin.getByLabel('Name').fill('vera')
    await admin.getByRole('button', { name: 'Add and make a link' }).click()
    const link = (await admin.locator('.secret-once .chip').first().textContent()) ?? ''
    await admin.getByRole('table', { name: 'Users' }).getByRole('row', { name: /vera/ }).waitFor()

    const page = await visit(link, nobody)
    await heading(page, 'Now').waitFor()
    await page.getByRole('img', { name: /^Load, from .* between/ }).waitFor()
    await page.getByRole('button', { name: 'vera, Viewer: account and theme' }).waitFor()
    await page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: 'Sources' }).click()
    await page.getByText('an administrator makes one in Settings').waitFor()
    for (const [tab, words] of [
      ['keys', 'Ingest keys need'],
      ['users', 'Users need'],
      ['audit', 'Audit log need'],
    ] as const) {
      await page.goto(`/settings?tab=${tab}`)
      await page.getByText(`${words} the role Administrator.`).waitFor()
    }
    await page.goto('/settings?tab=tokens')
    await page.getByRole('button', { name: 'Make a token' }).waitFor()
    expect(await page.getByRole('combobox', { name: 'May' }).getByRole('option').count()).toBe(1)
  })
})

async function push(secret: string): Promise<number> {
  const body = Buffer.from(snappyBlock(series({ __name__: 'till_total', place: 'harbour' }, [[Date.now(), 42]])))
  const headers = {
    authorization: `Bearer ${secret}`,
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '0.1.0',
  }
  return (await fetch(`${product.server().url}/api/v1/write`, { method: 'POST', body, headers })).status
}

const status = async (path: string, secret: string): Promise<number> =>
  (await fetch(product.server().url + path, { headers: { authorization: `Bearer ${secret}` } })).status

const everyPage = [
  ['/', 'Now'],
  ['/alerts', 'Alerts'],
  ['/explore', 'Metrics'],
  ['/explore?q=up', 'Metrics'],
  ['/explore?q=up&view=table', 'Metrics'],
  ['/sources', 'Sources'],
  ['/rules', 'Rules'],
  ['/settings', 'Settings'],
  ['/settings?tab=tokens', 'Settings'],
  ['/settings?tab=users', 'Settings'],
  ['/settings?tab=audit', 'Settings'],
] as const

describe('every page', () => {
  it.each([
    ['in light', { colorScheme: 'light' }],
    ['in dark', { colorScheme: 'dark' }],
    ['on a phone', phone],
  ] as const)('%s has names, order, no sideways scroll and a silent console', async (_name, options) => {
    const page = await visit('/', options)
    for (const [path, title] of everyPage) {
      await page.goto(path)
      await heading(page, title).waitFor()
      await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' })
      await page.waitForFunction(() => document.title.includes('Tidewatch'))
      expect({ path, faults: await accessibilityFaults(page) }).toEqual({ path, faults: [] })
      const sideways = () => document.documentElement.scrollWidth - document.documentElement.clientWidth
      expect({ path, sideways: await page.evaluate(sideways) }).toEqual({ path, sideways: 0 })
    }
  })

  it('is reached by keyboard alone', async () => {
    const page = await visit('/')
    await heading(page, 'Now').waitFor()
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the page')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => document.activeElement?.id === 'main')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true)
    for (const [letter, title] of [
      ['a', 'Alerts'],
      ['m', 'Metrics'],
      ['s', 'Sources'],
      ['r', 'Rules'],
      ['e', 'Settings'],
      ['n', 'Now'],
    ] as const) {
      // the explorer's empty editor takes the focus when it is there, and letters are text in it
      if (new URL(page.url()).pathname === '/explore') await page.locator('[role=textbox]:focus').waitFor()
      await page.locator('h1').click()
      await page.keyboard.press('g')
      await page.keyboard.press(letter)
      await heading(page, title).waitFor()
    }
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor({ state: 'detached' })
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: /Search/ }).fill('shop_scr')
    await page.getByRole('option', { name: /shop_scrapes_total/ }).waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/explore\?.*q=shop_scrapes_total/)
  })
})

describe('a server that goes away', () => {
  it('leaves the last data with its age, and comes back without a reload', async () => {
    const page = await visit('/?range=5m', { expected: [/ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_SOCKET|status of 503/] })
    await page.getByRole('img', { name: /^Load, from .* between/ }).waitFor()
    const other = await visit('/sources', { expected: [/ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_SOCKET|status of 503/] })
    await other.getByRole('table', { name: 'Targets', exact: true }).getByText('shop').first().waitFor()
    expect(await product.server().stop()).toBe(0)
    await page
      .getByText(/\d+ (?:s|min) old\./)
      .first()
      .waitFor()
    await page.getByText('Tidewatch does not answer').first().waitFor()
    expect(await page.getByRole('img', { name: /^Load, from/ }).count()).toBe(1)
    await nowBar(other).getByText('The state of alerts is not known.').waitFor()
    await product.startAgain()
    await page
      .getByText(/\d+ (?:s|min) old\./)
      .first()
      .waitFor({ state: 'detached' })
    await page.getByText('Nothing is on fire', { exact: false }).first().waitFor()
    await nowBar(other).getByText('Nothing is on fire.').waitFor()
  })
})
